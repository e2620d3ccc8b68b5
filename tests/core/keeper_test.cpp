// What the scheduler makes of a keeper's report: after a start of the daemon, after a broken
// connection, after the keeper's own death.
#include "tests/core/scheduler_fixture.hpp"

namespace pueue::core {
namespace {

class KeeperTest : public SchedulerTest {
  protected:
    /// A new daemon with what the old one had recorded, and no keeper yet.
    void crash() { scheduler_after_crash_ = std::make_unique<Scheduler>(state(), Policy{}); }

    Decision after_crash(Seconds time, const Event& event) {
        Decision decision = scheduler_after_crash_->step(event, now_at(time));
        EXPECT_THAT(broken_invariants(*scheduler_after_crash_, clock_at(time)), IsEmpty());
        return decision;
    }
    [[nodiscard]] const State& state_after_crash() const { return scheduler_after_crash_->state(); }

    [[nodiscard]] ChildExited exit_of(std::uint64_t task, int code, std::uint64_t sequence) const {
        return {key(task), false, code, sequence};
    }

  private:
    std::unique_ptr<Scheduler> scheduler_after_crash_;
};

KeeperReport report(std::uint8_t number) {
    return {keeper(number), {}, {}};
}

TEST_F(KeeperTest, TheFirstReportMakesTheDefaultGroupAndAdoptsTheKeeper) {
    Scheduler fresh(State{}, Policy{});

    const Decision d = fresh.step(report(3), now_at(0s));

    EXPECT_THAT(
        d.records, ElementsAre(Record(GroupAdded{"default", 1}), Record(KeeperAdopted{keeper(3)}))
    );
    EXPECT_THAT(d.actions, IsEmpty());
    EXPECT_EQ(fresh.state().keeper, keeper(3));
}

TEST_F(KeeperTest, NothingStartsBeforeTheFirstReport) {
    given({pause("default"), add("0"), ask(parallel("default", 2)), start("default")});
    given({KeeperLost{}, add("1")});
    EXPECT_TRUE(status(1).is<Queued>());
    crash();

    EXPECT_THAT(after_crash(1s, add("2")).records.size(), 1U);
    EXPECT_THAT(after_crash(1s, ask(parallel("default", 3))).records.size(), 1U);

    KeeperReport alive = report(1);
    alive.alive = {key(0)};
    EXPECT_THAT(
        after_crash(2s, alive).records, ElementsAre(started(1, 0s, 2s, 1), started(2, 1s, 2s, 2))
    );
}

TEST_F(KeeperTest, ALiveAttemptIsAdoptedWithoutARecord) {
    given({add("0"), add("1")});
    crash();
    KeeperReport alive = report(1);
    alive.alive = {key(0)};

    const Decision d = after_crash(1s, alive);

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, IsEmpty());
    EXPECT_EQ(state_after_crash(), state());
}

TEST_F(KeeperTest, AnExitFromMeanwhileIsRecordedWithItsTrueResult) {
    given({ask(parallel("default", 2)), add("0"), add("1"), add("2")});
    crash();
    KeeperReport ended = report(1);
    ended.exits = {exit_of(1, 0, 7), exit_of(0, 5, 8)};

    const Decision d = after_crash(9s, ended);

    EXPECT_THAT(
        d.records,
        ElementsAre(
            finished(1, Success{}, 0s, 9s), finished(0, Failed{5}, 0s, 9s), started(2, 0s, 9s)
        )
    );
    ASSERT_EQ(d.actions.size(), 2U);
    EXPECT_EQ(d.actions[0], acknowledge(8));
}

TEST_F(KeeperTest, AnExitWhoseStartWasLostWithThePowerIsRecordedAndNotRunAgain) {
    given({pause("default"), add("0")});
    crash();
    KeeperReport ended = report(2);
    ended.exits = {ChildExited{{id(0), AttemptNumber{1}, task(0).run}, false, 3, 4}};

    const Decision d = after_crash(5s, ended);

    EXPECT_THAT(
        d.records,
        ElementsAre(
            started(0, 0s, 5s), finished(0, Failed{3}, 5s, 5s), Record(KeeperAdopted{keeper(2)})
        )
    );
    EXPECT_THAT(d.actions, ElementsAre(acknowledge(4)));
}

TEST_F(KeeperTest, AnAttemptThatLivesHasNotEndedWhateverAnOldExitSays) {
    given({add("0")});
    KeeperReport both = report(1);
    both.alive = {key(0)};
    both.exits = {exit_of(0, 0, 3)};

    const Decision d = at(1s, both);

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(acknowledge(3)));
}

TEST_F(KeeperTest, ExitsThatAreRecordedAlreadyAreOnlyAcknowledged) {
    given({add("0")});
    const ChildExited exit = exit_of(0, 0, 4);
    at(1s, exit);
    crash();
    KeeperReport again = report(1);
    again.exits = {exit};

    const Decision d = after_crash(2s, again);

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(acknowledge(4)));
}

TEST_F(KeeperTest, AnAttemptThatTheSameKeeperNeverGotIsStartedAgainUnderTheSameNumber) {
    given({add("0")});
    crash();

    const Decision d = after_crash(5s, report(1));

    EXPECT_THAT(d.records, ElementsAre(Record(AttemptWithdrawn{id(0)}), started(0, 0s, 5s, 0, 1)));
    EXPECT_THAT(d.actions, ElementsAre(starts(0)));
    EXPECT_EQ(state_after_crash().groups.at("default").status, GroupStatus::running);
}

TEST_F(KeeperTest, APausedAttemptThatTheSameKeeperNeverGotIsStartedAndStopped) {
    given({add("0"), pause(ids({0}))});
    crash();

    const Decision d = after_crash(5s, report(1));

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(starts(0), send(19, 0)));
}

TEST_F(KeeperTest, AnAttemptThatWentDownWithAnotherKeeperIsKilledAndGroupsWithQueuedTasksPause) {
    given({ask(group_add("gpu")), ask(parallel("default", 2)), add("0"), add("1"), add("2")});
    given({add("3").in("gpu"), add("4").in("gpu").until(99s), ask(EditRequest{ids({2})})});
    given({add("5")});
    crash();

    const Decision d = after_crash(5s, report(2));

    EXPECT_THAT(
        d.records,
        ElementsAre(
            finished(0, Killed{}, 0s, 5s),
            finished(1, Killed{}, 0s, 5s),
            finished(3, Killed{}, 0s, 5s),
            Record(GroupStatusSet{"default", GroupStatus::paused}),
            Record(TaskStashed{id(2), std::nullopt}),
            Record(KeeperAdopted{keeper(2)})
        )
    );
    EXPECT_THAT(d.actions, IsEmpty());
}

TEST_F(KeeperTest, ANewKeeperPausesGroupsWithQueuedTasksEvenIfNothingRan) {
    given({pause("default"), add("0"), start(AllTasks{}), pause("default")});
    at(1s, exited(0, code(0)));
    at(1s, add("1"));
    at(1s, ask(group_add("gpu")));
    crash();

    const Decision d = after_crash(5s, report(2));

    EXPECT_THAT(d.records, ElementsAre(Record(KeeperAdopted{keeper(2)})));
    EXPECT_EQ(state_after_crash().groups.at("default").status, GroupStatus::paused);
    EXPECT_EQ(state_after_crash().groups.at("gpu").status, GroupStatus::running);
}

TEST_F(KeeperTest, NothingIsLostWithAKeeperThatEndedUnderOurEyes) {
    given({ask(parallel("default", 3)), add("0"), add("1"), add("2"), add("3")});
    KeeperReport next = report(2);
    next.alive = {key(0)};
    next.exits = {exit_of(1, 7, 1)};
    next.nothing_lost = true;

    const Decision d = at(5s, next);

    EXPECT_THAT(
        d.records,
        ElementsAre(
            finished(1, Failed{7}, 0s, 5s),
            Record(AttemptWithdrawn{id(2)}),
            Record(KeeperAdopted{keeper(2)}),
            started(2, 0s, 5s, 1, 1),
            started(3, 0s, 5s, 2)
        )
    );
    EXPECT_EQ(state().groups.at("default").status, GroupStatus::running);
}

TEST_F(KeeperTest, AnEndThatNobodyCanDescribeIsAnErrorAndNeverASuccess) {
    given({add("0")});
    ChildExited lost = exit_of(0, 0, 1);
    lost.lost = true;

    EXPECT_THAT(at(5s, lost).records, ElementsAre(finished(0, Errored{}, 0s, 5s)));
}

TEST_F(KeeperTest, AReportOfTheSameKeeperKeepsLocksAndGroupsAsTheyAre) {
    given({add("0"), add("1"), add("2"), ask(EditRequest{ids({1})})});
    crash();
    KeeperReport alive = report(1);
    alive.alive = {key(0)};

    EXPECT_THAT(after_crash(1s, alive).records, IsEmpty());
    EXPECT_TRUE(state_after_crash().tasks.at(id(1)).status.is<Locked>());
}

TEST_F(KeeperTest, AnAttemptNobodyKnowsIsLeftAlone) {
    KeeperReport alive = report(1);
    alive.alive = {AttemptKey{id(40), AttemptNumber{2}, {}}};

    const Decision d = at(1s, alive);

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, IsEmpty());
}

// Signals that may have been lost.

TEST_F(KeeperTest, StopsAndContinuesAreRepeatedToAdoptedProcesses) {
    given({ask(parallel("default", 3)), add("0"), add("1"), add("2")});
    given({pause(ids({0, 1})), start(ids({1}))});
    crash();
    KeeperReport alive = report(1);
    alive.alive = {key(0), key(1), key(2)};

    EXPECT_THAT(after_crash(1s, alive).actions, ElementsAre(send(19, 0), send(18, 1)));
}

TEST_F(KeeperTest, AKillIsRepeatedAndAnsweredAfterTheConnectionBroke) {
    given({add("0")});
    at(1s, kill(ids({0})));
    EXPECT_THAT(at(2s, KeeperLost{}).actions, IsEmpty());
    KeeperReport alive = report(1);
    alive.alive = {key(0)};

    EXPECT_THAT(at(3s, alive).actions, ElementsAre(send(9, 0)));
    EXPECT_THAT(
        at(4s, exited(0, signal(9))).actions,
        ElementsAre(acknowledge(1), success("Tasks are being killed: 0"))
    );
}

TEST_F(KeeperTest, AnAttemptThatWasKilledBeforeItReachedTheKeeperIsNotStartedAgain) {
    given({add("0")});
    at(1s, kill(ids({0})));
    at(2s, KeeperLost{});

    const Decision d = at(3s, report(1));

    EXPECT_THAT(d.records, ElementsAre(finished(0, Killed{}, 0s, 3s)));
    EXPECT_THAT(d.actions, ElementsAre(success("Tasks are being killed: 0")));
}

TEST_F(KeeperTest, TheEndOfTheDaemonGoesOnWithTheNextReport) {
    given({add("0"), add("1")});
    at(1s, StopRequested{});
    at(1s, KeeperLost{});
    KeeperReport alive = report(1);
    alive.alive = {key(0)};

    EXPECT_THAT(at(2s, alive).actions, ElementsAre(send(9, 0)));
    at(2s, KeeperLost{});
    EXPECT_THAT(at(3s, report(2)).actions, ElementsAre(Action(ExitDaemon{0})));
}

// Forced starts without a keeper.

TEST_F(KeeperTest, AForcedStartWaitsForTheNextKeeper) {
    given({pause("default"), add("0"), add("1"), KeeperLost{}});

    const Decision asked = at(1s, start(ids({1})));
    EXPECT_THAT(asked.records, IsEmpty());
    EXPECT_THAT(asked.actions, IsEmpty());

    const Decision reported = at(2s, report(1));
    EXPECT_THAT(reported.actions, ElementsAre(starts(1)));
    EXPECT_THAT(
        at(3s, runs(1)).actions, ElementsAre(success("Tasks have been started/resumed: 1"))
    );
}

TEST_F(KeeperTest, AForcedStartIsRefusedWhenNoKeeperComes) {
    given({pause("default"), add("0"), add("1"), KeeperLost{}});
    at(1s, start(ids({1, 0})));
    at(1s, add("2").immediately());

    EXPECT_THAT(
        at(11s, AlarmRang{}).actions,
        ElementsAre(
            failure("The keeper process does not respond. These tasks have not been started: 1, 0"),
            Action(Reply{SessionId{1}, AddedTaskReply{id(2), std::nullopt, true}, Waits::durable})
        )
    );
    EXPECT_THAT(at(12s, report(1)).records, IsEmpty());
}

TEST_F(KeeperTest, AForcedStartThatWasLostOnTheWayIsForcedAgain) {
    given({pause("default"), add("0")});
    at(1s, start(ids({0})));
    at(2s, KeeperLost{});

    const Decision d = at(3s, report(1));

    EXPECT_THAT(d.records, ElementsAre(Record(AttemptWithdrawn{id(0)}), started(0, 0s, 3s, 0, 1)));
    EXPECT_THAT(d.actions, ElementsAre(starts(0)));
    EXPECT_EQ(at(4s, runs(0)).actions.size(), 1U);
}

TEST_F(KeeperTest, AForcedStartIsAnsweredByTheReportThatShowsIt) {
    given({pause("default"), add("0")});
    at(1s, start(ids({0})));
    at(2s, KeeperLost{});
    KeeperReport alive = report(1);
    alive.alive = {key(0)};

    EXPECT_THAT(at(3s, alive).actions, ElementsAre(success("Tasks have been started/resumed: 0")));
}

TEST_F(KeeperTest, AWishFollowsTheTaskWhenIdsAreSwitched) {
    given({pause("default"), add("0"), add("1"), KeeperLost{}});
    at(1s, start(ids({1})));
    at(2s, ask(Switch{id(0), id(1)}));

    const Decision d = at(3s, report(1));

    EXPECT_THAT(d.actions, ElementsAre(starts(0)));
}

TEST_F(KeeperTest, AWishForATaskThatWasRemovedComesToNothing) {
    given({pause("default"), add("0"), KeeperLost{}});
    at(1s, start(ids({0})));
    at(2s, remove(ids({0})));

    EXPECT_THAT(
        at(3s, report(1)).actions, ElementsAre(success("Tasks have been started/resumed: 0"))
    );
}

}  // namespace
}  // namespace pueue::core
