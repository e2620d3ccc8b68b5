#include "tests/core/scheduler_fixture.hpp"

namespace pueue::core {
namespace {

class FollowTest : public SchedulerTest {
  protected:
    static Event follow(TaskSelection tasks, std::optional<std::uint64_t> lines = {}) {
        return ask(Follow{std::move(tasks), lines}, 7);
    }
    static Action shows(std::uint64_t task, std::optional<std::uint64_t> lines = {}) {
        return FollowLog{SessionId{7}, id(task), lines};
    }
    static Action ends(bool is_removed = false) { return EndFollow{SessionId{7}, is_removed}; }
    static Action refuses(std::string text) {
        return Reply{SessionId{7}, FailureReply{std::move(text)}, Waits::written};
    }
};

TEST_F(FollowTest, ShowsARunningTaskUntilItEnds) {
    given({add("0")});
    EXPECT_THAT(at(1s, follow(ids({0}), 5)).actions, ElementsAre(shows(0, 5)));
    EXPECT_THAT(at(2s, add("1")).actions, ElementsAre(added(1)));
    const Decision d = at(3s, exited(0, code(0)));
    EXPECT_THAT(d.actions, ::testing::Contains(ends()));
    EXPECT_THAT(at(4s, exited(1, code(0))).actions, ::testing::Not(::testing::Contains(ends())));
}

TEST_F(FollowTest, ShowsAFinishedTaskAndEndsAtOnce) {
    given({add("0")});
    at(1s, exited(0, code(1)));
    EXPECT_THAT(at(2s, follow(ids({0}))).actions, ElementsAre(shows(0), ends()));
}

TEST_F(FollowTest, WaitsForATaskThatHasNotBegun) {
    given({add("0"), add("1")});
    EXPECT_THAT(at(1s, follow(ids({1}))).actions, IsEmpty());
    const Decision d = at(2s, exited(0, code(0)));
    EXPECT_THAT(d.actions, ::testing::Contains(shows(1)));
}

TEST_F(FollowTest, TakesTheOnlyTaskThatRunsWhenNoneIsNamed) {
    EXPECT_THAT(
        at(1s, follow(ids({}))).actions, ElementsAre(refuses("There are no running tasks."))
    );
    given({add("0")});
    EXPECT_THAT(at(2s, follow(AllTasks{})).actions, ElementsAre(shows(0)));
    given({ask(Parallel{"default", 2}), add("1")});
    EXPECT_THAT(
        at(3s, follow("default")).actions,
        ElementsAre(refuses("Multiple tasks are running, please select one of the following: 0, 1"))
    );
}

TEST_F(FollowTest, RefusesATaskThatIsNotThereOrGoesBeforeItBegins) {
    const std::string text = "Pueue: The task to be followed doesn't exist.";
    EXPECT_THAT(at(1s, follow(ids({9}))).actions, ElementsAre(refuses(text)));
    given({add("0").stashed()});
    at(2s, follow(ids({0})));
    const Decision d = at(3s, ask(Remove{ids({0})}));
    EXPECT_THAT(d.actions, ::testing::Contains(refuses(text)));
}

TEST_F(FollowTest, ForgetsAFollowerThatHasGone) {
    given({add("0")});
    at(1s, follow(ids({0})));
    at(2s, ClientGone{SessionId{7}});
    EXPECT_THAT(at(3s, exited(0, code(0))).actions, ::testing::Not(::testing::Contains(ends())));
}

}  // namespace
}  // namespace pueue::core
