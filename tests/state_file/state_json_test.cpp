#include "daemon/state_file/state_json.hpp"

#include "tests/state_file/sample.hpp"
#include "tests/support/in_zone.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace pueue::state_file {
namespace {

constexpr const char* store = "000102030405060708090a0b0c0d0e0f";

Bytes encode_all(const State& state) {
    Bytes text;
    const Result<> written = encode(state, store, [&](ByteView piece) -> Result<> {
        text += piece;
        return {};
    });
    EXPECT_TRUE(written.has_value());
    return text;
}

State state_of(const Content& content) {
    State state;
    state.tasks = content.tasks;
    state.groups = content.groups;
    return state;
}

// The original writes variables in the order of a hash table, another one each time.
std::string with_sorted_variables(std::string text) {
    constexpr std::string_view begins = "\"envs\":{";
    for (std::size_t at = text.find(begins); at != std::string::npos; at = text.find(begins, at)) {
        at += begins.size();
        std::vector<std::string> members;
        const std::size_t end = text.find('}', at);
        for (std::size_t from = at; from < end;) {
            const std::size_t to = std::min(end, text.find(",\"", from));
            members.push_back(text.substr(from, to - from));
            from = to + 1;
        }
        std::sort(members.begin(), members.end());
        std::string sorted;
        for (const std::string& member : members) {
            sorted += (sorted.empty() ? "" : ",") + member;
        }
        text.replace(at, end - at, sorted);
    }
    return text;
}

std::string error_of(const std::string& text) {
    const Result<Content> content = sample::decode(text);
    return content.has_error() ? content.error().text : "no error";
}

TEST(StateJson, WritesTheRecordedFileAsItWas) {
    const support::InZone zone(sample::recorded_zone);
    const Result<Content> content = sample::decode(sample::recorded());
    ASSERT_TRUE(content.has_value()) << content.error().text;
    EXPECT_EQ(content->store, std::nullopt);

    std::string expected = with_sorted_variables(sample::recorded());
    expected.pop_back();
    EXPECT_EQ(encode_all(state_of(*content)), expected + ending(store));
}

TEST(StateJson, ReadsBackWhatItWrote) {
    const Result<Content> content = sample::decode(sample::recorded());
    ASSERT_TRUE(content.has_value());
    const Bytes written = encode_all(state_of(*content));
    const Result<Content> again = sample::decode(written);
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ(state_of(*again), state_of(*content));
    EXPECT_EQ(again->store, store);
    EXPECT_TRUE(written.ends_with(ending(store)));
}

TEST(StateJson, ReadsEveryFieldOfATask) {
    const Content content =
        sample::decode(
            sample::file(
                R"("7":{"status":{"Locked":{"previous_status":{"Queued":{"enqueued_at":"1970-01-01T00:00:01Z"}}}},)"
                R"("label":"l\n","priority":-3,"dependencies":[9,2,9],"group":"g","envs":{"B":"2","A":"1"},)"
                R"("path":"/p","command":"c","original_command":"o","created_at":"1970-01-01T00:00:02Z","id":99})",
                R"({"g":{"parallel_tasks":3,"status":"Reset"}})"
            )
        )
            .value();
    ASSERT_EQ(content.tasks.size(), 1U);
    const Task& task = content.tasks.begin()->second;
    EXPECT_EQ(task.id, TaskId{7}) << "the member's name, not what is inside";
    EXPECT_EQ(task.created_at, (WallTime{2, 0}));
    const auto* locked = task.status.get_if<Locked>();
    ASSERT_NE(locked, nullptr);
    EXPECT_EQ(*locked->previous_status, TaskStatus(Queued{{1, 0}}));
    const TaskSpec expected{
        "o", "c", "/p", Environment::of({{"A", "1"}, {"B", "2"}}), "g", {{2}, {9}}, -3, "l\n"};
    EXPECT_EQ(*task.spec, expected);
    const std::map<std::string, Group, std::less<>> groups{{"g", {GroupStatus::reset, 3}}};
    EXPECT_EQ(content.groups, groups);
}

TEST(StateJson, ToleratesWhatTheOriginalTolerates) {
    std::string without_optional = sample::task(R"({"Stashed":{}})");
    without_optional.erase(without_optional.find(R"("label":null,)"), 13);
    std::string with_unknown = sample::task(R"({"Stashed":{"x":[1],"enqueue_at":null}})");
    with_unknown.insert(1, R"("new":{"a":[null,1.5e3]},)");
    for (const std::string& text :
         {sample::file(""),
          sample::file("\"0\":" + without_optional),
          sample::file("\"0\":" + with_unknown),
          " \n" + sample::file("\"0\" : " + sample::task(R"({"Stashed":{}})")) + "\n",
          std::string(R"({"groups":{},"other":1,"tasks":{}})")}) {
        EXPECT_EQ(error_of(text), "no error") << text;
    }
}

TEST(StateJson, TakesTheLastOfEqualTasks) {
    const Content content = sample::decode(sample::file(
                                               "\"3\":" + sample::task(R"({"Stashed":{}})") +
                                               ",\"3\":" + sample::task(R"({"Stashed":{}})", "g")
                                           ))
                                .value();
    ASSERT_EQ(content.tasks.size(), 1U);
    EXPECT_EQ(content.tasks.begin()->second.spec->group, "g");
}

TEST(StateJson, SaysWhatIsWrongAndWhere) {
    const std::string stashed = R"({"Stashed":{}})";
    const std::string good = sample::task(stashed);
    const auto replaced = [&](const std::string& what, const std::string& by) {
        std::string changed = good;
        changed.replace(changed.find(what), what.size(), by);
        return sample::file("\"0\":" + changed);
    };
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"", "expected an object at byte 0"},
        {"[]", "expected an object at byte 0"},
        {"{}", "missing field `tasks` at byte 2"},
        {R"({"tasks":{}})", "missing field `groups` at byte 12"},
        {R"({"tasks":{},"tasks":{},"groups":{}})", "duplicate field `tasks` at byte 20"},
        {R"({"tasks":[],"groups":{}})", "expected an object at byte 9"},
        {sample::file("") + "x", "trailing characters at byte 73"},
        {"\xef\xbb\xbf" + sample::file(""), "expected an object at byte 0"},
        {"{\"tasks\":{},\"\xff\":1,\"groups\":{}}", "stream did not contain valid UTF-8"},
        {replaced(R"("path":"/",)", ""), "missing field `path`"},
        {replaced(R"("path":"/",)", R"("path":"/","path":"/",)"), "duplicate field `path`"},
        {replaced(R"("path":"/")", R"("path":null)"), "expected a string"},
        {replaced(R"("id":0)", R"("id":-1)"), "expected a number from 0 to"},
        {replaced(R"("priority":0)", R"("priority":2147483648)"), "expected a number from -2147"},
        {replaced(R"({"A":"1"})", R"({"A":1})"), "expected a string"},
        {replaced(R"({"A":"1"})", R"(["A"])"), "expected an object"},
        {replaced(R"("dependencies":[])", R"("dependencies":[-1])"), "expected a number from 0"},
        {replaced("2024-07-18T14:55:02+02:00", "yesterday"), "input contains invalid characters"},
        {replaced(stashed, R"("Running")"), "expected an object"},
        {replaced(stashed, "{}"), "a status without a name"},
        {replaced(stashed, R"({"Resting":{}})"), "unknown status `Resting`"},
        {replaced(stashed, R"({"Stashed":{},"Stashed":{}})"), "a status with two names"},
        {replaced(stashed, R"({"Queued":{}})"), "missing field `enqueued_at`"},
        {replaced(stashed, R"({"Locked":{"previous_status":null}})"), "expected an object"},
        {sample::file("\"01\":" + good), "unknown id of a task: `01`"},
        {sample::file("\"x\":" + good), "unknown id of a task: `x`"},
        {sample::file("\"18446744073709551615\":" + good), "unknown id of a task: `184467440737"},
        {sample::file("", R"({"g":{"status":"Asleep","parallel_tasks":1}})"),
         "unknown status of a group `Asleep`"},
        {sample::file("", R"({"g":{"status":"Paused"}})"), "missing field `parallel_tasks`"},
    };
    for (const auto& [text, error] : wrong) {
        EXPECT_TRUE(error_of(text).starts_with(error)) << text << "\n" << error_of(text);
    }
}

TEST(StateJson, ReadsEveryResultAndNoOther) {
    const auto with_result = [](const std::string& result) {
        return error_of(sample::file(
            "\"0\":" + sample::task(
                           R"({"Done":{"enqueued_at":"2024-07-18T14:55:02Z","start":)"
                           R"("2024-07-18T14:55:02Z","end":"2024-07-18T14:55:02Z","result":)" +
                           result + "}}"
                       )
        ));
    };
    for (const char* good :
         {R"("Success")",
          R"("Killed")",
          R"("Errored")",
          R"("DependencyFailed")",
          R"({"Failed":-1})",
          R"({"FailedToSpawn":"why"})"}) {
        EXPECT_EQ(with_result(good), "no error") << good;
    }
    for (const char* bad :
         {R"("Failed")",
          R"("Lost")",
          R"({"Failed":"1"})",
          R"({"Failed":1,"Failed":1})",
          "{}",
          "null",
          R"({"Success":1})"}) {
        EXPECT_NE(with_result(bad), "no error") << bad;
    }
}

TEST(StateJson, BoundsLocksInsideOfLocks) {
    std::string deep;
    for (int i = 0; i < 1'000'000; ++i) {
        deep += R"({"Locked":{"previous_status":)";
    }
    EXPECT_TRUE(error_of(sample::file("\"0\":" + sample::task(deep)))
                    .starts_with("recursion limit exceeded"));
}

TEST(StateJson, RefusesTheRecordedFileCutAnywhere) {
    const std::string whole = sample::recorded();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(error_of(whole.substr(0, size)), "no error") << size;
    }
}

TEST(StateJson, SharesEqualEnvironments) {
    EnvironmentPool pool;
    const Content content = decode(sample::recorded(), pool).value();
    const auto environment = [&](std::uint64_t id) {
        return content.tasks.at(TaskId{id}).spec->environment;
    };
    EXPECT_EQ(environment(0), environment(1)) << "in another order";
    EXPECT_NE(environment(0), environment(6));
}

TEST(StateJson, WritesInPiecesAndStopsAtAnError) {
    const Content content = sample::decode(sample::recorded()).value();
    State many;
    for (std::uint64_t id = 0; id < 5000; ++id) {
        many.tasks[TaskId{id}] = content.tasks.at(TaskId{0});
    }
    std::size_t pieces = 0;
    std::size_t largest = 0;
    const Result<> written = encode(many, store, [&](ByteView piece) -> Result<> {
        largest = std::max(largest, piece.size());
        return ++pieces < 3 ? Result<>() : Result<>(os_error("write", ENOSPC));
    });
    ASSERT_TRUE(written.has_error());
    EXPECT_EQ(written.error().os_error, ENOSPC);
    EXPECT_EQ(pieces, 3U);
    EXPECT_LT(largest, 300'000U);
}

}  // namespace
}  // namespace pueue::state_file
