#include "protocol/config/aliases.hpp"

#include <gtest/gtest.h>

namespace pueue::config {
namespace {

const Aliases aliases = {{"ll", "ls -l"}, {"ls", "never"}, {"rm", ""}, {"a b", "no"}};

TEST(Aliases, ReplaceTheFirstWordOnce) {
    EXPECT_EQ(expand_alias("ll", aliases), "ls -l");
    EXPECT_EQ(expand_alias("ll ll /tmp", aliases), "ls -l ll /tmp");
    EXPECT_EQ(expand_alias("  ll\t x ", aliases), "  ls -l\t x ");
    EXPECT_EQ(expand_alias("\u00a0ll\u3000x", aliases), "\u00a0ls -l\u3000x");
}

TEST(Aliases, MayRemoveTheWord) {
    EXPECT_EQ(expand_alias("rm x", aliases), " x");
}

TEST(Aliases, LeaveOtherCommandsAlone) {
    EXPECT_EQ(expand_alias("", aliases), "");
    EXPECT_EQ(expand_alias("  ", aliases), "  ");
    EXPECT_EQ(expand_alias("llx", aliases), "llx");
    EXPECT_EQ(expand_alias("a b", aliases), "a b");
    EXPECT_EQ(expand_alias("x ll", aliases), "x ll");
}

TEST(Aliases, AreAMapOfWords) {
    const auto parsed = parse_aliases("ll: ls -l\n'5': ~\n");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, (Aliases{{"ll", "ls -l"}, {"5", "~"}}));
    EXPECT_EQ(*parse_aliases(""), Aliases{});
    EXPECT_TRUE(parse_aliases("- a\n").has_error());
    EXPECT_TRUE(parse_aliases("a: [b]\n").has_error());
    EXPECT_TRUE(load_aliases("/nonexistent/aliases.yml").has_error());
}

}  // namespace
}  // namespace pueue::config
