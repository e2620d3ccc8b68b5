#include "protocol/model/policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pueue {
namespace {

struct Match {
    const char* pattern;
    const char* text;
    bool matches;
};

TEST(Glob, MatchesAsShellsDoButForSlashesAndDots) {
    const std::vector<Match> rows = {
        {"", "", true},          {"", "a", false},           {"*", "", true},
        {"*", "a/.b", true},     {"*@*", "BTC@250", true},   {"*@*", "@", true},
        {"*@*", "BTC", false},   {"a*b*c", "a-b-b-c", true}, {"a*b*c", "a-b-b", false},
        {"*ab", "aab", true},    {"?", "", false},           {"?b", "ab", true},
        {"?b", "b", false},      {"[a-c]x", "bx", true},     {"[a-c]x", "dx", false},
        {"[!a-c]x", "dx", true}, {"[^a-c]x", "ax", false},   {"[]a]", "]", true},
        {"[a-]", "-", true},     {"[a", "[a", true},         {"*[0-9]", "x7", true},
        {"*[0-9]", "7x", false}, {"[é]", "é", false},
    };
    for (const Match& row : rows) {
        EXPECT_EQ(matches_glob(row.pattern, row.text), row.matches)
            << row.pattern << " on " << row.text;
    }
}

TEST(Glob, TakesNoLongerForManyStars) {
    const std::string text(2000, 'a');
    std::string pattern;
    for (int i = 0; i < 200; ++i) {
        pattern += "*a";
    }
    EXPECT_TRUE(matches_glob(pattern, text));
    EXPECT_FALSE(matches_glob(pattern + "b", text));
}

TEST(TaskOptions, TheStrongerWishCountsWhereThereIsOne) {
    TaskOptions weaker;
    weaker.id_conflict_policy = ConflictPolicy::fail;
    weaker.restart = CloneRequests::clone;
    TaskOptions stronger;
    stronger.id_conflict_policy = ConflictPolicy::allow;
    const TaskOptions both = combined(weaker, stronger);
    EXPECT_EQ(both.id_conflict_policy, ConflictPolicy::allow);
    EXPECT_EQ(both.restart, CloneRequests::clone);
    EXPECT_EQ(both.on_reject, std::nullopt);
}

TEST(Rule, MatchesIfEveryPatternDoes) {
    Rule rule;
    const RuleSubject subject{"phase1", "BTC@250", "make all", "/srv/project"};
    EXPECT_TRUE(rule.matches(subject));
    rule.group = "phase*";
    rule.command = "make*";
    rule.path = "/srv/*";
    EXPECT_TRUE(rule.matches(subject));
    rule.label = "*@250";
    EXPECT_TRUE(rule.matches(subject));
    EXPECT_FALSE(rule.matches({"phase1", std::nullopt, "make all", "/srv/a"}));
    rule.group = "other";
    EXPECT_FALSE(rule.matches(subject));
}

TEST(Policies, HaveWordsBothWays) {
    EXPECT_EQ(
        from_word<ReusePolicy>("allow_duplicate_failed_only"),
        ReusePolicy::allow_duplicate_failed_only
    );
    EXPECT_EQ(from_word<ReusePolicy>("allow"), std::nullopt);
    EXPECT_EQ(to_word(ConflictPolicy::use_existing), "use_existing");
    EXPECT_EQ(choice_of_words<OnTrip>(), "\"fail\" or \"ignore\"");
}

}  // namespace
}  // namespace pueue
