// Which ends of tasks are told to the user's callback.
#include "tests/core/scheduler_fixture.hpp"

namespace pueue::core {
namespace {

class CallbackTest : public SchedulerTest {
  protected:
    CallbackTest() {
        Policy settings;
        settings.has_callback = true;
        policy(settings);
    }

    struct Called {
        std::uint64_t task;
        std::string result;
        std::uint64_t queued;
        std::uint64_t stashed;
        bool operator==(const Called&) const = default;
        friend void PrintTo(const Called& c, std::ostream* out) {
            *out << c.task << ' ' << c.result << ' ' << c.queued << ' ' << c.stashed;
        }
    };

    static std::vector<Called> calls(const Decision& decision) {
        std::vector<Called> all;
        for (const Action& action : decision.actions) {
            if (const auto* call = std::get_if<RunCallback>(&action)) {
                const auto* done = call->task.status.get_if<Done>();
                all.push_back(
                    {call->task.id.value,
                     done == nullptr ? "not done" : describe(done->result),
                     call->queued,
                     call->stashed}
                );
            }
        }
        return all;
    }
};

TEST_F(CallbackTest, IsRunForEachWayToEnd) {
    given({ask(parallel("default", 5)), add("0"), add("1"), add("2"), add("3"), add("4")});
    EXPECT_THAT(calls(at(1s, exited(0, code(0)))), ElementsAre(Called{0, "Success", 0, 0}));
    EXPECT_THAT(calls(at(2s, exited(1, code(3)))), ElementsAre(Called{1, "Failed(3)", 0, 0}));
    EXPECT_THAT(calls(at(3s, exited(2, signal(9)))), ElementsAre(Called{2, "Killed", 0, 0}));
    EXPECT_THAT(
        calls(at(4s, StartFailed{key(3), "why"})),
        ElementsAre(Called{3, "FailedToSpawn(why)", 0, 0})
    );
    EXPECT_THAT(
        calls(at(5s, ChildExited{key(4), false, 0, 9, true})),
        ElementsAre(Called{4, "Errored", 0, 0})
    );
}

TEST_F(CallbackTest, CountsItsGroupBeforeTheNextTaskStarts) {
    given({add("0"), add("1"), add("2"), add("3").stashed(), add("4").until(99s)});
    given({ask(group_add("g")), add("5").in("g"), add("6").in("g")});
    EXPECT_THAT(calls(at(1s, exited(0, code(0)))), ElementsAre(Called{0, "Success", 3, 2}));
}

TEST_F(CallbackTest, IsRunForEachTaskOfAChainThatCannotRun) {
    given({add("0"), add("1").after({0}), add("2").after({1})});
    EXPECT_THAT(
        calls(at(1s, exited(0, code(1)))),
        ElementsAre(
            Called{0, "Failed(1)", 2, 0},
            Called{1, "DependencyFailed", 1, 0},
            Called{2, "DependencyFailed", 0, 0}
        )
    );
}

TEST_F(CallbackTest, SeesTheTaskThatAResetRemovesInTheSameStep) {
    given({add("0"), ask(Reset{})});
    const Decision d = at(1s, exited(0, signal(9)));
    EXPECT_THAT(calls(d), ElementsAre(Called{0, "Killed", 0, 0}));
    EXPECT_FALSE(state().tasks.contains(id(0)));
}

TEST_F(CallbackTest, IsRunWhileTheDaemonEnds) {
    given({add("0"), StopRequested{}});
    EXPECT_THAT(calls(at(1s, exited(0, signal(9)))), ElementsAre(Called{0, "Killed", 0, 0}));
}

TEST_F(CallbackTest, IsRunOnceForAnEndThatIsToldTwice) {
    given({add("0")});
    const Event end = exited(0, code(0));
    EXPECT_EQ(calls(at(1s, end)).size(), 1U);
    EXPECT_EQ(calls(at(2s, end)).size(), 0U);
}

TEST_F(CallbackTest, IsRunForWhatEndedWhileThereWasNoDaemon) {
    given({add("0"), KeeperLost{}});
    EXPECT_THAT(
        calls(at(1s, KeeperReport{keeper(1), {}, {{key(0), false, 7, 1}}})),
        ElementsAre(Called{0, "Failed(7)", 0, 0})
    );
}

TEST_F(CallbackTest, IsNotRunForATaskThatWasLost) {
    given({add("0"), KeeperLost{}});
    EXPECT_THAT(calls(at(1s, KeeperReport{keeper(2), {}, {}})), IsEmpty());
    EXPECT_EQ(describe(status(0).get_if<Done>()->result), "Killed");
}

TEST_F(CallbackTest, IsNotRunIfThereIsNone) {
    policy({});
    given({add("0")});
    EXPECT_THAT(calls(at(1s, exited(0, code(0)))), IsEmpty());
}

}  // namespace
}  // namespace pueue::core
