#include "daemon/state_file/gzip.hpp"

#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace pueue::state_file {
namespace {

constexpr std::size_t enough = 1 << 20;

Bytes packed(ByteView text, std::size_t piece = 1000) {
    Gzip gzip;
    Bytes all;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        gzip.add(all, text.substr(0, piece));
    }
    gzip.finish(all);
    return all;
}

TEST(Gzip, UnpacksWhatTheOriginalPacked) {
    const Result<Bytes> text = gunzip(support::read_golden("state_file/state.json.gz"), enough);
    ASSERT_TRUE(text.has_value()) << text.error().text;
    EXPECT_TRUE(text->starts_with("{\"tasks\":{\"0\":{\"id\":0,")) << *text;
    EXPECT_TRUE(text->ends_with("}}}")) << *text;
}

TEST(Gzip, BeginsAsTheOriginalBegins) {
    constexpr std::size_t header = 10;
    EXPECT_EQ(
        packed("text").substr(0, header),
        support::read_golden("state_file/state.json.gz").substr(0, header)
    );
}

TEST(Gzip, UnpacksWhatItPackedHoweverItCame) {
    Bytes text;
    for (std::uint64_t i = 0; text.size() < 3 * enough; ++i) {
        text += std::to_string(i * i) + ",";
    }
    for (const std::size_t piece : {std::size_t{1000}, text.size()}) {
        const Result<Bytes> again = gunzip(packed(text, piece), 4 * enough);
        ASSERT_TRUE(again.has_value()) << again.error().text;
        EXPECT_TRUE(*again == text) << piece;
    }
    EXPECT_EQ(gunzip(packed(""), enough).value(), "");
}

TEST(Gzip, RefusesWhatIsCutAnywhere) {
    const Bytes whole = packed("{\"tasks\":{},\"groups\":{}}");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_TRUE(gunzip(whole.substr(0, size), enough).has_error()) << size;
    }
}

TEST(Gzip, RefusesAnyByteChangedInTheData) {
    const Bytes whole = packed("{\"tasks\":{},\"groups\":{}}");
    constexpr std::size_t header = 10;
    for (std::size_t at = header; at < whole.size(); ++at) {
        Bytes changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x55);
        EXPECT_TRUE(gunzip(changed, enough).has_error()) << at;
    }
}

TEST(Gzip, DoesNotUnpackMoreThanItMay) {
    const Bytes bomb = packed(Bytes(enough + 1, ' '), enough);
    EXPECT_EQ(gunzip(bomb, enough).error().kind, ErrorKind::too_large);
    EXPECT_TRUE(gunzip(bomb, enough + 1).has_value());
}

}  // namespace
}  // namespace pueue::state_file
