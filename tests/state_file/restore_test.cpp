// The original's rules for a state that it finds at its start, applied to what a file says.
#include "daemon/state_file/restore.hpp"

#include "daemon/core/apply.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/invariants.hpp"
#include "daemon/core/scheduler.hpp"
#include "tests/state_file/sample.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pueue::state_file {
namespace {

const Now now{{}, {1'800'000'000, 5}, {1, 2, 3}};
const WallTime early = from_rfc3339("2024-07-18T14:55:02Z").value();
const WallTime later = from_rfc3339("2024-07-18T14:55:03Z").value();

std::string at(std::string_view name, std::string_view more = "") {
    return "{\"" + std::string(name) + R"(":{"enqueued_at":"2024-07-18T14:55:02Z",)" +
           R"("start":"2024-07-18T14:55:03Z")" + std::string(more) + "}}";
}

State restored(const std::string& text, State before = {}) {
    const Result<Content> content = sample::decode(text);
    EXPECT_TRUE(content.has_value());
    for (const core::Record& record : import_records(*content, now)) {
        EXPECT_TRUE(core::applicable(before, record));
        core::apply(before, record);
    }
    return before;
}

TaskStatus restored_status(const std::string& status) {
    return restored(sample::file("\"0\":" + sample::task(status))).tasks.at(TaskId{0}).status;
}

GroupStatus status_of(const State& state, std::string_view group) {
    return state.group(group)->status;
}

TEST(Restore, KillsWhatRanAndForgetsEdits) {
    const TaskStatus killed = Done{early, later, now.wall, Killed{}};
    EXPECT_EQ(restored_status(at("Running")), killed);
    EXPECT_EQ(restored_status(at("Paused")), killed);
    EXPECT_EQ(
        restored_status(R"({"Locked":{"previous_status":)" + at("Queued") + "}}"),
        TaskStatus(Stashed{})
    );
}

TEST(Restore, LeavesTheRestAsItWas) {
    EXPECT_EQ(restored_status(at("Queued")), TaskStatus(Queued{early}));
    EXPECT_EQ(
        restored_status(R"({"Stashed":{"enqueue_at":"2024-07-18T14:55:03Z"}})"),
        TaskStatus(Stashed{later})
    );
    EXPECT_EQ(
        restored_status(at("Done", R"(,"end":"2024-07-18T14:55:03Z","result":{"Failed":2})")),
        TaskStatus(Done{early, later, later, Failed{2}})
    );
}

// The file of 4.0.0 that a release of the original was tested with has this shape.
TEST(Restore, PausesGroupsInWhichSomethingWaits) {
    const std::string file = sample::file(
        "\"2\":" +
            sample::task(R"({"Stashed":{"enqueue_at":"2024-07-18T14:55:03Z"}})", "downloads") +
            ",\"3\":" + sample::task(at("Running")) + ",\"4\":" + sample::task(at("Queued")) +
            ",\"5\":" + sample::task(at("Queued")) +
            ",\"6\":" + sample::task(at("Queued"), "resetting"),
        R"({"default":{"status":"Running","parallel_tasks":1},)"
        R"("downloads":{"status":"Running","parallel_tasks":1},)"
        R"("resetting":{"status":"Reset","parallel_tasks":2},)"
        R"("stopping":{"status":"Reset","parallel_tasks":2}})"
    );
    const State state = restored(file);
    EXPECT_EQ(status_of(state, "default"), GroupStatus::paused);
    EXPECT_EQ(status_of(state, "downloads"), GroupStatus::running);
    EXPECT_EQ(status_of(state, "resetting"), GroupStatus::paused);
    EXPECT_EQ(status_of(state, "stopping"), GroupStatus::reset);
    EXPECT_EQ(state.group("resetting")->parallel_tasks, 2U);
    EXPECT_EQ(state.next_task_id, TaskId{7});
}

TEST(Restore, MovesTasksOfUnknownGroupsToTheDefaultOne) {
    const State state = restored(sample::file("\"0\":" + sample::task(at("Queued"), "gone"), "{}"));
    EXPECT_EQ(state.tasks.at(TaskId{0}).spec->group, "default");
    EXPECT_EQ(*state.group("default"), (Group{GroupStatus::paused, 1}));
    EXPECT_EQ(restored(sample::file("", "{}")).groups.size(), 0U) << "and makes none for nobody";
}

TEST(Restore, ReplacesEverythingAndCountsIdsOn) {
    const State before = restored(sample::file(
        "\"41\":" + sample::task(at("Queued"), "old"),
        R"({"old":{"status":"Paused","parallel_tasks":9}})"
    ));
    const State state = restored(sample::file("\"3\":" + sample::task(at("Queued"))), before);
    EXPECT_EQ(state.tasks.size(), 1U);
    EXPECT_EQ(state.groups.size(), 1U);
    EXPECT_EQ(state.next_task_id, TaskId{42});
}

TEST(Restore, GivesEachTaskARunOfItsOwn) {
    const State state = restored(sample::recorded());
    std::set<RunId> runs;
    for (const auto& [id, task] : state.tasks) {
        EXPECT_TRUE(runs.insert(task.run).second) << id.value;
    }
    EXPECT_EQ(runs.size(), 13U);
}

// A file may say what no daemon ever did: the rules have to bear it.
TEST(Restore, GivesTheSchedulerNothingItCannotBear) {
    const auto depending_on = [](const std::string& ids) {
        std::string task = sample::task(at("Queued"));
        task.replace(task.find("[]"), 2, "[" + ids + "]");
        return task;
    };
    const std::string file = sample::file(
        "\"0\":" + depending_on("0") + ",\"1\":" + depending_on("2") +
        ",\"2\":" + depending_on("1,99") + ",\"3\":" + depending_on("4") +
        ",\"4\":" + sample::task(at("Done", R"(,"end":"2024-07-18T14:55:03Z","result":"Errored")"))
    );
    core::Scheduler scheduler(restored(file), {});
    const core::KeeperReport report{KeeperId{{7}}, {}, {}, false};
    static_cast<void>(scheduler.step(report, now));
    EXPECT_EQ(core::broken_invariants(scheduler, now.wall), std::vector<std::string>());
    EXPECT_EQ(status_of(scheduler.state(), "default"), GroupStatus::paused);
}

}  // namespace
}  // namespace pueue::state_file
