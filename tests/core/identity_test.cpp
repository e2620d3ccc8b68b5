// Labels that are identities: what an add is whose label has runs already. The tables of the user's
// page docs/identity.md, cell by cell.
#include "tests/core/scheduler_fixture.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pueue::core {
namespace {

class IdentityTest : public SchedulerTest {
  protected:
    static AddRequest btc() { return add("run").labelled("BTC@250"); }
    static TaskOptions on_conflict(ConflictPolicy policy) {
        TaskOptions options;
        options.id_conflict_policy = policy;
        return options;
    }
    static TaskOptions on_reuse(ReusePolicy policy, OnReject reject = OnReject::fail) {
        TaskOptions options;
        options.id_reuse_policy = policy;
        options.on_reject = reject;
        return options;
    }
};

TEST_F(IdentityTest, TheSameWorkIsNotAddedTwiceWhileItIsUnderWay) {
    given({btc()});
    const Decision running = at(1s, btc());
    EXPECT_THAT(running.records, IsEmpty());
    EXPECT_THAT(running.actions, ElementsAre(answered(0, AddOutcome::existing)));

    at(2s, exited(0, code(1)));
    const Decision over = at(3s, btc());
    EXPECT_THAT(over.actions, ElementsAre(starts(1), added(1)));
}

TEST_F(IdentityTest, OfManyThatAddAtOnceTheFirstOneAdds) {
    at(1s, ask(std::get<ClientRequest>(Event(btc())).command, 1));
    for (std::uint64_t client = 2; client <= 16; ++client) {
        EXPECT_THAT(
            at(1s, ask(std::get<ClientRequest>(Event(btc())).command, client)).actions,
            ElementsAre(answered(0, AddOutcome::existing, client))
        );
    }
    EXPECT_EQ(state().tasks.size(), 1U);
}

TEST_F(IdentityTest, OtherWorkUnderTheSameLabelIsAddedWithAWarning) {
    given({btc()});
    const std::string warning =
        "BTC@250 is also task 0, with another command or directory: the label does not say "
        "everything";
    EXPECT_THAT(
        at(1s, add("other").labelled("BTC@250")).actions,
        ElementsAre(answered(1, AddOutcome::added, 1, warning))
    );
    EXPECT_THAT(
        at(1s, btc().at_path("/elsewhere")).actions,
        ElementsAre(answered(
            2,
            AddOutcome::added,
            1,
            "BTC@250 is also task 1, with another command or directory: the label does not say "
            "everything"
        ))
    );
}

TEST_F(IdentityTest, GroupsAreApart) {
    given({ask(group_add("other")), btc()});
    at(1s, btc().in("other"));
    EXPECT_EQ(state().tasks.size(), 2U);
}

TEST_F(IdentityTest, GroupsAreTogetherIfTheLabelAloneCounts) {
    Policy by_label;
    by_label.identity.scope = IdentityScope::label;
    policy(by_label);
    given({ask(group_add("other")), btc()});
    at(1s, btc().in("other"));
    EXPECT_EQ(state().tasks.size(), 1U);
}

TEST_F(IdentityTest, OtherLabelsAreNoKeys) {
    given({add("run").labelled("phase1"), add("run").labelled("phase1"), add("run"), add("run")});
    EXPECT_EQ(state().tasks.size(), 4U);
}

TEST_F(IdentityTest, WhichLabelsAreKeysIsConfigured) {
    Policy policy_with_keys;
    policy_with_keys.identity.labels = {"phase[12]"};
    policy(policy_with_keys);
    given({add("run").labelled("phase1"), add("run").labelled("phase1"), btc(), btc()});
    EXPECT_EQ(state().tasks.size(), 3U);
}

TEST_F(IdentityTest, ATaskCanWishToBeAddedAllTheSame) {
    given({btc()});
    EXPECT_THAT(
        at(1s, btc().wishing(on_conflict(ConflictPolicy::allow))).actions, ElementsAre(added(1))
    );
}

TEST_F(IdentityTest, ATaskCanWishToBeTheOnlyOneWhateverItsLabel) {
    given({add("run").labelled("nightly"), add("1").labelled("waits").stashed()});
    const TaskOptions unique = on_conflict(ConflictPolicy::fail);
    EXPECT_THAT(
        at(1s, add("run").labelled("nightly").wishing(unique)).actions,
        ElementsAre(failure("nightly is already running as task 0 (id_conflict_policy)"))
    );
    EXPECT_THAT(
        at(1s, add("else").labelled("waits").wishing(unique)).actions,
        ElementsAre(failure("waits is already stashed as task 1 (id_conflict_policy)"))
    );
}

TEST_F(IdentityTest, RulesWishForTasksAndTheLastOneWins) {
    Policy with_rules;
    Rule every;
    every.group = "def*";
    every.options = on_conflict(ConflictPolicy::fail);
    Rule one;
    one.label = "*@250";
    one.options = on_conflict(ConflictPolicy::allow);
    with_rules.rules = {every, one};
    policy(with_rules);
    given({btc(), btc(), add("run").labelled("a@1"), add("run").labelled("a@1")});
    EXPECT_EQ(state().tasks.size(), 3U);
}

struct Reuse {
    ReusePolicy policy;
    int exit_code;
    bool is_rejected;
};

TEST_F(IdentityTest, WhatIsOverMayBeReusedOrNot) {
    const std::vector<Reuse> rows = {
        {ReusePolicy::allow_duplicate, 0, false},
        {ReusePolicy::allow_duplicate, 1, false},
        {ReusePolicy::allow_duplicate_failed_only, 0, true},
        {ReusePolicy::allow_duplicate_failed_only, 1, false},
        {ReusePolicy::reject_duplicate, 0, true},
        {ReusePolicy::reject_duplicate, 1, true},
    };
    for (const bool is_cleaned : {false, true}) {
        for (const Reuse& row : rows) {
            restart({});
            given({btc()});
            at(1s, exited(0, code(row.exit_code)));
            if (is_cleaned) {
                at(2s, ask(Clean{false, std::nullopt}));
            }
            const Decision silent =
                at(3s, btc().wishing(on_reuse(row.policy, OnReject::use_existing)));
            const Decision loud =
                row.is_rejected ? at(3s, btc().wishing(on_reuse(row.policy))) : Decision{};
            const std::string done =
                row.exit_code == 0 ? "has already succeeded" : "is already done";
            if (row.is_rejected) {
                EXPECT_THAT(silent.actions, ElementsAre(answered(0, AddOutcome::skipped)));
                EXPECT_THAT(
                    loud.actions,
                    ElementsAre(failure("BTC@250 " + done + " as task 0 (id_reuse_policy)"))
                );
            } else {
                EXPECT_THAT(silent.actions, ElementsAre(starts(1), added(1)));
            }
        }
    }
}

TEST_F(IdentityTest, OtherWorkIsNeverRejected) {
    given({btc()});
    at(1s, exited(0, code(0)));
    const TaskOptions once = on_reuse(ReusePolicy::reject_duplicate);
    at(2s, btc().at_path("/elsewhere").wishing(once));
    EXPECT_EQ(state().tasks.size(), 2U);
}

// History

TEST_F(IdentityTest, ARunIsRememberedWhenItsTaskIsGone) {
    given({btc(), add("unlabelled")});
    const RunId run = task(0).run;
    at(1s, exited(0, code(3)));
    at(2s, exited(1, code(0)));
    at(3s, ask(Clean{false, std::nullopt}));

    ASSERT_EQ(state().history.size(), 1U);
    const ClosedRun expected{
        id(0),
        "default",
        "BTC@250",
        "run",
        "/tmp",
        AttemptNumber{1},
        clock_at(0s),
        clock_at(1s),
        Failed{3}};
    EXPECT_EQ(state().history.at(run), expected);
}

TEST_F(IdentityTest, HistoryOutlivesAResetOfEverything) {
    given({btc()});
    at(1s, exited(0, code(0)));
    at(2s, ask(Reset{}));
    EXPECT_EQ(state().history.size(), 1U);
    EXPECT_EQ(state().next_task_id, id(0));
}

TEST_F(IdentityTest, HistoryForgetsWhatIsOldAndWhatIsTooMuch) {
    Policy short_memory;
    short_memory.history = {60, 2};
    policy(short_memory);
    for (std::uint64_t i = 0; i < 3; ++i) {
        given({add("run").labelled("a@" + std::to_string(i))});
        at(1s, exited(i, code(0)));
    }
    at(2s, ask(Clean{false, std::nullopt}));
    EXPECT_EQ(state().history.size(), 2U);
    EXPECT_EQ(state().history.begin()->second.label, "a@1");

    EXPECT_THAT(
        at(62s, AlarmRang{}).records,
        ElementsAre(testing::VariantWith<HistoryForgotten>(testing::_))
    );
    EXPECT_THAT(state().history, IsEmpty());
}

}  // namespace
}  // namespace pueue::core
