// The fold: what each record does to a state, and which records a state refuses.
#include "daemon/core/apply.hpp"

#include "tests/core/scheduler_fixture.hpp"

#include <array>

namespace pueue::core {
namespace {

TaskSpecPtr spec_in(std::string group, std::vector<TaskId> dependencies = {}) {
    TaskSpec spec;
    spec.group = std::move(group);
    spec.environment = Environment::empty();
    spec.dependencies = std::move(dependencies);
    return std::make_shared<const TaskSpec>(std::move(spec));
}

TaskAdded task_added(std::uint64_t number) {
    return {id(number), {}, clock_at(1s), spec_in("default"), false, {}};
}

State fold(std::initializer_list<Record> records) {
    State state;
    core::apply(state, GroupAdded{"default", 1});
    core::apply(state, KeeperAdopted{keeper(1)});
    for (const Record& record : records) {
        core::apply(state, record);
    }
    return state;
}

const Task& first(const State& state) {
    return state.tasks.begin()->second;
}

TEST(Apply, AddsATaskQueuedOrStashedAndCountsIdsUp) {
    TaskAdded later = task_added(3);
    later.stashed = true;
    later.enqueue_at = clock_at(9s);

    const State state = fold({task_added(0), later});

    EXPECT_EQ(state.tasks.at(id(0)).status, TaskStatus(Queued{clock_at(1s)}));
    EXPECT_EQ(state.tasks.at(id(3)).status, TaskStatus(Stashed{clock_at(9s)}));
    EXPECT_EQ(state.next_task_id, id(4));
}

TEST(Apply, ReplacesEverythingByWhatIsImported) {
    const Done done{clock_at(1s), clock_at(2s), clock_at(3s), Failed{2}};
    const State state = fold(
        {task_added(7),
         FullResetSet{true},
         StateReplaced{},
         GroupAdded{"gpu", 2},
         TaskImported{id(3), {}, clock_at(1s), spec_in("gpu"), done}}
    );

    EXPECT_EQ(state.tasks.size(), 1U);
    EXPECT_EQ(first(state).status, TaskStatus(done));
    EXPECT_EQ(first(state).created_at, clock_at(1s));
    EXPECT_EQ(first(state).attempts, AttemptNumber{0});
    EXPECT_EQ(state.groups.size(), 1U);
    EXPECT_EQ(state.next_task_id, id(8));
    EXPECT_EQ(state.keeper, keeper(1));
    EXPECT_FALSE(state.resetting_everything);
}

TEST(Apply, StartsAnAttemptWithTheKeeperOfTheState) {
    const State state = fold({task_added(0), started(0, 1s, 2s, 5)});

    EXPECT_EQ(first(state).status, TaskStatus(Running{clock_at(1s), clock_at(2s)}));
    EXPECT_EQ(first(state).attempt, (Attempt{WorkerId{5}, keeper(1), false}));
    EXPECT_EQ(first(state).attempts, AttemptNumber{1});
}

TEST(Apply, WithdrawsAnAttemptAsIfItHadNotBeen) {
    const State before = fold({task_added(0)});
    State state = before;

    core::apply(state, started(0, 1s, 2s));
    core::apply(state, AttemptWithdrawn{id(0)});

    EXPECT_EQ(state, before);
}

TEST(Apply, KeepsTheTimesOfATaskThroughPauseAndResume) {
    State state = fold({task_added(0), started(0, 1s, 2s), TaskPaused{id(0)}});
    EXPECT_EQ(first(state).status, TaskStatus(Paused{clock_at(1s), clock_at(2s)}));

    core::apply(state, TaskResumed{id(0)});

    EXPECT_EQ(first(state).status, TaskStatus(Running{clock_at(1s), clock_at(2s)}));
    EXPECT_TRUE(first(state).attempt->was_paused);
}

TEST(Apply, RemembersTheWorkerOfTheNewestProcess) {
    State state = fold({task_added(0), started(0, 1s, 2s, 4), finished(0, Success{}, 2s, 3s)});
    EXPECT_EQ(first(state).worker, WorkerId{4});
    EXPECT_EQ(first(state).attempt, std::nullopt);

    core::apply(state, TaskRestarted{id(0), {"c", "c", "/", {}, 0}, clock_at(4s), false});
    core::apply(state, started(0, 4s, 5s, 2, 2));
    EXPECT_EQ(visible_worker(first(state)), WorkerId{2});
    core::apply(state, finished(0, FailedToSpawn{"no"}, 6s, 6s));
    EXPECT_EQ(visible_worker(first(state)), WorkerId{4});
}

TEST(Apply, KeepsTheStatusOfALockedTaskInside) {
    TaskAdded added_task = task_added(0);
    added_task.stashed = true;
    added_task.enqueue_at = clock_at(9s);
    State state = fold({added_task, TaskLocked{id(0)}});
    ASSERT_TRUE(first(state).status.is<Locked>());

    core::apply(state, TaskUnlocked{id(0)});

    EXPECT_EQ(first(state).status, TaskStatus(Stashed{clock_at(9s)}));
}

TEST(Apply, DoesNotTouchASpecificationThatOthersHold) {
    State state = fold({task_added(0), TaskLocked{id(0)}});
    const TaskSpecPtr before = first(state).spec;

    core::apply(state, TaskEdited{id(0), {"new", "new", "/", {}, 7}});

    EXPECT_EQ(before->command, "");
    EXPECT_EQ(first(state).spec->priority, 7);
}

// Which statuses a record accepts: every kind that is about one task, on every status.

struct Acceptance {
    const char* record;
    Record make;
    std::string accepted;  ///< initials: Queued, Stashed, Locked, Running, Paused, Done
};

TEST(Apply, AcceptsEachRecordInTheStatusesItCanFollowOnly) {
    const EditableFields fields{"c", "c", "/", {}, 0};
    const std::vector<Acceptance> all{
        {"stashed", TaskStashed{id(0), {}}, "QSL"},
        {"enqueued", TaskEnqueued{id(0), {}}, "SL"},
        {"started", started(0, 1s, 2s), "QSL"},
        {"withdrawn", AttemptWithdrawn{id(0)}, "RP"},
        {"paused", TaskPaused{id(0)}, "R"},
        {"resumed", TaskResumed{id(0)}, "P"},
        {"succeeded", finished(0, Success{}, 1s, 2s), "RP"},
        {"dependency failed", finished(0, DependencyFailed{}, 1s, 2s), "Q"},
        {"removed", TasksRemoved{ids({0})}, "QSLD"},
        {"locked", TaskLocked{id(0)}, "QS"},
        {"unlocked", TaskUnlocked{id(0)}, "L"},
        {"edited", TaskEdited{id(0), fields}, "L"},
        {"restarted", TaskRestarted{id(0), fields, {}, false}, "D"},
        {"set", VariableSet{id(0), "a", "b"}, "QS"},
        {"unset", VariableUnset{id(0), "KNOWN"}, "QS"},
        {"switched", TasksSwitched{id(0), id(1)}, "QS"},
    };
    TaskAdded known = task_added(0);
    TaskSpec spec = *known.spec;
    spec.environment = Environment::of({{"KNOWN", "1"}});
    known.spec = std::make_shared<const TaskSpec>(spec);
    const State queued = fold({known, task_added(1)});
    State paused = queued;
    State done = queued;
    State stashed = queued;
    State locked = queued;
    State running = queued;
    core::apply(stashed, TaskStashed{id(0), {}});
    core::apply(locked, TaskLocked{id(0)});
    core::apply(running, started(0, 1s, 2s));
    core::apply(paused, started(0, 1s, 2s));
    core::apply(paused, TaskPaused{id(0)});
    core::apply(done, started(0, 1s, 2s));
    core::apply(done, finished(0, Success{}, 2s, 3s));
    const std::vector<std::pair<char, State>> states{
        {'Q', queued}, {'S', stashed}, {'L', locked}, {'R', running}, {'P', paused}, {'D', done}};
    for (const Acceptance& one : all) {
        for (const auto& [initial, state] : states) {
            EXPECT_EQ(applicable(state, one.make), one.accepted.find(initial) != std::string::npos)
                << one.record << " of " << initial;
        }
        EXPECT_FALSE(applicable(fold({}), one.make)) << one.record << " of nothing";
    }
}

TEST(Apply, RefusesWhatNoSchedulerWouldRecord) {
    const State state = fold({task_added(0), task_added(1), GroupAdded{"gpu", 1}});
    TaskAdded unsorted = task_added(2);
    unsorted.spec = spec_in("default", ids({1, 0}));
    TaskAdded nowhere = task_added(2);
    nowhere.spec = spec_in("nowhere");
    TaskAdded without_spec = task_added(2);
    without_spec.spec = nullptr;
    TaskAdded timed_but_queued = task_added(2);
    timed_but_queued.enqueue_at = clock_at(9s);
    const std::vector<std::pair<const char*, Record>> refused{
        {"an id that was given out", task_added(1)},
        {"the last of all ids", task_added(~std::uint64_t{0})},
        {"dependencies out of order", unsorted},
        {"a group that does not exist", nowhere},
        {"no specification", without_spec},
        {"a time without being stashed", timed_but_queued},
        {"an attempt that skips a number", started(0, 1s, 2s, 0, 2)},
        {"a group that exists", GroupAdded{"gpu", 2}},
        {"a group with tasks", GroupRemoved{"default"}},
        {"a status of nothing", GroupStatusSet{"nowhere", GroupStatus::paused}},
        {"slots of nothing", ParallelSet{"nowhere", 2}},
        {"ids out of order", TasksRemoved{ids({1, 0})}},
        {"an id twice", TasksRemoved{ids({0, 0})}},
        {"an unknown variable", VariableUnset{id(0), "A"}},
        {"a task with itself", TasksSwitched{id(0), id(0)}},
        {"ids from 0 beside tasks", IdsRestarted{}},
        {"an imported id that was given out",
         TaskImported{id(1), {}, {}, spec_in("default"), Stashed{}}},
        {"a group that was not imported",
         TaskImported{id(2), {}, {}, spec_in("nowhere"), Stashed{}}},
    };
    for (const auto& [what, record] : refused) {
        EXPECT_FALSE(applicable(state, record)) << what;
    }
    EXPECT_TRUE(applicable(state, GroupRemoved{"gpu"}));
}

TEST(ApplyDeathTest, AbortsOnARecordThatCannotFollow) {
    State state = fold({});
    EXPECT_DEATH(core::apply(state, TaskPaused{id(0)}), "applicable");
}

}  // namespace
}  // namespace pueue::core
