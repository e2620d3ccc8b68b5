#include "protocol/base/text.hpp"

#include <gtest/gtest.h>

namespace pueue {

namespace {

constexpr const char* replaced = "\xef\xbf\xbd";

TEST(Utf8, IsWhatUnicodeSays) {
    for (const char* good :
         {"",
          "plain",
          "\xc2\x80",
          "\xdf\xbf",
          "\xe0\xa0\x80",
          "\xed\x9f\xbf",
          "\xee\x80\x80",
          "\xef\xbf\xbf",
          "\xf0\x90\x80\x80",
          "\xf4\x8f\xbf\xbf",
          "sixteen letters \xc3\xa9 and more"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
        EXPECT_EQ(to_utf8_lossy(good), good);
    }
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, IsNothingElse) {
    for (const char* bad :
         {"\x80",      // a second byte without a first
          "\xc0\x80",  // overlong
          "\xc1\xbf",
          "\xe0\x9f\xbf",
          "\xf0\x8f\xbf\xbf",
          "\xed\xa0\x80",      // half of a surrogate pair
          "\xf4\x90\x80\x80",  // beyond the last character
          "\xf5\x80\x80\x80",
          "\xff",
          "\xc3",  // cut short
          "\xe2\x82",
          "\xf0\x9f\x98",
          "\xc3(",
          "eight ok\xff"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
}

TEST(Utf8, PrefixEndsBeforeTheFirstBadByte) {
    EXPECT_EQ(utf8_prefix("a\xc3\xa9z"), 4U);
    EXPECT_EQ(utf8_prefix("a\xc3\xa9\xff"), 3U);
    EXPECT_EQ(utf8_prefix("0123456789abcde\xe2\x82"), 15U);
    EXPECT_EQ(utf8_prefix("\xff"), 0U);
}

TEST(Utf8, LossyFormReplacesWhatCannotBecomeACharacter) {
    const std::string one(replaced);
    EXPECT_EQ(
        to_utf8_lossy("a\xff"
                      "b"),
        "a" + one + "b"
    );
    EXPECT_EQ(to_utf8_lossy("\xff\xfe"), one + one);
    EXPECT_EQ(to_utf8_lossy("a\xe2\x82"), "a" + one) << "a character cut short is one mistake";
    EXPECT_EQ(to_utf8_lossy("\xe2\x82z"), one + "z");
    EXPECT_EQ(to_utf8_lossy("\xf0\x9f\x98\xf0\x9f\x98\x80"), one + "\xf0\x9f\x98\x80");
    EXPECT_EQ(to_utf8_lossy("\xed\xa0\x80"), one + one + one) << "each byte of a surrogate is one";
    EXPECT_EQ(to_utf8_lossy("\xc0\x80"), one + one);
}

TEST(LastLines, AreCountedFromTheEnd) {
    EXPECT_EQ(last_lines_of("a\nb\nc\n", 2), "b\nc");
    EXPECT_EQ(last_lines_of("a\nb\nc", 2), "b\nc");
    EXPECT_EQ(last_lines_of("a\nb\nc\n", 3), "a\nb\nc");
    EXPECT_EQ(last_lines_of("a\nb\nc\n", 99), "a\nb\nc");
    EXPECT_EQ(last_lines_of("a\n", 0), "");
    EXPECT_EQ(last_lines_of("", 3), "");
    EXPECT_EQ(last_lines_of("\n", 3), "");
    EXPECT_EQ(last_lines_of("\n\n\n", 2), "\n");
    EXPECT_EQ(last_lines_of("a\n\nb\n", 3), "a\n\nb");
}

TEST(LastLines, LoseTheirCarriageReturnsAndWhatIsNoText) {
    EXPECT_EQ(last_lines_of("a\r\nb\r\nc\r", 3), "a\nb\nc\r");
    EXPECT_EQ(last_lines_of("good\n\xff\n", 2), "good\nPueue: Failed to read line.");
}

}  // namespace

}  // namespace pueue
