#include "daemon/server/lossy_utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pueue::server {
namespace {

std::string all(ByteView bytes) {
    LossyUtf8 decoder;
    std::string text = decoder.feed(bytes);
    return text + decoder.finish();
}

TEST(LossyUtf8, LeavesTextAsItIs) {
    const std::string text = "a\u00e9\u20ac\U0001F600\n";
    EXPECT_EQ(all(text), text);
}

TEST(LossyUtf8, IsTheSameHoweverTheBytesAreCut) {
    const std::string text = "x\xff\u00e9\u20ac\xe2\x82z\U0001F600\xf0\x9f";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        LossyUtf8 decoder;
        std::string pieces = decoder.feed(ByteView(text).substr(0, cut));
        pieces += decoder.feed(ByteView(text).substr(cut));
        pieces += decoder.finish();
        EXPECT_EQ(pieces, all(text)) << cut;
    }
}

TEST(LossyUtf8, ReplacesEachBrokenSequenceOnce) {
    EXPECT_EQ(all("\xff\xfe"), "\uFFFD\uFFFD");
    EXPECT_EQ(all("\xe2\x82z"), "\uFFFDz");
    EXPECT_EQ(all("\xf0\x9f\x98"), "\uFFFD");
    EXPECT_EQ(all("\xc0\x80"), "\uFFFD\uFFFD");
    EXPECT_EQ(all("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(all("\x80"), "\uFFFD");
}

TEST(LossyUtf8, WaitsForTheRestOfASequence) {
    LossyUtf8 decoder;
    EXPECT_EQ(decoder.feed("a\xe2\x82"), "a");
    EXPECT_EQ(decoder.feed("\xac"), "\u20ac");
    EXPECT_EQ(decoder.finish(), "");
}

}  // namespace
}  // namespace pueue::server
