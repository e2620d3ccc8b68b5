// The manual of the scheduler: what starts when, and what follows from an end.
#include "tests/core/scheduler_fixture.hpp"

namespace pueue::core {
namespace {

TEST_F(SchedulerTest, StartsATaskAsSoonAsItIsAdded) {
    const Decision d = at(10s, add("make"));

    ASSERT_EQ(d.records.size(), 2U);
    const auto& added_task = std::get<TaskAdded>(d.records[0]);
    EXPECT_EQ(added_task.id, id(0));
    EXPECT_EQ(added_task.created_at, clock_at(10s));
    EXPECT_EQ(added_task.spec->command, "make");
    EXPECT_FALSE(added_task.stashed);
    EXPECT_EQ(d.records[1], started(0, 10s, 10s));
    EXPECT_THAT(d.actions, ElementsAre(starts(0), added(0)));
}

TEST_F(SchedulerTest, LetsATaskWaitWhileTheSlotsAreTaken) {
    given({add("first")});

    const Decision d = at(11s, add("second"));

    EXPECT_EQ(d.records.size(), 1U);
    EXPECT_THAT(d.actions, ElementsAre(added(1)));
    EXPECT_EQ(status(1), TaskStatus(Queued{clock_at(11s)}));
}

TEST_F(SchedulerTest, StartsTheNextTaskWhenOneExits) {
    at(10s, add("first"));
    at(11s, add("second"));

    const Decision d = at(20s, exited(0, code(0)));

    EXPECT_THAT(d.records, ElementsAre(finished(0, Success{}, 10s, 20s), started(1, 11s, 20s)));
    EXPECT_THAT(d.actions, ElementsAre(acknowledge(1), starts(1)));
}

TEST_F(SchedulerTest, StartsTheHighestPriorityFirstAndThenTheLowestId) {
    given({add("0"), add("1"), add("2").priority(-1), add("3").priority(7), add("4").priority(7)});

    for (const std::uint64_t next : {3U, 4U, 1U, 2U}) {
        for (std::uint64_t running = 0; running < 5; ++running) {
            if (has_process(task(running))) {
                at(1s, exited(running, code(0)));
                break;
            }
        }
        EXPECT_TRUE(status(next).is<Running>()) << next;
    }
}

TEST_F(SchedulerTest, ComparesPrioritiesAcrossGroups) {
    given({ask(group_add("gpu")), ask(Pause{AllTasks{}, false})});
    given({add("0"), add("1").in("gpu").priority(3), add("2").priority(5), add("3").in("gpu")});

    const Decision d = at(5s, ask(Start{AllTasks{}}));

    EXPECT_THAT(
        d.records,
        ElementsAre(
            Record(GroupStatusSet{"default", GroupStatus::running}),
            Record(GroupStatusSet{"gpu", GroupStatus::running}),
            started(2, 0s, 5s),
            started(1, 0s, 5s)
        )
    );
}

TEST_F(SchedulerTest, GivesEachTaskTheSmallestFreeWorkerNumberOfItsGroup) {
    given({ask(parallel("default", 3)), ask(group_add("gpu"))});
    given({add("0"), add("1"), add("2"), add("3"), add("4").in("gpu")});
    EXPECT_EQ(task(2).attempt->worker, WorkerId{2});
    EXPECT_EQ(task(4).attempt->worker, WorkerId{0});

    const Decision d = at(1s, exited(1, code(0)));

    EXPECT_THAT(d.actions, ElementsAre(acknowledge(1), starts(3, 1)));
}

TEST_F(SchedulerTest, StartsEverythingInAGroupWithoutALimit) {
    given({ask(group_add("wide", 0))});
    given({add("0").in("wide"), add("1").in("wide"), add("2").in("wide")});

    EXPECT_TRUE(status(0).is<Running>());
    EXPECT_TRUE(status(1).is<Running>());
    EXPECT_TRUE(status(2).is<Running>());
}

TEST_F(SchedulerTest, FillsNewSlotsWhenTheLimitIsRaised) {
    given({add("0"), add("1"), add("2")});

    const Decision d = at(2s, ask(parallel("default", 2)));

    EXPECT_THAT(d.records, ElementsAre(Record(ParallelSet{"default", 2}), started(1, 0s, 2s, 1)));
}

TEST_F(SchedulerTest, EndsNothingWhenTheLimitIsLowered) {
    given({ask(parallel("default", 2)), add("0"), add("1"), add("2")});

    EXPECT_THAT(
        at(1s, ask(parallel("default", 1))).records, ElementsAre(Record(ParallelSet{"default", 1}))
    );
    at(2s, exited(0, code(0)));
    EXPECT_TRUE(status(2).is<Queued>());
    at(3s, exited(1, code(0)));
    EXPECT_TRUE(status(2).is<Running>());
}

TEST_F(SchedulerTest, StartsNothingInAPausedGroup) {
    given({ask(Pause{"default", false}), add("0")});

    EXPECT_TRUE(status(0).is<Queued>());
    at(1s, ask(Start{"default"}));
    EXPECT_TRUE(status(0).is<Running>());
}

TEST_F(SchedulerTest, NeverGivesAnIdTwice) {
    given({add("0"), add("1").stashed(), add("2").stashed()});
    at(1s, ask(Remove{ids({1, 2})}));

    EXPECT_THAT(at(2s, add("3")).actions, ElementsAre(added(3)));
}

TEST_F(SchedulerTest, GivesEveryTaskARunOfItsOwnEvenAtTheSameMoment) {
    given({add("0"), add("1"), add("2")});

    EXPECT_NE(task(0).run, task(1).run);
    EXPECT_NE(task(1).run, task(2).run);
}

// How attempts end.

TEST_F(SchedulerTest, RemembersHowTheProcessEnded) {
    given({ask(parallel("default", 3)), add("0"), add("1"), add("2")});

    EXPECT_THAT(at(1s, exited(0, code(0))).records, ElementsAre(finished(0, Success{}, 0s, 1s)));
    EXPECT_THAT(
        at(2s, exited(1, code(143))).records, ElementsAre(finished(1, Failed{143}, 0s, 2s))
    );
    EXPECT_THAT(at(3s, exited(2, signal(11))).records, ElementsAre(finished(2, Killed{}, 0s, 3s)));
}

TEST_F(SchedulerTest, CallsAStartThatFailedFailedToSpawnAndShowsNoTimeForIt) {
    given({add("0"), add("1")});

    const Decision d = at(4s, StartFailed{key(0), "Failed to spawn child 0 with err: …"});

    EXPECT_THAT(
        d.records,
        ElementsAre(
            finished(0, FailedToSpawn{"Failed to spawn child 0 with err: …"}, 4s, 4s),
            started(1, 0s, 4s)
        )
    );
    EXPECT_THAT(d.actions, ElementsAre(starts(1)));
}

TEST_F(SchedulerTest, AcknowledgesAnExitItKnowsNothingOf) {
    given({add("0")});
    const AttemptKey stranger{id(7), AttemptNumber{1}, {}};
    const AttemptKey past{id(0), AttemptNumber{7}, task(0).run};

    const Decision d = at(1s, ChildExited{stranger, false, 0, 40});
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(Action(AcknowledgeExit{40})));
    EXPECT_THAT(at(1s, ChildExited{past, false, 0, 41}).records, IsEmpty());
    EXPECT_TRUE(status(0).is<Running>());
}

TEST_F(SchedulerTest, TakesAnExitOnceHoweverOftenItIsRepeated) {
    given({add("0")});
    const Event exit = exited(0, code(1));
    at(1s, exit);

    const Decision again = at(2s, exit);

    EXPECT_THAT(again.records, IsEmpty());
    EXPECT_THAT(again.actions, ElementsAre(acknowledge(1)));
}

TEST_F(SchedulerTest, ShowsTheWorkerOfTheLastProcessUntilTheNextOneRuns) {
    given({ask(parallel("default", 2)), add("0"), add("1")});
    at(1s, exited(1, code(0)));
    EXPECT_EQ(visible_worker(task(1)), WorkerId{1});
}

// Dependencies.

TEST_F(SchedulerTest, StartsATaskWhenItsLastDependencyHasSucceeded) {
    given({ask(parallel("default", 5)), add("0"), add("1"), add("2").after({1, 0})});
    at(1s, exited(1, code(0)));
    EXPECT_TRUE(status(2).is<Queued>());

    EXPECT_THAT(
        at(2s, exited(0, code(0))).records,
        ElementsAre(finished(0, Success{}, 0s, 2s), started(2, 0s, 2s))
    );
}

TEST_F(SchedulerTest, StartsATaskAtOnceWhoseDependenciesAreDoneAlready) {
    given({add("0")});
    at(1s, exited(0, code(0)));

    at(2s, add("1").after({0}));

    EXPECT_TRUE(status(1).is<Running>());
}

TEST_F(SchedulerTest, FailsEverythingThatDependsOnAFailureLevelByLevel) {
    given({add("0"), add("1").after({0}), add("2").after({1}), add("3").after({0}), add("4")});

    const Decision d = at(9s, exited(0, code(1)));

    EXPECT_THAT(
        d.records,
        ElementsAre(
            finished(0, Failed{1}, 0s, 9s),
            finished(1, DependencyFailed{}, 9s, 9s),
            finished(3, DependencyFailed{}, 9s, 9s),
            finished(2, DependencyFailed{}, 9s, 9s),
            started(4, 0s, 9s)
        )
    );
    EXPECT_THAT(d.actions, ElementsAre(acknowledge(1), starts(4)));
}

TEST_F(SchedulerTest, KeepsTheDependentsOfAFailureInAPausedGroupUntilItRuns) {
    given({ask(group_add("later")), ask(Pause{"later", false})});
    given({add("0"), add("1").in("later").after({0})});

    EXPECT_THAT(at(1s, exited(0, code(1))).records, ElementsAre(finished(0, Failed{1}, 0s, 1s)));
    EXPECT_THAT(
        at(2s, ask(Start{"later"})).records,
        ElementsAre(
            Record(GroupStatusSet{"later", GroupStatus::running}),
            finished(1, DependencyFailed{}, 2s, 2s)
        )
    );
}

TEST_F(SchedulerTest, FailsAStashedDependentOnlyWhenItIsEnqueued) {
    given({add("0"), add("1").after({0}).stashed()});
    at(1s, exited(0, code(1)));
    EXPECT_TRUE(status(1).is<Stashed>());

    at(2s, ask(Enqueue{ids({1}), {}, ""}));

    EXPECT_TRUE(has_failed(task(1)));
}

TEST_F(SchedulerTest, DoesNotWaitForADependencyThatIsGone) {
    given({add("0"), add("1").stashed(), add("2").after({1}).stashed()});
    // Both go together, so that the first is not held back by the second; then the id is unknown.
    at(1s, ask(Remove{ids({1, 2})}));
    at(2s, exited(0, code(0)));

    State imported = state();
    Task orphan = task(0);
    TaskSpec spec = *orphan.spec;
    spec.dependencies = ids({1});
    orphan.spec = std::make_shared<const TaskSpec>(spec);
    orphan.status = Queued{clock_at(0s)};
    imported.tasks.at(id(0)) = orphan;
    restart(imported);

    EXPECT_TRUE(status(0).is<Running>());
}

// Delays.

TEST_F(SchedulerTest, EnqueuesADelayedTaskWhenItsTimeHasComeAndStartsItInTheSameStep) {
    given({add("0").until(30s), add("1").until(60s)});
    EXPECT_EQ(scheduler().next_alarm(), clock_at(30s));

    EXPECT_THAT(at(29s, AlarmRang{}).records, IsEmpty());
    const Decision d = at(31s, AlarmRang{});

    EXPECT_THAT(
        d.records, ElementsAre(Record(TaskEnqueued{id(0), clock_at(31s)}), started(0, 31s, 31s))
    );
    EXPECT_EQ(scheduler().next_alarm(), clock_at(60s));
}

TEST_F(SchedulerTest, EnqueuesADelayedTaskEvenInAPausedGroup) {
    given({ask(Pause{"default", false}), add("0").until(30s)});

    at(30s, AlarmRang{});

    EXPECT_EQ(status(0), TaskStatus(Queued{clock_at(30s)}));
    EXPECT_EQ(scheduler().next_alarm(), std::nullopt);
}

// Pause on failure.

Policy pausing(bool group, bool all) {
    Policy policy;
    policy.pause_group_on_failure = group;
    policy.pause_all_on_failure = all;
    return policy;
}

TEST_F(SchedulerTest, PausesTheGroupOfAFailureIfItShould) {
    policy(pausing(true, true));
    given({ask(group_add("gpu")), add("0"), add("1")});

    const Decision d = at(1s, exited(0, code(1)));

    EXPECT_THAT(
        d.records,
        ElementsAre(
            finished(0, Failed{1}, 0s, 1s), Record(GroupStatusSet{"default", GroupStatus::paused})
        )
    );
    EXPECT_EQ(group_status("gpu"), GroupStatus::running);
}

TEST_F(SchedulerTest, PausesAllGroupsOnAFailureIfItShould) {
    policy(pausing(false, true));
    given({ask(group_add("gpu")), add("0"), add("1").in("gpu"), add("2").in("gpu")});

    at(1s, StartFailed{key(0), "no such thing"});

    EXPECT_EQ(group_status("default"), GroupStatus::paused);
    EXPECT_EQ(group_status("gpu"), GroupStatus::paused);
    EXPECT_TRUE(status(1).is<Running>());
    EXPECT_TRUE(status(2).is<Queued>());
}

TEST_F(SchedulerTest, DoesNotPauseForKilledTasksNorForFailedDependencies) {
    policy(pausing(true, false));
    given({add("0"), add("1").after({0})});

    at(1s, exited(0, signal(9)));

    EXPECT_TRUE(has_failed(task(1)));
    EXPECT_EQ(group_status("default"), GroupStatus::running);
}

// The end.

TEST_F(SchedulerTest, AnswersAShutdownThenKillsAndExitsWhenNothingIsLeft) {
    given({ask(parallel("default", 2)), add("0"), add("1"), add("2")});

    EXPECT_THAT(
        at(1s, ask(Shutdown{true})).actions,
        ElementsAre(
            Action(Reply{SessionId{1}, SuccessReply{"Daemon is shutting down"}, Waits::written}),
            send(9, 0),
            send(9, 1)
        )
    );
    EXPECT_THAT(at(2s, exited(1, signal(9))).actions, ElementsAre(acknowledge(1)));
    const Decision last = at(3s, exited(0, signal(9)));
    EXPECT_THAT(last.records, ElementsAre(finished(0, Killed{}, 0s, 3s)));
    EXPECT_THAT(last.actions, ElementsAre(acknowledge(2), Action(ExitDaemon{0})));
    EXPECT_TRUE(status(2).is<Queued>());
    EXPECT_EQ(group_status("default"), GroupStatus::running);
}

TEST_F(SchedulerTest, ExitsAtOnceWhenNothingRuns) {
    EXPECT_THAT(at(1s, StopRequested{}).actions, ElementsAre(Action(ExitDaemon{0})));
}

TEST_F(SchedulerTest, ExitsAtOnceWhenTasksAreKeptAndStartsNoMore) {
    given({ask(parallel("default", 2)), add("0"), add("1"), add("2")});

    const Decision d = at(1s, StopRequested{true});
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(Action(ExitDaemon{0, true})));
    EXPECT_THAT(at(2s, exited(0, code(0))).actions, ElementsAre(acknowledge(1)));
    EXPECT_TRUE(status(1).is<Running>());
    EXPECT_TRUE(status(2).is<Queued>());
}

TEST_F(SchedulerTest, KeepsTasksAfterAShutdownThatSaysSo) {
    given({add("0")});

    EXPECT_THAT(
        at(1s, ask(Shutdown{true, true})).actions,
        ElementsAre(
            Action(Reply{SessionId{1}, SuccessReply{"Daemon is shutting down"}, Waits::written}),
            Action(ExitDaemon{0, true})
        )
    );
}

TEST_F(SchedulerTest, ExitsWithOneAfterAnEmergencyWhateverIsAskedLater) {
    given({add("0")});
    at(1s, ask(Shutdown{false}));
    at(1s, ask(Shutdown{true}));
    at(1s, StopRequested{});

    EXPECT_THAT(
        at(2s, exited(0, signal(9))).actions, ElementsAre(acknowledge(1), Action(ExitDaemon{1}))
    );
}

TEST_F(SchedulerTest, WaitsForATaskThatIsForcedToStartDuringTheEnd) {
    given({add("0"), add("1").until(5s)});
    at(1s, StopRequested{});
    at(2s, ask(Start{ids({1})}));
    EXPECT_THAT(at(3s, exited(0, signal(9))).actions, ElementsAre(acknowledge(1)));

    EXPECT_THAT(
        at(100s, exited(1, code(0))).actions,
        ElementsAre(
            acknowledge(2), success("Tasks have been started/resumed: 1"), Action(ExitDaemon{0})
        )
    );
}

TEST_F(SchedulerTest, LeavesAProcessThatDoesNotDieToTheNextDaemon) {
    given({add("0")});
    at(1s, StopRequested{});
    EXPECT_EQ(scheduler().next_deadline(), now_at(11s).instant);

    EXPECT_THAT(at(10s, AlarmRang{}).actions, IsEmpty());
    const Decision d = at(11s, AlarmRang{});

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(Action(ExitDaemon{0, true})));
    EXPECT_EQ(scheduler().next_deadline(), std::nullopt);
}

TEST_F(SchedulerTest, EnqueuesNothingWhileItEnds) {
    given({add("0"), add("1").until(5s)});
    at(1s, StopRequested{});

    EXPECT_THAT(at(6s, AlarmRang{}).records, IsEmpty());
    EXPECT_EQ(scheduler().next_alarm(), std::nullopt);
}

}  // namespace
}  // namespace pueue::core
