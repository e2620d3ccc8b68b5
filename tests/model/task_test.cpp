#include "protocol/model/task.hpp"

#include "protocol/model/state.hpp"

#include <gtest/gtest.h>

namespace pueue {

namespace {

constexpr WallTime some_time{1'700'000'000, 5};

Task task_with(TaskStatus status) {
    Task task;
    task.spec = std::make_shared<const TaskSpec>();
    task.status = std::move(status);
    return task;
}

Task done_with(TaskResult result) {
    return task_with(Done{some_time, some_time, some_time, std::move(result)});
}

TEST(Task, PredicatesMeanWhatUpstreamMeans) {
    const auto locked = std::make_shared<const TaskStatus>(Queued{some_time});
    const struct {
        Task task;
        bool has_process, is_queued, is_done, has_succeeded, has_failed;
    } rows[] = {
        {task_with(Locked{locked}), false, false, false, false, false},
        {task_with(Stashed{std::nullopt}), false, false, false, false, false},
        {task_with(Stashed{some_time}), false, true, false, false, false},
        {task_with(Queued{some_time}), false, true, false, false, false},
        {task_with(Running{some_time, some_time}), true, false, false, false, false},
        {task_with(Paused{some_time, some_time}), true, false, false, false, false},
        {done_with(Success{}), false, false, true, true, false},
        {done_with(Failed{1}), false, false, true, false, true},
        {done_with(FailedToSpawn{"why"}), false, false, true, false, true},
        {done_with(Killed{}), false, false, true, false, true},
        {done_with(Errored{}), false, false, true, false, true},
        {done_with(DependencyFailed{}), false, false, true, false, true},
    };
    for (const auto& row : rows) {
        const std::string where = std::to_string(&row - rows);
        EXPECT_EQ(has_process(row.task), row.has_process) << where;
        EXPECT_EQ(is_queued(row.task), row.is_queued) << where;
        EXPECT_EQ(is_done(row.task), row.is_done) << where;
        EXPECT_EQ(has_succeeded(row.task), row.has_succeeded) << where;
        EXPECT_EQ(has_failed(row.task), row.has_failed) << where;
    }
}

TEST(Task, TheLiveAttemptsWorkerIsTheVisibleOne) {
    Task task = task_with(Queued{some_time});
    EXPECT_EQ(visible_worker(task), std::nullopt);
    task.worker = WorkerId{1};
    EXPECT_EQ(visible_worker(task), WorkerId{1});
    task.attempt = Attempt{WorkerId{2}, KeeperId{}};
    EXPECT_EQ(visible_worker(task), WorkerId{2});
}

TEST(Task, EqualityLooksAtContents) {
    Task one = task_with(Locked{std::make_shared<const TaskStatus>(Queued{some_time})});
    Task other = task_with(Locked{std::make_shared<const TaskStatus>(Queued{some_time})});
    EXPECT_EQ(one, other);
    other.status = Locked{std::make_shared<const TaskStatus>(Stashed{})};
    EXPECT_NE(one, other);

    TaskSpec spec;
    spec.environment = Environment::of({{"A", "1"}});
    TaskSpec same = spec;
    same.environment = Environment::of({{"A", "1"}});
    EXPECT_EQ(spec, same);
    same.environment = Environment::of({{"A", "2"}});
    EXPECT_NE(spec, same);
    same.environment = nullptr;
    EXPECT_NE(spec, same);
}

TEST(State, FindsTasksAndGroups) {
    State state;
    state.tasks.emplace(TaskId{3}, task_with(Queued{some_time}));
    state.groups.emplace("gpu", Group{GroupStatus::paused, 2});
    EXPECT_EQ(state.task(TaskId{3}), &state.tasks.at(TaskId{3}));
    EXPECT_EQ(state.task(TaskId{4}), nullptr);
    ASSERT_NE(state.group("gpu"), nullptr);
    EXPECT_EQ(state.group("gpu")->parallel_tasks, 2U);
    EXPECT_EQ(state.group("GPU"), nullptr);
}

}  // namespace

}  // namespace pueue
