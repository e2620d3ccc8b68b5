// Limits: each at its edge, and the way out.
#include "tests/core/scheduler_fixture.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pueue::core {
namespace {

class LimitsTest : public SchedulerTest {
  protected:
    void limit(LimitSettings limits) {
        Policy with_limits;
        with_limits.limits = std::move(limits);
        policy(with_limits);
    }
    Decision restart_task(Seconds time) {
        return at(time, ask(Restart{{{id(0), {"run", "run", "/tmp", {}, 0}}}}));
    }
    void fail(Seconds time) { std::ignore = at(time, exited(0, code(1))); }

    const std::string way_out =
        ". To try once more: `pueue start --force-attempt 0`, or add it as a new task";
};

TEST_F(LimitsTest, ATaskThatFailsAgainAndAgainIsNotRestartedAnyMore) {
    limit({.start_limit_burst = 3, .start_limit_interval_seconds = 3600, .exempt_groups = {}});
    given({add("run")});
    fail(1s);
    restart_task(2s);
    fail(3s);
    restart_task(4s);
    fail(5s);

    const Decision d = restart_task(6s);

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(
        d.actions,
        ElementsAre(failure(
            "The command failed for tasks: 0\nTask 0 has failed 3 times within 60 minutes "
            "(start_limit_burst)" +
            way_out
        ))
    );
}

TEST_F(LimitsTest, OldFailuresAndThoseBeforeASuccessDoNotCount) {
    limit({.start_limit_burst = 2, .start_limit_interval_seconds = 100, .exempt_groups = {}});
    given({add("run")});
    fail(1s);
    restart_task(2s);
    at(3s, exited(0, code(0)));
    restart_task(4s);
    fail(5s);
    restart_task(6s);
    fail(7s);
    EXPECT_THAT(restart_task(8s).records, IsEmpty());
    EXPECT_FALSE(restart_task(106s).records.empty()) << "the failure at 5 s is out of the window";
}

TEST_F(LimitsTest, AKilledAttemptIsNoFailure) {
    limit({.start_limit_burst = 1, .exempt_groups = {}});
    given({add("run")});
    at(1s, exited(0, signal(9)));
    EXPECT_FALSE(restart_task(2s).records.empty());
}

TEST_F(LimitsTest, WhatIsCountedSurvivesTheDaemon) {
    LimitSettings limits{.start_limit_burst = 1, .exempt_groups = {}};
    limit(limits);
    given({add("run")});
    fail(1s);
    Policy same;
    same.limits = limits;
    restart(State(state()), same);
    EXPECT_THAT(restart_task(2s).records, IsEmpty());
}

TEST_F(LimitsTest, AnAttemptCanBeForcedAndThenCountsFromThere) {
    limit({.start_limit_burst = 1, .exempt_groups = {}});
    given({pause("default"), add("run")});
    at(0s, start(ids({0})));
    fail(1s);
    EXPECT_THAT(restart_task(2s).records, IsEmpty());

    const Decision d = at(3s, ask(Start{ids({0}), true}));

    EXPECT_EQ(d.records.front(), Record(AttemptsForgiven{id(0)}));
    EXPECT_TRUE(status(0).is<Running>());
    EXPECT_EQ(task(0).attempts, AttemptNumber{2});
    fail(4s);
    EXPECT_THAT(restart_task(5s).records, IsEmpty());
}

TEST_F(LimitsTest, ACopyOfATrippedTaskIsRefusedOrIgnored) {
    for (const OnTrip on_trip : {OnTrip::fail, OnTrip::ignore}) {
        limit({.start_limit_burst = 1, .exempt_groups = {}, .on_trip = on_trip});
        given({add("run")});
        fail(1s);
        at(2s, ask(Status{}));
        Add copy;
        copy.spec = *task(0).spec;
        copy.spec.environment =
            copy.spec.environment->with("PUEUE_GROUP", "default")->with("PUEUE_WORKER_ID", "0");
        copy.has_priority = true;
        const std::string text =
            "Task 0 has failed 1 times within 60 minutes (start_limit_burst)" + way_out;
        EXPECT_THAT(
            at(2s, ask(copy)).actions,
            ElementsAre(
                on_trip == OnTrip::fail ? failure(text) : answered(0, AddOutcome::existing, 1, text)
            )
        );
    }
}

TEST_F(LimitsTest, AttemptsCanBeLimitedWhateverTheirResult) {
    limit({.maximum_attempts = 2, .exempt_groups = {}});
    given({add("run")});
    at(1s, exited(0, code(0)));
    EXPECT_FALSE(restart_task(2s).records.empty());
    at(3s, exited(0, code(0)));
    EXPECT_THAT(
        restart_task(4s).actions,
        ElementsAre(failure(
            "The command failed for tasks: 0\nTask 0 has had 2 attempts (maximum_attempts)" +
            way_out
        ))
    );
}

TEST_F(LimitsTest, AGroupCanBeFull) {
    limit({.max_tasks_per_group = 2, .exempt_groups = {}});
    given({ask(group_add("other")), add("0"), add("1"), add("2").in("other")});
    EXPECT_THAT(
        at(1s, add("3")).actions,
        ElementsAre(
            failure("Group default has 2 tasks, which is all it may have (max_tasks_per_group). "
                    "`pueue clean -g default` removes those that are done")
        )
    );
}

TEST_F(LimitsTest, ALabelCanBeUnderWaySoManyTimes) {
    limit({.max_open_per_identity = 2, .exempt_groups = {}});
    given({add("0").labelled("a"), add("1").labelled("a"), add("2").labelled("b")});
    EXPECT_THAT(
        at(1s, add("3").labelled("a")).actions,
        ElementsAre(failure("a is under way 2 times, which is all it may be (max_open_per_identity)"
        ))
    );
}

TEST_F(LimitsTest, SomeGroupsAreExempt) {
    limit({.start_limit_burst = 1, .max_tasks_per_group = 1, .exempt_groups = {"default"}});
    given({add("run"), add("more")});
    fail(1s);
    EXPECT_FALSE(restart_task(2s).records.empty());
    EXPECT_EQ(state().tasks.size(), 2U);
}

}  // namespace
}  // namespace pueue::core
