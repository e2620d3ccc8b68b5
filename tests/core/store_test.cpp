// What happens when nothing can be put on record.
#include "tests/core/scheduler_fixture.hpp"

namespace pueue::core {
namespace store_test {

class StoreTest : public SchedulerTest {
  protected:
    void fail() { EXPECT_THAT(at(1s, StoreFailed{"Disk full."}).records, IsEmpty()); }
};

Action refusal() {
    return Reply{SessionId{1}, FailureReply{"Nothing was changed. Disk full."}, Waits::written};
}

TEST_F(StoreTest, RefusesChangesAndSaysWhy) {
    given({add("0"), add("1")});
    fail();
    const std::vector<Event> changes = {
        add("2"),
        remove(ids({1})),
        pause(AllTasks{}),
        start(AllTasks{}),
        stash(AllTasks{}),
        enqueue(AllTasks{}),
        ask(Clean{}),
        ask(Reset{}),
        ask(group_add("gpu")),
        ask(parallel("default", 3)),
        ask(EditRequest{ids({1})}),
    };
    for (const Event& change : changes) {
        const Decision d = at(2s, change);
        EXPECT_THAT(d.records, IsEmpty()) << describe(change);
        EXPECT_THAT(d.actions, ElementsAre(refusal())) << describe(change);
    }
}

TEST_F(StoreTest, StillAnswersReads) {
    fail();
    const Decision d = at(2s, ask(Status{}));
    EXPECT_THAT(d.actions, ElementsAre(Action(Reply{SessionId{1}, StatusReply{}, Waits::written})));
}

TEST_F(StoreTest, StillKills) {
    given({add("0")});
    fail();
    EXPECT_THAT(at(2s, kill(ids({0}))).actions, ElementsAre(send(9, 0)));
}

TEST_F(StoreTest, FollowsWhatRunsAndStartsNothing) {
    given({add("0"), add("1"), add("2").after({0}), add("3").until(5s)});
    fail();
    const Decision d = at(6s, exited(0, code(1)));
    EXPECT_THAT(d.records, ElementsAre(finished(0, Failed{1}, 0s, 6s)));
    EXPECT_THAT(d.actions, ElementsAre(acknowledge(1)));
    EXPECT_EQ(scheduler().next_alarm(), std::nullopt);
}

TEST_F(StoreTest, CatchesUpWhenItWorksAgain) {
    given({add("0"), add("1")});
    fail();
    at(2s, exited(0, code(0)));
    const Decision d = at(3s, StoreRecovered{});
    EXPECT_THAT(d.records, ElementsAre(started(1, 0s, 3s)));
    EXPECT_THAT(d.actions, ElementsAre(starts(1)));
    EXPECT_THAT(at(4s, add("2")).actions, ElementsAre(added(2)));
}

TEST_F(StoreTest, CanBeShutDown) {
    fail();
    EXPECT_THAT(
        at(2s, ask(Shutdown{})).actions,
        ElementsAre(
            Action(Reply{SessionId{1}, SuccessReply{"Daemon is shutting down"}, Waits::written}),
            Action(ExitDaemon{0})
        )
    );
}

}  // namespace store_test
}  // namespace pueue::core
