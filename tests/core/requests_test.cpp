// What each request does and what it answers, word by word (pueued 3.3 and 3.4).
#include "tests/core/scheduler_fixture.hpp"

namespace pueue::core {
namespace {

using RequestTest = SchedulerTest;

const std::string no_group_test =
    "Group test doesn't exists. Use one of these: [\"default\", \"odd \\\"one\\\"\"]";

// Add

TEST_F(RequestTest, AddRefusesAnUnknownGroupAndNamesTheOthers) {
    given({ask(group_add("odd \"one\""))});

    const Decision d = at(1s, add("make").in("test"));

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(failure(no_group_test)));
}

TEST_F(RequestTest, AddNamesMissingDependenciesAsTheyWereGiven) {
    given({add("0")});

    const Decision d = at(1s, add("make").after({7, 0, 5, 7}));

    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(
        d.actions,
        ElementsAre(failure("Unable to setup dependencies : task(s) [7, 5, 7] not found"))
    );
}

TEST_F(RequestTest, AddSortsDependenciesAndDropsDuplicates) {
    given({add("0"), add("1"), add("2").after({1, 0, 1})});
    EXPECT_EQ(task(2).spec->dependencies, ids({0, 1}));
}

TEST_F(RequestTest, AddWithATimeIsStashedUntilThen) {
    const Decision d = at(1s, add("make").until(90s));

    EXPECT_EQ(status(0), TaskStatus(Stashed{clock_at(90s)}));
    const AddedTaskReply reply{id(0), clock_at(90s), false};
    EXPECT_THAT(d.actions, ElementsAre(Action(Reply{SessionId{1}, reply, Waits::durable})));
}

TEST_F(RequestTest, AddSaysThatTheGroupIsPausedButNotThatItIsReset) {
    given({pause("default")});
    const AddedTaskReply reply{id(0), std::nullopt, true};
    EXPECT_THAT(
        at(1s, add("make")).actions, ElementsAre(Action(Reply{SessionId{1}, reply, Waits::durable}))
    );
}

TEST_F(RequestTest, AddImmediatelyStartsRegardlessAndIsAnsweredWhenTheProcessRuns) {
    given({add("0"), pause("default")});

    const Decision d = at(1s, add("make").after({0}).stashed().immediately());

    EXPECT_EQ(d.records.at(1), started(1, 1s, 1s, 1));
    EXPECT_THAT(d.actions, ElementsAre(starts(1, 1)));
    const AddedTaskReply reply{id(1), std::nullopt, true};
    EXPECT_THAT(
        at(2s, runs(1)).actions, ElementsAre(Action(Reply{SessionId{1}, reply, Waits::durable}))
    );
    EXPECT_EQ(scheduler().next_deadline(), std::nullopt);
}

TEST_F(RequestTest, AddImmediatelyAnswersTheSameWhenTheStartFails) {
    at(1s, add("make").immediately());
    EXPECT_THAT(at(2s, StartFailed{key(0), "no"}).actions, ElementsAre(added(0)));
}

// Start

TEST_F(RequestTest, StartByIdsStartsWhatWaitsAndResumesWhatIsPaused) {
    given({add("0"), add("1").stashed(), add("2"), pause(ids({0}))});

    const Decision d = at(5s, start(ids({2, 0, 1, 9})));

    EXPECT_THAT(
        d.records,
        ElementsAre(started(2, 0s, 5s, 1), Record(TaskResumed{id(0)}), started(1, 5s, 5s, 2))
    );
    EXPECT_THAT(d.actions, ElementsAre(starts(2, 1), send(18, 0), starts(1, 2)));
    EXPECT_THAT(at(6s, runs(1)).actions, IsEmpty());
    EXPECT_THAT(
        at(6s, runs(2)).actions,
        ElementsAre(
            success("Tasks have been started/resumed: 2, 0, 1\nThe command failed for tasks: 9")
        )
    );
}

TEST_F(RequestTest, StartIsAnsweredAtOnceWhenNoProcessHasToBeMade) {
    given({add("0"), pause(ids({0}))});
    EXPECT_THAT(
        at(1s, start(ids({0}))).actions,
        ElementsAre(send(18, 0), success("Tasks have been started/resumed: 0"))
    );
}

TEST_F(RequestTest, StartGivesUpWaitingForAProcessAfterTenSeconds) {
    given({add("0"), add("1")});
    at(1s, start(ids({1})));
    EXPECT_EQ(scheduler().next_deadline(), now_at(11s).instant);

    EXPECT_THAT(
        at(11s, AlarmRang{}).actions, ElementsAre(success("Tasks have been started/resumed: 1"))
    );
    EXPECT_EQ(scheduler().next_deadline(), std::nullopt);
}

TEST_F(RequestTest, StartFailsWhenNothingMatches) {
    given({add("0")});
    const Decision d = at(1s, start(ids({0, 3})));
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(failure("The command failed for tasks: 0, 3")));
}

TEST_F(RequestTest, StartOfNoIdsSucceedsWithAnEmptyList) {
    EXPECT_THAT(
        at(1s, start(ids({}))).actions, ElementsAre(success("Tasks have been started/resumed: "))
    );
}

TEST_F(RequestTest, StartTakesALockedTaskAlongInGoodCompanyOnly) {
    given({pause("default"), add("0"), add("1"), ask(EditRequest{ids({0})})});
    EXPECT_THAT(
        at(1s, start(ids({0}))).actions, ElementsAre(failure("The command failed for tasks: 0"))
    );

    at(2s, start(ids({0, 1})));

    EXPECT_TRUE(status(0).is<Running>());
}

TEST_F(RequestTest, StartOfAGroupResumesItAndItsPausedTasks) {
    given({add("0"), ask(group_add("gpu")), add("1").in("gpu"), pause(AllTasks{})});

    const Decision d = at(1s, start("gpu"));

    EXPECT_THAT(
        d.records,
        ElementsAre(Record(GroupStatusSet{"gpu", GroupStatus::running}), Record(TaskResumed{id(1)}))
    );
    EXPECT_THAT(d.actions, ElementsAre(send(18, 1), success("Group \"gpu\" is being resumed.")));
    EXPECT_THAT(
        at(2s, start(AllTasks{})).actions,
        ElementsAre(send(18, 0), success("All groups are being resumed."))
    );
}

TEST_F(RequestTest, StartOfAGroupForcesNothing) {
    given({add("0"), add("1"), add("2").stashed()});
    EXPECT_THAT(at(1s, start("default")).records, IsEmpty());
}

// Pause

TEST_F(RequestTest, PauseByIdsStopsRunningTasksAndNotTheirGroup) {
    given({add("0"), add("1")});

    const Decision d = at(1s, pause(ids({0, 1})));

    EXPECT_THAT(d.records, ElementsAre(Record(TaskPaused{id(0)})));
    EXPECT_THAT(
        d.actions,
        ElementsAre(
            send(19, 0), success("Tasks have been paused: 0\nThe command failed for tasks: 1")
        )
    );
}

TEST_F(RequestTest, PauseSkipsAnIdThatDoesNotExist) {
    given({add("0")});
    EXPECT_THAT(
        at(1s, pause(ids({999, 0}))).actions,
        ElementsAre(
            send(19, 0), success("Tasks have been paused: 0\nThe command failed for tasks: 999")
        )
    );
}

TEST_F(RequestTest, PauseStopsAPausedTaskOnceMoreInAMixedList) {
    given({ask(parallel("default", 2)), add("0"), add("1"), pause(ids({0}))});

    const Decision d = at(1s, pause(ids({0, 1})));

    EXPECT_THAT(d.records, ElementsAre(Record(TaskPaused{id(1)})));
    EXPECT_EQ(d.actions.front(), send(19, 0));
}

TEST_F(RequestTest, PauseOfAGroupStopsItAndItsTasks) {
    given({add("0"), ask(group_add("gpu")), add("1").in("gpu")});

    const Decision d = at(1s, pause("gpu"));

    EXPECT_THAT(
        d.records,
        ElementsAre(Record(GroupStatusSet{"gpu", GroupStatus::paused}), Record(TaskPaused{id(1)}))
    );
    EXPECT_THAT(d.actions, ElementsAre(send(19, 1), success("Group \"gpu\" is being paused.")));
    EXPECT_THAT(
        at(2s, pause(AllTasks{})).actions,
        ElementsAre(send(19, 0), send(19, 1), success("All groups are being paused."))
    );
}

TEST_F(RequestTest, PauseThatWaitsLeavesTheTasksAlone) {
    given({add("0")});

    const Decision d = at(1s, ask(Pause{"default", true}));
    EXPECT_THAT(d.records, ElementsAre(Record(GroupStatusSet{"default", GroupStatus::paused})));
    EXPECT_THAT(d.actions, ElementsAre(success("Group \"default\" is being paused.")));

    const Decision by_ids = at(2s, ask(Pause{ids({0}), true}));
    EXPECT_THAT(by_ids.records, IsEmpty());
    EXPECT_THAT(by_ids.actions, ElementsAre(success("Tasks have been paused: 0")));
}

// Kill

TEST_F(RequestTest, KillIsAnsweredWhenTheProcessesAreGone) {
    given({ask(parallel("default", 2)), add("0"), add("1"), pause(ids({1})), add("2")});

    EXPECT_THAT(at(1s, kill(ids({0, 1, 2}))).actions, ElementsAre(send(9, 0), send(9, 1)));
    at(2s, exited(0, signal(9)));
    const Decision d = at(3s, exited(1, signal(9)));

    EXPECT_THAT(d.records, ElementsAre(finished(1, Killed{}, 0s, 3s)));
    EXPECT_THAT(
        d.actions,
        ElementsAre(
            acknowledge(2), success("Tasks are being killed: 0, 1\nThe command failed for tasks: 2")
        )
    );
    EXPECT_EQ(group_status("default"), GroupStatus::running);
}

TEST_F(RequestTest, KillGivesUpWaitingForAProcessThatDoesNotDie) {
    given({add("0")});
    at(1s, kill(ids({0})));

    EXPECT_THAT(at(10s, AlarmRang{}).actions, IsEmpty());
    EXPECT_THAT(at(11s, AlarmRang{}).actions, ElementsAre(success("Tasks are being killed: 0")));
    EXPECT_TRUE(status(0).is<Running>());
}

TEST_F(RequestTest, KillOfAGroupPausesItOnlyIfSomethingWaitsInIt) {
    given({ask(group_add("gpu")), add("0"), add("1").in("gpu"), add("2").in("gpu").until(99s)});

    EXPECT_THAT(at(1s, kill("default")).records, IsEmpty());
    EXPECT_THAT(
        at(2s, kill("gpu")).records, ElementsAre(Record(GroupStatusSet{"gpu", GroupStatus::paused}))
    );
    EXPECT_EQ(
        at(3s, exited(1, signal(9))).actions.back(),
        success("All tasks of group \"gpu\" are being killed. The group will also be paused!!!")
    );
}

TEST_F(RequestTest, KillOfEverythingPausesEveryGroupIfSomethingWaitsInOne) {
    given({ask(group_add("gpu")), add("0"), add("1")});

    EXPECT_THAT(
        at(1s, kill(AllTasks{})).records,
        ElementsAre(
            Record(GroupStatusSet{"default", GroupStatus::paused}),
            Record(GroupStatusSet{"gpu", GroupStatus::paused})
        )
    );
    EXPECT_EQ(
        at(2s, exited(0, signal(9))).actions.back(),
        success("All tasks are being killed. All groups will be paused!!!")
    );
}

TEST_F(RequestTest, KillWithASignalOnlySendsIt) {
    given({add("0"), add("1").stashed()});

    const Decision d = at(1s, kill_with(15, "sigterm", ids({0})));
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(send(15, 0), success("Tasks are being killed: 0")));
    EXPECT_THAT(
        at(2s, kill_with(2, "sigint", "default")).actions,
        ElementsAre(
            send(2, 0), success("Sending signal sigint to all running tasks of group default.")
        )
    );
    EXPECT_THAT(
        at(3s, kill_with(18, "sigcont", AllTasks{})).actions,
        ElementsAre(send(18, 0), success("Sending signal sigcont to all running tasks."))
    );
    EXPECT_EQ(group_status("default"), GroupStatus::running);
}

TEST_F(RequestTest, KillLetsATaskThatEndedByItselfKeepItsResult) {
    given({add("0")});
    at(1s, kill(ids({0})));
    EXPECT_THAT(at(2s, exited(0, code(0))).records, ElementsAre(finished(0, Success{}, 0s, 2s)));
}

TEST_F(RequestTest, RequestsThatNameAGroupRefuseAnUnknownOne) {
    given({ask(group_add("odd \"one\""))});
    const std::vector<Event> requests{
        start("test"),
        pause("test"),
        kill("test"),
        ask(GroupRemove{"test"}),
        ask(Parallel{"test", 3}),
    };
    for (const Event& request : requests) {
        const Decision d = at(1s, request);
        EXPECT_THAT(d.records, IsEmpty());
        EXPECT_THAT(d.actions, ElementsAre(failure(no_group_test))) << describe(request);
    }
}

// A client that does not wait for its answer.

TEST_F(RequestTest, ForgetsTheAnswersOfAClientThatIsGone) {
    given({add("0"), add("1")});
    at(1s, ask(Start{ids({1})}, 7));
    at(2s, ClientGone{SessionId{7}});

    EXPECT_THAT(at(3s, runs(1)).actions, IsEmpty());
    EXPECT_EQ(scheduler().next_deadline(), std::nullopt);
}

// Stash and enqueue

TEST_F(RequestTest, StashByIdsTakesQueuedTasksAndSpeaksOfEnqueueing) {
    given({add("0"), add("1"), add("2").until(99s)});

    const Decision d = at(1s, stash(ids({1, 2, 0})));

    EXPECT_THAT(d.records, ElementsAre(Record(TaskStashed{id(1), std::nullopt})));
    EXPECT_THAT(
        d.actions,
        ElementsAre(
            success("Stashed tasks have been enqueued: 1, 2\nThe command failed for tasks: 0")
        )
    );
    EXPECT_EQ(status(2), TaskStatus(Stashed{clock_at(99s)}));
}

TEST_F(RequestTest, StashWithATimeNamesIt) {
    given({pause("default"), add("0"), add("1"), add("2")});

    EXPECT_THAT(
        at(1s, stash_until(60s, "12:00:00", ids({0}))).actions,
        ElementsAre(success("Stashed tasks will be enqueued at 12:00:00: 0"))
    );
    EXPECT_EQ(status(0), TaskStatus(Stashed{clock_at(60s)}));
    EXPECT_THAT(
        at(1s, stash_until(60s, "12:00:00", "default")).actions,
        ElementsAre(success("Enqueue stashed tasks of group default at 12:00:00."))
    );
    EXPECT_EQ(status(1), TaskStatus(Stashed{clock_at(60s)}));
    EXPECT_THAT(
        at(1s, stash_until(60s, "12:00:00", AllTasks{})).actions,
        ElementsAre(success("Enqueue all stashed tasks at 12:00:00."))
    );
}

TEST_F(RequestTest, StashOfAGroupAndOfEverythingTakesWhatIsQueuedThere) {
    given({ask(group_add("gpu")), pause(AllTasks{}), add("0"), add("1").in("gpu")});

    EXPECT_THAT(
        at(1s, stash("gpu")).actions,
        ElementsAre(success("All queued tasks of group \"gpu\" have been stashd."))
    );
    EXPECT_TRUE(status(0).is<Queued>());
    EXPECT_THAT(
        at(1s, stash(AllTasks{})).actions,
        ElementsAre(success("All queued tasks have been stashed."))
    );
    EXPECT_TRUE(status(0).is<Stashed>());
}

TEST_F(RequestTest, StashDoesNotCareWhetherTheGroupExists) {
    EXPECT_THAT(
        at(1s, stash("nowhere")).actions,
        ElementsAre(success("All queued tasks of group \"nowhere\" have been stashd."))
    );
}

TEST_F(RequestTest, EnqueueQueuesStashedTasksAsOfNow) {
    given({pause("default"), add("0").stashed(), add("1"), add("2").until(99s)});

    const Decision d = at(7s, enqueue(ids({0, 1, 2})));

    EXPECT_THAT(
        d.records,
        ElementsAre(
            Record(TaskEnqueued{id(0), clock_at(7s)}), Record(TaskEnqueued{id(2), clock_at(7s)})
        )
    );
    EXPECT_THAT(d.actions, ElementsAre(success("Stashed tasks have been enqueued: 0, 1, 2")));
    EXPECT_EQ(scheduler().next_alarm(), std::nullopt);
}

TEST_F(RequestTest, EnqueueWithATimeSetsItAndDoesNotTakeQueuedTasks) {
    given({pause("default"), add("0").stashed(), add("1"), add("2").until(99s)});

    const Decision d = at(1s, enqueue_at(60s, "12:00:00", ids({0, 1, 2})));

    EXPECT_THAT(
        d.records,
        ElementsAre(
            Record(TaskStashed{id(0), clock_at(60s)}), Record(TaskStashed{id(2), clock_at(60s)})
        )
    );
    EXPECT_THAT(
        d.actions,
        ElementsAre(success(
            "Stashed tasks will be enqueued at 12:00:00: 0, 2\nThe command failed for tasks: 1"
        ))
    );
    EXPECT_EQ(scheduler().next_alarm(), clock_at(60s));
}

TEST_F(RequestTest, EnqueueOfAGroupAndOfEverything) {
    given({ask(group_add("gpu")), pause(AllTasks{})});
    given({add("0").stashed(), add("1").in("gpu").stashed()});

    EXPECT_THAT(
        at(1s, enqueue("gpu")).actions,
        ElementsAre(success("All stashed tasks of group \"gpu\" have been enqueued."))
    );
    EXPECT_TRUE(status(0).is<Stashed>());
    EXPECT_THAT(
        at(1s, enqueue(AllTasks{})).actions,
        ElementsAre(success("All stashed tasks have been enqueued."))
    );
    EXPECT_TRUE(status(0).is<Queued>());
}

// Groups

TEST_F(RequestTest, GroupAddMakesARunningGroupWithOneSlotUnlessToldOtherwise) {
    EXPECT_THAT(
        at(1s, ask(group_add("gpu"))).actions,
        ElementsAre(success("New group \"gpu\" has been created"))
    );
    at(1s, ask(group_add("", 0)));
    EXPECT_EQ(state().groups.at("gpu"), (Group{GroupStatus::running, 1}));
    EXPECT_EQ(state().groups.at(""), (Group{GroupStatus::running, 0}));
    EXPECT_THAT(
        at(2s, ask(group_add("gpu"))).actions, ElementsAre(failure("Group \"gpu\" already exists"))
    );
}

TEST_F(RequestTest, GroupRemoveTakesEmptyGroupsExceptTheDefaultOne) {
    given({ask(group_add("gpu")), add("0").in("gpu")});

    EXPECT_THAT(
        at(1s, ask(GroupRemove{"default"})).actions,
        ElementsAre(failure("You cannot delete the default group"))
    );
    EXPECT_THAT(
        at(2s, ask(GroupRemove{"gpu"})).actions,
        ElementsAre(failure("You cannot remove a group, if there're still tasks in it."))
    );
    at(3s, exited(0, code(0)));
    at(4s, ask(Clean{}));
    EXPECT_THAT(
        at(5s, ask(GroupRemove{"gpu"})).actions,
        ElementsAre(success("Group \"gpu\" has been removed"))
    );
    EXPECT_EQ(state().group("gpu"), nullptr);
}

TEST_F(RequestTest, ParallelRecordsOnlyAChange) {
    const Decision same = at(1s, ask(parallel("default", 1)));
    EXPECT_THAT(same.records, IsEmpty());
    EXPECT_THAT(
        same.actions, ElementsAre(success("Parallel tasks setting for group \"default\" adjusted"))
    );
    EXPECT_THAT(
        at(1s, ask(parallel("default", 4))).records, ElementsAre(Record(ParallelSet{"default", 4}))
    );
}

// Remove and clean

TEST_F(RequestTest, RemoveTakesWhatHasNoProcess) {
    given({add("0"), add("1"), add("2").stashed()});

    const Decision d = at(1s, remove(ids({2, 0, 1, 8, 2})));

    EXPECT_THAT(d.records, ElementsAre(Record(TasksRemoved{ids({1, 2})})));
    EXPECT_THAT(
        d.actions,
        ElementsAre(
            Action(RemoveLogs{ids({1, 2})}),
            success("Tasks removed from list: 2, 1, 2\nThe command failed for tasks: 0, 8")
        )
    );
}

TEST_F(RequestTest, RemoveSparesWhatOthersWaitForUnlessTheyGoToo) {
    given({add("0"), add("1"), add("2").after({1}), add("3").after({2})});

    EXPECT_THAT(
        at(1s, remove(ids({1, 2, 9}))).actions,
        ElementsAre(failure("The command failed for tasks: 9, 1, 2"))
    );
    EXPECT_THAT(
        at(2s, remove(ids({1, 3, 2}))).actions.back(), success("Tasks removed from list: 1, 3, 2")
    );
}

TEST_F(RequestTest, RemoveFindsOutAboutALongChainWithoutEffort) {
    given({pause("default"), add("0")});
    std::vector<TaskId> chain = ids({0});
    constexpr std::uint64_t length = 200;
    for (std::uint64_t i = 1; i < length; ++i) {
        at(1s, add("next").after({i - 1}));
        chain.push_back(id(i));
    }
    chain.pop_back();

    EXPECT_THAT(at(2s, remove(chain)).records, IsEmpty());
    chain.push_back(id(length - 1));
    EXPECT_EQ(at(3s, remove(chain)).records.size(), 1U);
}

TEST_F(RequestTest, CleanTakesWhatIsDoneAndNotWaitedFor) {
    given({ask(group_add("gpu")), ask(parallel("default", 3))});
    given({add("0"), add("1"), add("2").in("gpu"), add("3").after({0}).stashed()});
    at(1s, exited(0, code(0)));
    at(1s, exited(1, code(1)));
    at(1s, exited(2, code(0)));

    const Decision good = at(2s, ask(Clean{true, "gpu"}));
    EXPECT_THAT(good.records, ElementsAre(Record(TasksRemoved{ids({2})})));
    EXPECT_THAT(
        good.actions,
        ElementsAre(
            Action(RemoveLogs{ids({2})}),
            success("All successfully finished tasks have been removed from group 'gpu'")
        )
    );
    const Decision all = at(3s, ask(Clean{}));
    EXPECT_THAT(all.records, ElementsAre(Record(TasksRemoved{ids({1})})));
    EXPECT_EQ(all.actions.back(), success("All finished tasks have been removed"));
}

TEST_F(RequestTest, CleanSucceedsWithNothingToDoAndInAGroupThatDoesNotExist) {
    const Decision d = at(1s, ask(Clean{false, "nowhere"}));
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(
        d.actions, ElementsAre(success("All finished tasks have been removed from group 'nowhere'"))
    );
}

// Reading

Action read(Answer answer) {
    return Reply{SessionId{1}, std::move(answer), Waits::written};
}

TEST_F(RequestTest, StatusAndGroupListWaitForNothingButTheWrite) {
    EXPECT_THAT(at(1s, ask(Status{})).actions, ElementsAre(read(StatusReply{})));
    EXPECT_THAT(at(1s, ask(GroupList{})).actions, ElementsAre(read(GroupsReply{})));
}

TEST_F(RequestTest, LogAnswersForTheTasksThatExistOnceEachInOrder) {
    given({ask(group_add("gpu")), add("0"), add("1"), add("2").in("gpu")});

    EXPECT_THAT(
        at(1s, ask(Log{ids({2, 9, 0, 2}), true, 15})).actions,
        ElementsAre(read(LogReply{ids({0, 2}), true, 15}))
    );
    EXPECT_THAT(
        at(1s, ask(Log{"gpu", false, {}})).actions, ElementsAre(read(LogReply{ids({2}), false, {}}))
    );
    EXPECT_THAT(
        at(1s, ask(Log{"nowhere", false, {}})).actions, ElementsAre(read(LogReply{{}, false, {}}))
    );
    EXPECT_THAT(
        at(1s, ask(Log{AllTasks{}, false, {}})).actions,
        ElementsAre(read(LogReply{ids({0, 1, 2}), false, {}}))
    );
}

// Switch, edit, environment

EditableFields fields(std::string command, std::int32_t priority = 0) {
    return {command, command + " expanded", "/new", "label", priority};
}

TEST_F(RequestTest, SwitchExchangesIdsAndRedirectsDependencies) {
    given({pause("default"), add("a").priority(3), add("b"), add("c").after({0})});

    const Decision d = at(1s, ask(Switch{id(0), id(1)}));

    EXPECT_THAT(d.records, ElementsAre(Record(TasksSwitched{id(0), id(1)})));
    EXPECT_THAT(d.actions, ElementsAre(success("Tasks have been switched")));
    EXPECT_EQ(task(0).spec->command, "b");
    EXPECT_EQ(task(1).spec->command, "a");
    EXPECT_EQ(task(1).spec->priority, 3);
    EXPECT_EQ(task(2).spec->dependencies, ids({1}));
}

TEST_F(RequestTest, SwitchLeavesADependentOfBothAlone) {
    given({pause("default"), add("a"), add("b"), add("c").after({0, 1})});
    at(1s, ask(Switch{id(1), id(0)}));
    EXPECT_EQ(task(2).spec->dependencies, ids({0, 1}));
}

TEST_F(RequestTest, SwitchFollowsTheIdsWhenTheTasksDependOnEachOther) {
    given({pause("default"), add("a"), add("b").after({0})});
    at(1s, ask(Switch{id(0), id(1)}));
    EXPECT_EQ(task(0).spec->dependencies, ids({1}));
    EXPECT_EQ(task(1).spec->dependencies, ids({}));
}

TEST_F(RequestTest, SwitchTakesTwoDifferentWaitingTasks) {
    given({add("0"), add("1"), add("2").stashed()});
    const Action waiting = failure("Tasks have to be either queued or stashed.");
    EXPECT_THAT(at(1s, ask(Switch{id(0), id(1)})).actions, ElementsAre(waiting));
    EXPECT_THAT(at(1s, ask(Switch{id(1), id(9)})).actions, ElementsAre(waiting));
    EXPECT_THAT(at(1s, ask(Switch{id(0), id(0)})).actions, ElementsAre(waiting));
    EXPECT_THAT(
        at(1s, ask(Switch{id(1), id(1)})).actions,
        ElementsAre(failure("You cannot switch a task with itself."))
    );
    EXPECT_EQ(at(1s, ask(Switch{id(1), id(2)})).records.size(), 1U);
}

TEST_F(RequestTest, EditLocksAndEditedTasksUnlocksWithTheNewText) {
    given({pause("default"), add("0"), add("1").until(99s)});

    const Decision locked = at(1s, ask(EditRequest{ids({1, 0})}));
    EXPECT_THAT(locked.records, ElementsAre(Record(TaskLocked{id(1)}), Record(TaskLocked{id(0)})));
    EXPECT_THAT(
        locked.actions,
        ElementsAre(Action(Reply{SessionId{1}, EditReply{ids({1, 0})}, Waits::durable}))
    );
    EXPECT_EQ(scheduler().next_alarm(), std::nullopt);

    const Decision edited = at(2s, ask(EditedTasks{{{id(1), fields("new", 4)}}}));
    EXPECT_THAT(
        edited.records,
        ElementsAre(Record(TaskEdited{id(1), fields("new", 4)}), Record(TaskUnlocked{id(1)}))
    );
    EXPECT_THAT(edited.actions, ElementsAre(success("All tasks have been updated")));
    EXPECT_EQ(status(1), TaskStatus(Stashed{clock_at(99s)}));
    EXPECT_EQ(task(1).spec->command, "new expanded");
    EXPECT_EQ(task(1).spec->label, "label");
    EXPECT_EQ(task(1).spec->priority, 4);
    EXPECT_TRUE(status(0).is<Locked>());
}

TEST_F(RequestTest, EditKeepsTheLocksItMadeBeforeItFailed) {
    given({add("0"), add("1"), add("2")});
    EXPECT_THAT(
        at(1s, ask(EditRequest{ids({1, 0})})).actions,
        ElementsAre(failure("You can only edit a queued/stashed task"))
    );
    EXPECT_TRUE(status(1).is<Locked>());
    EXPECT_THAT(
        at(1s, ask(EditRequest{ids({9})})).actions, ElementsAre(failure("No task with this id."))
    );
}

TEST_F(RequestTest, EditedTasksSaysWhatIsNoLongerThereToEdit) {
    given({add("0"), add("1")});
    at(1s, ask(EditRequest{ids({1})}));
    at(1s, enqueue(ids({1})));
    EXPECT_THAT(
        at(2s, ask(EditedTasks{{{id(1), fields("new")}}})).actions,
        ElementsAre(failure("Task 1 is no longer locked."))
    );
    EXPECT_THAT(
        at(2s, ask(EditedTasks{{{id(7), fields("new")}}})).actions,
        ElementsAre(failure("Task to edit has gone away: 7"))
    );
}

TEST_F(RequestTest, EditRestoreUnlocksWhatItCanAndListsTheRest) {
    given({add("0"), add("1"), add("2"), ask(EditRequest{ids({1, 2})})});
    EXPECT_THAT(
        at(1s, ask(EditRestore{ids({0, 1, 9})})).actions,
        ElementsAre(
            failure("Some tasks couldn't be unlocked:\nTask 0 isn't locked! Cannot be unlocked\n"
                    "No task with id 9! Cannot be unlocked.")
        )
    );
    EXPECT_TRUE(status(1).is<Queued>());
    EXPECT_THAT(
        at(2s, ask(EditRestore{ids({2})})).actions,
        ElementsAre(success("The requested task ids have been restored their previous state: [2]"))
    );
}

TEST_F(RequestTest, EnvChangesTheEnvironmentOfOneWaitingTask) {
    given({add("0"), add("1"), add("2")});

    EXPECT_THAT(
        at(1s, ask(EnvSet{id(1), "A", "b"})).actions,
        ElementsAre(success("Environment variable set."))
    );
    EXPECT_EQ(*task(1).spec->environment, *Environment::of({{"A", "b"}}));
    EXPECT_EQ(task(2).spec->environment->size(), 0U);
    EXPECT_THAT(
        at(1s, ask(EnvUnset{id(1), "A"})).actions,
        ElementsAre(success("Environment variable unset."))
    );
    EXPECT_THAT(
        at(1s, ask(EnvUnset{id(1), "A"})).actions,
        ElementsAre(failure("No environment variable with key 'A' found."))
    );
    EXPECT_THAT(
        at(1s, ask(EnvSet{id(0), "A", "b"})).actions,
        ElementsAre(failure("You can only edit stashed or queued tasks"))
    );
    EXPECT_THAT(
        at(1s, ask(EnvUnset{id(9), "A"})).actions, ElementsAre(failure("No task with id 9"))
    );
}

// Restart

TEST_F(RequestTest, RestartQueuesDoneTasksAnewWithTheGivenText) {
    given({add("0"), add("1")});
    at(1s, exited(0, code(1)));

    const Decision d =
        at(2s, ask(Restart{{{id(0), fields("again")}, {id(1), fields("no")}}, false, false}));

    EXPECT_THAT(
        d.records, ElementsAre(Record(TaskRestarted{id(0), fields("again"), clock_at(2s), false}))
    );
    EXPECT_THAT(
        d.actions,
        ElementsAre(
            Action(RotateLog{id(0), AttemptNumber{1}, 5}),
            success("Tasks has restarted: 0\nThe command failed for tasks: 1")
        )
    );
    EXPECT_EQ(status(0), TaskStatus(Queued{clock_at(2s)}));
    EXPECT_EQ(at(3s, exited(1, code(0))).records.back(), started(0, 2s, 3s, 0, 2));
}

TEST_F(RequestTest, RestartMakesDependentsWaitAgain) {
    given({add("0"), add("1").after({0}).stashed()});
    at(1s, exited(0, code(1)));
    at(2s, ask(Restart{{{id(0), fields("again")}}, false, false}));
    at(2s, enqueue(ids({1})));
    EXPECT_TRUE(status(1).is<Queued>());

    at(3s, exited(0, code(0)));
    EXPECT_TRUE(status(1).is<Running>());
}

TEST_F(RequestTest, RestartCanStash) {
    given({add("0")});
    at(1s, exited(0, code(0)));
    at(2s, ask(Restart{{{id(0), fields("again")}}, false, true}));
    EXPECT_EQ(status(0), TaskStatus(Stashed{}));
}

TEST_F(RequestTest, RestartImmediatelyStartsEveryIdEvenWhenItFails) {
    given({add("0"), pause(ids({0})), add("1").stashed()});

    const Decision d =
        at(2s, ask(Restart{{{id(0), fields("x")}, {id(1), fields("x")}}, true, false}));

    EXPECT_THAT(d.records, ElementsAre(Record(TaskResumed{id(0)}), started(1, 2s, 2s, 1)));
    EXPECT_EQ(at(3s, runs(1)).actions.back(), failure("The command failed for tasks: 0, 1"));
}

// Send

TEST_F(RequestTest, SendIsAnsweredWhenTheInputIsWritten) {
    given({add("0")});

    EXPECT_THAT(
        at(1s, ask(Send{id(0), "text\n"})).actions,
        ElementsAre(Action(SendInput{SessionId{1}, key(0), "text\n"}))
    );
    EXPECT_THAT(
        at(2s, InputSent{SessionId{1}, id(0), {}}).actions,
        ElementsAre(read(SuccessReply{"Message is being send to the process."}))
    );
    EXPECT_THAT(
        at(2s, InputSent{SessionId{1}, id(0), "Os { … }"}).actions,
        ElementsAre(read(FailureReply{"Failed to send input to task 0 with err Os { … }"}))
    );
}

TEST_F(RequestTest, SendNeedsAProcess) {
    given({add("0"), add("1")});
    const Action refused = failure("You can only send input to a running process.");
    EXPECT_THAT(at(1s, ask(Send{id(1), "x"})).actions, ElementsAre(refused));
    EXPECT_THAT(at(1s, ask(Send{id(9), "x"})).actions, ElementsAre(refused));
}

// Reset

TEST_F(RequestTest, ResetKillsAndThenRemovesTheTasksOfItsGroups) {
    given({ask(group_add("gpu")), add("0"), add("1"), add("2").in("gpu"), add("3").in("gpu")});

    const Decision d = at(1s, ask(Reset{{{"gpu"}}}));
    EXPECT_THAT(d.records, ElementsAre(Record(GroupStatusSet{"gpu", GroupStatus::reset})));
    EXPECT_THAT(d.actions, ElementsAre(send(9, 2)));

    const Decision end = at(2s, exited(2, signal(9)));
    EXPECT_THAT(
        end.records,
        ElementsAre(
            finished(2, Killed{}, 0s, 2s),
            Record(TasksRemoved{ids({2, 3})}),
            Record(GroupStatusSet{"gpu", GroupStatus::running})
        )
    );
    EXPECT_THAT(
        end.actions,
        ElementsAre(
            Action(RemoveLogs{ids({2})}),
            acknowledge(1),
            success("Everything is being reset right now.")
        )
    );
    EXPECT_TRUE(status(0).is<Running>());
    EXPECT_THAT(at(3s, add("next")).actions, ElementsAre(added(4)));
}

TEST_F(RequestTest, AddNeverGivesAnIdOutTwice) {
    given({add("0").stashed(), add("1").stashed(), ask(Remove{ids({1})})});
    EXPECT_THAT(at(1s, add("2").stashed()).actions.back(), added(2));
    at(2s, ask(Remove{ids({0, 2})}));
    EXPECT_THAT(at(3s, add("3").stashed()).actions.back(), added(3));
}

TEST_F(RequestTest, AddContinuesFromTheHighestIdThatIsLeftIfThePolicyIsTheOriginals) {
    Policy strict;
    strict.reuses_ids = true;
    policy(strict);
    given({add("0").stashed(), add("1").stashed(), ask(Remove{ids({1})})});
    EXPECT_THAT(at(1s, add("2").stashed()).actions.back(), added(1));
    at(2s, ask(Remove{ids({0, 1})}));
    EXPECT_THAT(at(3s, add("3").stashed()).actions.back(), added(0));
}

TEST_F(RequestTest, ResetOfEveryGroupLetsIdsStartAtZeroAgain) {
    given({ask(group_add("gpu")), add("0").stashed(), add("1").in("gpu")});

    EXPECT_THAT(
        at(1s, ask(Reset{{{"gpu", "default"}}})).records,
        ElementsAre(
            Record(FullResetSet{true}),
            Record(GroupStatusSet{"gpu", GroupStatus::reset}),
            Record(GroupStatusSet{"default", GroupStatus::reset}),
            Record(TasksRemoved{ids({0})}),
            Record(GroupStatusSet{"default", GroupStatus::running})
        )
    );
    EXPECT_EQ(at(2s, exited(1, signal(9))).records.back(), Record(IdsRestarted{}));
    EXPECT_THAT(at(3s, add("first")).actions.back(), added(0));
}

TEST_F(RequestTest, ResetOfEverythingIsAnsweredAtOnceWhenNothingRuns) {
    given({add("0").stashed()});
    EXPECT_THAT(
        at(1s, ask(Reset{})).actions, ElementsAre(success("Everything is being reset right now."))
    );
    EXPECT_EQ(state().next_task_id, id(0));
}

TEST_F(RequestTest, ResetIsCancelledByAPauseAndThenIdsGoOn) {
    given({add("0"), add("1"), ask(Reset{})});
    at(1s, pause("default"));

    EXPECT_FALSE(state().resetting_everything);
    at(2s, exited(0, signal(9)));
    EXPECT_TRUE(status(1).is<Queued>());
    EXPECT_EQ(state().next_task_id, id(2));
}

TEST_F(RequestTest, ResetRefusesAnUnknownGroupBeforeItTouchesAnything) {
    given({add("0")});
    const Decision d = at(1s, ask(Reset{{{"default", "nope"}}}));
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_THAT(d.actions, ElementsAre(failure("Group 'nope' doesn't exist.")));
}

}  // namespace
}  // namespace pueue::core
