#include "protocol/wire/codec.hpp"

#include "protocol/wire/cbor.hpp"
#include "tests/support/in_zone.hpp"
#include "tests/wire/golden.hpp"
#include "tests/wire/show_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pueue::wire {

namespace {

using support::InZone;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TaskSpec some_spec() {
    TaskSpec spec;
    spec.original_command = "ll";
    spec.command = "ls -l";
    spec.path = "/tmp";
    spec.environment = Environment::of({{"HOME", "/root"}});
    spec.group = "gpu";
    return spec;
}

Task some_task(std::uint64_t id, TaskSpec spec = some_spec()) {
    Task task;
    task.id = TaskId{id};
    task.created_at = {1'700'000'000, 0};
    task.spec = std::make_shared<const TaskSpec>(std::move(spec));
    task.status = Queued{{1'700'000'000, 0}};
    return task;
}

State state_of(std::vector<Task> tasks) {
    State state;
    state.groups.emplace(default_group, Group());
    for (Task& task : tasks) {
        const TaskId id = task.id;
        state.tasks.emplace(id, std::move(task));
    }
    return state;
}

State decoded_status(const Bytes& payload) {
    return std::get<StatusResponse>(decode_response(payload).value()).state;
}

std::vector<Environment::Variable> shown_environment(const Task& task) {
    static State kept;  // the views live as long as this
    kept = decoded_status(encode_status_response(state_of({task})));
    return kept.task(task.id)->spec->environment->variables();
}

TEST(StatusEncoder, ShowsTheWorkerOfATaskThatHadAProcess) {
    Task task = some_task(1);
    task.worker = WorkerId{12};
    EXPECT_THAT(
        shown_environment(task),
        ElementsAre(
            Pair("HOME", "/root"), Pair("PUEUE_GROUP", "gpu"), Pair("PUEUE_WORKER_ID", "12")
        )
    );
    task.attempt = Attempt{WorkerId{3}, KeeperId{}};
    EXPECT_THAT(
        shown_environment(task),
        ElementsAre(Pair("HOME", "/root"), Pair("PUEUE_GROUP", "gpu"), Pair("PUEUE_WORKER_ID", "3"))
    );
}

TEST(StatusEncoder, ShowsWhatWasSubmittedAsLongAsThereWasNoProcess) {
    TaskSpec spec = some_spec();
    spec.environment = Environment::of({{"PUEUE_WORKER_ID", "7"}, {"A", "b"}});
    EXPECT_THAT(
        shown_environment(some_task(1, spec)),
        ElementsAre(Pair("A", "b"), Pair("PUEUE_WORKER_ID", "7"))
    );
}

TEST(StatusEncoder, ReplacesVariablesOfTheSameNames) {
    TaskSpec spec = some_spec();
    const std::vector<std::vector<Environment::Variable>> submitted = {
        {},
        {{"PUEUE_GROUP", "old"}},
        {{"PUEUE_WORKER_ID", "old"}},
        {{"PUEUE_GROUP", "old"}, {"PUEUE_WORKER_ID", "old"}},
        {{"PUEUE_GROUP", "old"}, {"PUEUE_HOME", "between"}, {"PUEUE_WORKER_ID", "old"}},
        {{"A", "1"}, {"PUEUE_GROUP", "old"}, {"PUEUE_WORKER_ID", "old"}, {"Z", "2"}},
    };
    for (const auto& variables : submitted) {
        spec.environment = Environment::of(variables);
        Task task = some_task(1, spec);
        task.worker = WorkerId{0};
        const EnvironmentPtr expected =
            spec.environment->with("PUEUE_GROUP", "gpu")->with("PUEUE_WORKER_ID", "0");
        EXPECT_EQ(shown_environment(task), expected->variables());
    }
}

TEST(StatusEncoder, KeepsEnvironmentsOfNeighboursApart) {
    TaskSpec other = some_spec();
    other.environment = Environment::of({{"PUEUE_GROUP", "x"}, {"OTHER", "1"}});
    std::vector<Task> tasks = {
        some_task(0), some_task(1, other), some_task(2), some_task(3, other)};
    for (Task& task : tasks) {
        task.worker = WorkerId{task.id.value};
    }
    const State state = decoded_status(encode_status_response(state_of(tasks)));
    for (const auto& [id, task] : state.tasks) {
        EXPECT_EQ(task.spec->environment->contains("OTHER"), id.value % 2 == 1) << id.value;
        EXPECT_THAT(
            task.spec->environment->variables(),
            testing::Contains(Pair("PUEUE_WORKER_ID", std::to_string(id.value)))
        );
    }
}

TEST(StatusEncoder, MakesWhatTheGeneralEncoderMakes) {
    const InZone zone("UTC");
    for (const char* file : {"004-d2c-Status.hex", "196-d2c-Status.hex", "226-d2c-Status.hex"}) {
        const Bytes payload = golden::payload(file);
        const InZone recorded(golden::zone_of(payload));
        const Response response = decode_response(payload).value();
        EXPECT_EQ(
            encode_status_response(std::get<StatusResponse>(response).state),
            encode_response(response)
        ) << file;
    }
}

TEST(StatusDecoder, LeavesOutWhatOnlyDaemonsKnow) {
    Task task = some_task(5);
    task.worker = WorkerId{1};
    task.attempts = AttemptNumber{2};
    task.run.value[0] = 1;
    const State state = decoded_status(encode_status_response(state_of({task})));
    const Task& decoded = state.tasks.at(TaskId{5});
    EXPECT_EQ(decoded.worker, std::nullopt);
    EXPECT_EQ(decoded.attempts, AttemptNumber{});
    EXPECT_EQ(decoded.run, RunId{});
    EXPECT_EQ(decoded.spec->original_command, "ll");
    EXPECT_EQ(decoded.spec->command, "ls -l");
}

TEST(StatusDecoder, SharesEqualEnvironments) {
    std::vector<Task> tasks;
    for (std::uint64_t id = 0; id < 40; ++id) {
        TaskSpec spec = some_spec();
        // More different ones than the decoder remembers by their bytes.
        const std::string value = std::to_string(id % 20);
        spec.environment = Environment::of({{"N", value}});
        tasks.push_back(some_task(id, spec));
    }
    const State state = decoded_status(encode_status_response(state_of(tasks)));
    for (std::uint64_t id = 0; id < 20; ++id) {
        const EnvironmentPtr& first = state.tasks.at(TaskId{id}).spec->environment;
        const EnvironmentPtr& second = state.tasks.at(TaskId{id + 20}).spec->environment;
        EXPECT_EQ(first, second) << id;
        EXPECT_THAT(first->variables(), ElementsAre(Pair("N", std::to_string(id))));
    }
}

TEST(RequestDecoder, InternsTheEnvironmentOfAnAdd) {
    AddRequest add;
    add.command = "true";
    add.envs = Environment::of({{"B", "2"}, {"A", "1"}});
    const Bytes payload = encode_request(add);
    EnvironmentPool pool;
    const Request first = decode_request(payload, &pool).value();
    const Request second = decode_request(payload, &pool).value();
    EXPECT_EQ(std::get<AddRequest>(first).envs, std::get<AddRequest>(second).envs);
    EXPECT_EQ(*std::get<AddRequest>(first).envs, *add.envs);
}

TEST(Extensions, TravelOnlyIfThereIsSomethingInThem) {
    AddRequest add;
    add.envs = Environment::empty();
    EXPECT_EQ(encode_request(add).find("ext"), Bytes::npos);
    add.ext.emplace().copy_of = TaskId{7};
    add.ext->on_reject = "fail";
    EXPECT_EQ(decode_request(encode_request(add)).value(), Request(add));

    const StartRequest start{AllTasks(), StartExtension{true}};
    EXPECT_EQ(decode_request(encode_request(start)).value(), Request(start));

    const AddedTaskResponse added{
        TaskId{3}, std::nullopt, true, AddedTaskExtension{"existing", "because"}};
    const Response decoded = decode_response(encode_response(added)).value();
    EXPECT_EQ(std::get<AddedTaskResponse>(decoded), added);
}

TEST(RequestDecoder, LetsTheLastOfTwoEqualVariablesWin) {
    Bytes payload = encode_request(AddRequest());
    const Bytes empty = golden::unhex("64656e7673a0");
    const std::size_t at = payload.find(empty);
    ASSERT_NE(at, Bytes::npos);
    payload.replace(
        at,
        empty.size(),
        golden::unhex("64656e7673a2"
                      "61416131"
                      "61416132")
    );
    const Request request = decode_request(payload).value();
    EXPECT_THAT(std::get<AddRequest>(request).envs->variables(), ElementsAre(Pair("A", "2")));
}

TEST(RequestDecoder, TellsBrokenBytesFromUnknownRequests) {
    const Decoded<Request> broken = decode_request("\xff");
    ASSERT_TRUE(broken.has_error());
    EXPECT_EQ(
        broken.error(),
        (DecodeError{false, "Semantic(None, \"invalid type: break, expected enum\")"})
    );
    const Decoded<Request> unknown = decode_request(
        "\x63"
        "Foo"
    );
    ASSERT_TRUE(unknown.has_error());
    EXPECT_TRUE(unknown.error().is_well_formed);
}

TEST(RequestDecoder, CallsTooDeepNestingBroken) {
    Bytes deep = golden::unhex(
        "a165436c65616ea2"
        "6f7375636365737366756c5f6f6e6c79f5"
        "6178"
    );
    deep += Bytes(255, '\x81');
    deep += '\0';
    const Decoded<Request> request = decode_request(deep);
    ASSERT_TRUE(request.has_error());
    EXPECT_EQ(request.error(), (DecodeError{false, "RecursionLimitExceeded"}));
}

TEST(RequestDecoder, ErrorsFitIntoAnyResult) {
    const auto decode = []() -> Result<Request> {
        TRY(Request request, decode_request("\xff"));
        return request;
    };
    const Result<Request> request = decode();
    ASSERT_TRUE(request.has_error());
    EXPECT_EQ(request.error().kind, ErrorKind::invalid);
    EXPECT_THAT(request.error().text, HasSubstr("expected enum"));
}

TEST(LogEncoder, MakesWhatTheGeneralEncoderMakes) {
    const Bytes output = golden::unhex("ff0600001718");
    const Task first = some_task(1);
    const Task second = some_task(300);
    const std::vector<TaskLogView> views = {
        {first, true, ByteView(output)}, {second, false, std::nullopt}};
    LogResponse response;
    response.tasks[TaskId{1}] = {first, true, output};
    response.tasks[TaskId{300}] = {second, false, std::nullopt};
    EXPECT_EQ(encode_log_response(views), encode_response(response));
}

TEST(LogDecoder, TakesOutputAsAByteStringToo) {
    LogResponse response;
    response.tasks[TaskId{0}] = {some_task(0), true, golden::unhex("ff00")};
    Bytes payload = encode_response(response);
    const Bytes as_array = golden::unhex("8218ff00");
    ASSERT_TRUE(payload.ends_with(as_array));
    payload.replace(payload.size() - as_array.size(), as_array.size(), golden::unhex("42ff00"));
    EXPECT_EQ(decode_response(payload).value(), Response(response));
}

TEST(LogDecoder, NeverBelievesALength) {
    LogResponse response;
    response.tasks[TaskId{0}] = {some_task(0), true, Bytes()};
    Bytes payload = encode_response(response);
    ASSERT_TRUE(payload.ends_with('\x80'));
    for (const char* claim : {"9b4000000000000000", "5b4000000000000000"}) {
        const Decoded<Response> decoded =
            decode_response(payload.substr(0, payload.size() - 1) + golden::unhex(claim));
        ASSERT_TRUE(decoded.has_error());
        EXPECT_THAT(decoded.error().text, HasSubstr("failed to fill whole buffer"));
    }
}

TEST(GroupEncoder, MakesWhatTheGeneralEncoderMakes) {
    const std::map<std::string, Group, std::less<>> groups = {
        {"default", {GroupStatus::paused, 1}}, {"gpu", {GroupStatus::reset, 0}}};
    EXPECT_EQ(encode_group_response(groups), encode_response(GroupResponse{groups}));
}

TEST(Codec, CarriesEveryStatusAndResult) {
    const InZone zone("UTC");
    const auto status_of = [](const Bytes& status) {
        LogResponse response;
        response.tasks[TaskId{0}] = {some_task(0), true, std::nullopt};
        Bytes payload = encode_response(response);
        const Bytes queued =
            golden::unhex("a166517565756564a16b656e7175657565645f617474") + "2023-11-14T22:13:20Z";
        const std::size_t at = payload.find(queued);
        EXPECT_NE(at, Bytes::npos);
        payload.replace(at, queued.size(), status);
        const Decoded<Response> decoded = decode_response(payload);
        EXPECT_TRUE(decoded.has_value()) << decoded.error().text;
        EXPECT_EQ(encode_response(*decoded), payload);
        return show_message(*decoded);
    };
    for (const auto& row : golden::table("wire/values.tsv")) {
        const Bytes value = golden::unhex(row.at(1));
        if (row.at(0).starts_with("status.")) {
            EXPECT_THAT(status_of(value), HasSubstr("\"status\": " + row.at(2)));
        } else if (row.at(0).starts_with("result.")) {
            Bytes done;
            Writer out(done);
            out.map(1);
            out.text("Done");
            out.map(4);
            for (const char* field : {"enqueued_at", "start", "end"}) {
                out.text(field);
                out.text("2023-11-14T22:13:20Z");
            }
            out.text("result");
            out.raw(value);
            EXPECT_THAT(status_of(done), HasSubstr("\"result\": " + row.at(2)));
        }
    }
}

}  // namespace

}  // namespace pueue::wire
