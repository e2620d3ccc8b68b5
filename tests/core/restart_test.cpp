// One task, several attempts: restart in place, and the adds by which clients of the original
// restart a task.
#include "tests/core/scheduler_fixture.hpp"

#include <functional>

namespace pueue::core {
namespace {

/// Two tasks and how the clients of the original restart them.
class RestartTest : public SchedulerTest {
  protected:
    static EnvironmentPtr submitted() { return Environment::of({{"HOME", "/root"}, {"N", "1"}}); }

    static Add add_of(const std::string& command) {
        Add add;
        add.spec.command = add.spec.original_command = command;
        add.spec.path = "/work";
        add.spec.environment = submitted();
        add.spec.group = default_group;
        add.spec.label = "nightly";
        return add;
    }
    /// What a client sends that was shown this task.
    [[nodiscard]] Add copy_of(std::uint64_t number) const {
        const TaskSpec& spec = *task(number).spec;
        Add add;
        add.spec = spec;
        add.spec.dependencies.clear();
        if (const auto worker = visible_worker(task(number))) {
            add.spec.environment = spec.environment->with("PUEUE_GROUP", spec.group)
                                       ->with("PUEUE_WORKER_ID", std::to_string(worker->value));
        }
        add.has_priority = true;
        return add;
    }

    void fail(Seconds time, std::uint64_t number) {
        std::ignore = at(time, exited(number, code(1)));
    }

    static Record restarted(std::uint64_t number, const std::string& command, Seconds time) {
        return TaskRestarted{
            id(number), {command, command, "/work", "nightly", 0}, clock_at(time), false};
    }
    static Action rotates(std::uint64_t number, std::uint32_t attempt) {
        return RotateLog{id(number), AttemptNumber{attempt}, 5};
    }
};

TEST_F(RestartTest, TheSameTaskGetsAnotherAttemptAndAnEmptyLog) {
    given({ask(add_of("make"))});
    fail(1s, 0);

    const Decision d = at(2s, ask(Restart{{{id(0), {"make", "make", "/work", "nightly", 0}}}}));

    EXPECT_THAT(d.records, ElementsAre(restarted(0, "make", 2s), started(0, 2s, 2s, 0, 2)));
    EXPECT_THAT(
        d.actions, ElementsAre(rotates(0, 1), starts(0), success("Tasks has restarted: 0"))
    );
    const EndedAttempt first{AttemptNumber{1}, clock_at(0s), clock_at(1s), Failed{1}};
    EXPECT_THAT(task(0).earlier, ElementsAre(first));
}

TEST_F(RestartTest, ATaskThatNeverRanHasNoEarlierAttempt) {
    given({add("0"), add("1").after({0})});
    fail(1s, 0);
    ASSERT_TRUE(is_done(task(1)));

    const Decision d = at(2s, ask(Restart{{{id(1), {"1", "1", "/tmp", {}, 0}}}}));

    EXPECT_THAT(task(1).earlier, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(success("Tasks has restarted: 1")));
}

TEST_F(RestartTest, OnlySoManyEarlierAttemptsAreRemembered) {
    Policy without_limit;
    without_limit.limits.start_limit_burst = 0;
    policy(without_limit);
    given({ask(add_of("make"))});
    for (std::size_t i = 0; i < ended_attempts_max + 2; ++i) {
        fail(1s, 0);
        at(2s, ask(Restart{{{id(0), {"make", "make", "/work", {}, 0}}}}));
    }
    EXPECT_EQ(task(0).earlier.size(), ended_attempts_max);
    EXPECT_EQ(task(0).earlier.front().number, AttemptNumber{3});
    EXPECT_EQ(task(0).attempts, AttemptNumber{ended_attempts_max + 3});
}

TEST_F(RestartTest, RemovingTheTaskTakesTheLogsOfItsEarlierAttemptsAlong) {
    given({ask(add_of("make"))});
    fail(1s, 0);
    at(1s, ask(Restart{{{id(0), {"make", "make", "/work", {}, 0}}}}));
    fail(2s, 0);

    EXPECT_THAT(
        at(3s, remove(ids({0}))).actions,
        ElementsAre(
            Action(RemoveLogs{ids({0}), {{id(0), AttemptNumber{2}}}}),
            success("Tasks removed from list: 0")
        )
    );
}

TEST_F(RestartTest, AResetOfEverythingLeavesNoEarlierAttemptsForTheNextTaskZero) {
    given({ask(add_of("make"))});
    fail(1s, 0);
    at(1s, ask(Restart{{{id(0), {"make", "make", "/work", {}, 0}}}, false, true}));

    EXPECT_THAT(
        at(3s, ask(Reset{})).actions,
        testing::Contains(Action(RemoveLogs{{}, {{id(0), AttemptNumber{1}}}}))
    );
}

TEST_F(RestartTest, ALogThatWasNotPutAsideIsWhenTheNextDaemonBegins) {
    given({pause("default"), ask(add_of("make"))});
    at(0s, start(ids({0})));
    fail(1s, 0);
    at(1s, ask(Restart{{{id(0), {"make", "make", "/work", {}, 0}}}}));

    EXPECT_THAT(at(2s, KeeperReport{keeper(1), {}, {}}).actions, ElementsAre(rotates(0, 1)));
}

// Adds that are restarts

TEST_F(RestartTest, ACopyByAClientThatHasLookedIsARestart) {
    given({ask(add_of("make"))});
    fail(1s, 0);
    at(2s, ask(Status{}));

    const Decision d = at(2s, ask(copy_of(0)));

    EXPECT_THAT(d.records, ElementsAre(restarted(0, "make", 2s), started(0, 2s, 2s, 0, 2)));
    EXPECT_THAT(
        d.actions, ElementsAre(rotates(0, 1), starts(0), answered(0, AddOutcome::restarted))
    );
}

TEST_F(RestartTest, ACopyKeepsDependenciesAndTheEnvironmentAsSubmitted) {
    given({add("0")});
    Add dependent = add_of("make");
    dependent.spec.dependencies = ids({0});
    at(0s, ask(dependent));
    at(1s, exited(0, code(0)));
    fail(2s, 1);
    at(3s, ask(Status{}));

    at(3s, ask(copy_of(1)));

    EXPECT_EQ(task(1).spec->dependencies, ids({0}));
    EXPECT_EQ(*task(1).spec->environment, *submitted());
}

TEST_F(RestartTest, ACopyCanBeStashedOrStartedAtOnce) {
    given({ask(add_of("make"))});
    fail(1s, 0);
    at(2s, ask(Status{}));
    Add stashed = copy_of(0);
    stashed.stashed = true;
    at(2s, ask(stashed));
    EXPECT_EQ(status(0), TaskStatus(Stashed{}));

    at(3s, start(ids({0})));
    fail(3s, 0);
    at(3s, pause("default"));
    at(3s, ask(Status{}));
    Add immediate = copy_of(0);
    immediate.start_immediately = true;
    at(3s, ask(immediate));
    EXPECT_TRUE(status(0).is<Running>());
    const AddedTaskReply reply{id(0), std::nullopt, true, AddOutcome::restarted};
    EXPECT_THAT(
        at(4s, runs(0)).actions, ElementsAre(Action(Reply{SessionId{1}, reply, Waits::durable}))
    );
}

TEST_F(RestartTest, WhoIsSecondFindsTheTaskUnderWayAndGetsTheSameId) {
    given({ask(add_of("make"))});
    fail(1s, 0);
    at(2s, ask(Status{}, 1));
    at(2s, ask(Status{}, 2));
    const Add copy = copy_of(0);

    at(2s, ask(copy, 1));
    const Decision d = at(2s, ask(copy, 2));

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(answered(0, AddOutcome::existing, 2)));
}

TEST_F(RestartTest, EqualTasksAreRestartedOneAfterTheOther) {
    given({ask(parallel("default", 3)), ask(add_of("a")), ask(add_of("a")), ask(add_of("a"))});
    fail(1s, 0);
    fail(1s, 2);
    at(1s, ask(parallel("default", 1)));
    at(2s, ask(Status{}));
    const Add copy = copy_of(0);

    EXPECT_THAT(at(2s, ask(copy)).records, ElementsAre(restarted(0, "a", 2s)));
    EXPECT_THAT(at(2s, ask(copy)).records, ElementsAre(restarted(2, "a", 2s)));
    EXPECT_EQ(state().tasks.size(), 3U);
}

TEST_F(RestartTest, ATaskThatFailedBecauseOfAnotherIsCopiedWithoutTheVariablesOfTheDaemon) {
    given({add("0")});
    Add dependent = add_of("make");
    dependent.spec.dependencies = ids({0});
    at(0s, ask(dependent));
    fail(1s, 0);
    ASSERT_TRUE(is_done(task(1)));
    at(2s, ask(Status{}));

    EXPECT_EQ(at(2s, ask(copy_of(1))).records.front(), restarted(1, "make", 2s));
}

struct Difference {
    const char* what;
    std::function<void(Add&)> make;
};

TEST_F(RestartTest, WhateverDiffersMakesItANewTask) {
    const std::vector<Difference> differences = {
        {"dependencies", [](Add& add) { add.spec.dependencies = ids({0}); }},
        {"a time", [](Add& add) { add.enqueue_at = clock_at(90s); }},
        {"no priority", [](Add& add) { add.has_priority = false; }},
        {"another priority", [](Add& add) { add.spec.priority = 1; }},
        {"another command", [](Add& add) { add.spec.original_command = "make all"; }},
        {"another directory", [](Add& add) { add.spec.path = "/"; }},
        {"another label", [](Add& add) { add.spec.label = "weekly"; }},
        {"no label", [](Add& add) { add.spec.label.reset(); }},
        {"another variable",
         [](Add& add) { add.spec.environment = add.spec.environment->with("N", "2"); }},
        {"the worker is missing",
         [](Add& add) { add.spec.environment = add.spec.environment->without("PUEUE_WORKER_ID"); }},
        {"the group is missing",
         [](Add& add) { add.spec.environment = add.spec.environment->without("PUEUE_GROUP"); }},
        {"it is said to be one", [](Add& add) { add.is_copy = true; }},
    };
    given({ask(add_of("make"))});
    fail(1s, 0);
    std::size_t tasks = 1;
    for (const Difference& difference : differences) {
        at(2s, ask(Status{}));
        Add copy = copy_of(0);
        difference.make(copy);
        at(2s, ask(copy));
        EXPECT_EQ(state().tasks.size(), ++tasks) << difference.what;
        EXPECT_TRUE(is_done(task(0))) << difference.what;
    }
}

TEST_F(RestartTest, WhoHasNotLookedAddsAndSoDoesWhoLookedOnAnotherConnection) {
    given({ask(add_of("make"))});
    fail(1s, 0);
    const Add copy = copy_of(0);
    at(2s, ask(copy, 1));
    EXPECT_EQ(state().tasks.size(), 2U);
    at(2s, ask(Status{}, 2));
    at(2s, ClientGone{SessionId{2}});
    at(2s, ask(copy, 2));
    EXPECT_EQ(state().tasks.size(), 3U);
}

TEST_F(RestartTest, CopiesAreTasksOfTheirOwnWhereSoConfigured) {
    Policy as_the_original;
    as_the_original.clone_requests = CloneRequests::clone;
    policy(as_the_original);
    given({ask(add_of("make"))});
    fail(1s, 0);
    at(2s, ask(Status{}));

    at(2s, ask(copy_of(0)));

    EXPECT_EQ(state().tasks.size(), 2U);
}

TEST_F(RestartTest, CopiesOfATaskThatWishesSoAreTasksAndInheritTheWish) {
    Add wishing = add_of("make");
    wishing.options.restart = CloneRequests::clone;
    given({ask(wishing)});
    fail(1s, 0);
    at(2s, ask(Status{}));

    at(2s, ask(copy_of(0)));

    EXPECT_EQ(task(1).options.restart, CloneRequests::clone);
}

TEST_F(RestartTest, WithoutEarlierLogsTheLogIsLeftAlone) {
    Policy as_the_original;
    as_the_original.earlier_logs.reset();
    policy(as_the_original);
    given({pause("default"), ask(add_of("make"))});
    at(0s, start(ids({0})));
    fail(1s, 0);

    EXPECT_THAT(
        at(2s, ask(Restart{{{id(0), {"make", "make", "/work", {}, 0}}}})).actions,
        ElementsAre(success("Tasks has restarted: 0"))
    );
}

// What used to double with each round.
TEST_F(RestartTest, FiveClientsThatRestartEverythingDoNotMakeMoreOfIt) {
    given({ask(parallel("default", 0))});
    for (int i = 0; i < 60; ++i) {
        at(0s, ask(add_of("job " + std::to_string(i))));
    }
    for (int round = 1; round <= 4; ++round) {
        for (std::uint64_t i = 0; i < 60; ++i) {
            fail(std::chrono::seconds(round), i);
        }
        std::vector<Add> copies;
        for (std::uint64_t client = 1; client <= 5; ++client) {
            at(std::chrono::seconds(round), ask(Status{}, client));
        }
        for (std::uint64_t i = 0; i < 60; ++i) {
            copies.push_back(copy_of(i));
        }
        for (std::uint64_t client = 1; client <= 5; ++client) {
            for (const Add& copy : copies) {
                at(std::chrono::seconds(round), ask(copy, client));
            }
        }
        ASSERT_EQ(state().tasks.size(), 60U);
    }
    EXPECT_EQ(task(59).attempts, AttemptNumber{5});
}

}  // namespace
}  // namespace pueue::core
