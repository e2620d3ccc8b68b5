#include "protocol/wire/cbor.hpp"

#include "protocol/wire/bounds.hpp"
#include "tests/wire/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace pueue::wire {

namespace {

using golden::unhex;
using testing::HasSubstr;

constexpr const char* cut_short =
    "Io(Error { kind: UnexpectedEof, message: \"failed to fill whole buffer\" })";

Bytes repeated(std::string_view hex, std::size_t times) {
    const Bytes once = unhex(hex);
    Bytes all;
    for (std::size_t i = 0; i < times; ++i) {
        all += once;
    }
    return all;
}

template <class Write>
Bytes written(Write write) {
    Bytes bytes;
    Writer out(bytes);
    write(out);
    return bytes;
}

std::string error_of_skipping(ByteView bytes) {
    Reader in(bytes);
    in.skip();
    return in.error_text();
}

TEST(Writer, UsesTheShortestHead) {
    const struct {
        std::uint64_t value;
        const char* hex;
    } rows[] = {
        {0, "00"},
        {23, "17"},
        {24, "1818"},
        {255, "18ff"},
        {256, "190100"},
        {65535, "19ffff"},
        {65536, "1a00010000"},
        {0xffffffff, "1affffffff"},
        {0x100000000, "1b0000000100000000"},
        {std::numeric_limits<std::uint64_t>::max(), "1bffffffffffffffff"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(written([&](Writer& out) { out.u64(row.value); }), unhex(row.hex)) << row.value;
        const Bytes bytes = unhex(row.hex);
        Reader in(bytes);
        EXPECT_EQ(in.u64(), row.value);
        EXPECT_FALSE(in.failed());
    }
}

TEST(Writer, CountsNegativeIntegersDownFromMinusOne) {
    const struct {
        std::int64_t value;
        const char* hex;
    } rows[] = {
        {-1, "20"},
        {-24, "37"},
        {-25, "3818"},
        {std::numeric_limits<std::int32_t>::min(), "3a7fffffff"},
        {std::numeric_limits<std::int64_t>::min(), "3b7fffffffffffffff"},
        {std::numeric_limits<std::int64_t>::max(), "1b7fffffffffffffff"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(written([&](Writer& out) { out.i64(row.value); }), unhex(row.hex)) << row.value;
        const Bytes bytes = unhex(row.hex);
        Reader in(bytes);
        EXPECT_EQ(in.i64(), row.value);
        EXPECT_FALSE(in.failed());
    }
}

TEST(Writer, MakesAnArrayOfOctetsAsTheOriginalDoes) {
    const Bytes octets = unhex("ff0600171800");
    EXPECT_EQ(
        written([&](Writer& out) { out.array_of_octets(octets); }),
        unhex("8618ff06001718180"
              "0")
    );
}

TEST(Reader, ReadsBackWhatTheWriterWrote) {
    const Bytes bytes = written([](Writer& out) {
        out.map(2);
        out.text("flags");
        out.array(3);
        out.boolean(true);
        out.boolean(false);
        out.null();
        out.text(std::string(300, 'x'));
        out.bytes(ByteView("\0\xff", 2));
    });
    Reader in(bytes);
    {
        Reader::Nested pairs = in.map();
        ASSERT_TRUE(pairs.next());
        EXPECT_EQ(in.name(), "flags");
        {
            Reader::Nested items = in.array();
            ASSERT_TRUE(items.next());
            EXPECT_TRUE(in.boolean());
            ASSERT_TRUE(items.next());
            EXPECT_FALSE(in.boolean());
            ASSERT_TRUE(items.next());
            EXPECT_TRUE(in.take_null());
            EXPECT_FALSE(items.next());
        }
        ASSERT_TRUE(pairs.next());
        EXPECT_EQ(in.text(), std::string(300, 'x'));
        EXPECT_EQ(in.bytes(), ByteView("\0\xff", 2));
        EXPECT_FALSE(pairs.next());
    }
    EXPECT_FALSE(in.failed());
    EXPECT_EQ(in.rest(), "");
}

TEST(Reader, JoinsStringsThatComeInPieces) {
    const Bytes bytes = unhex(
        "7f6161"
        "7f6162"
        "60"
        "ff"
        "6163ff"
        "5f4101420203ff"
    );
    Reader in(bytes);
    const std::string_view text = in.text();
    EXPECT_EQ(in.bytes(), "\x01\x02\x03");
    EXPECT_EQ(text, "abc") << "an earlier string is still there";
    EXPECT_FALSE(in.failed());
}

TEST(Reader, WantsEachPieceOfATextToBeUtf8) {
    const Bytes bytes = unhex("7f61c361a9ff");
    Reader in(bytes);
    EXPECT_EQ(in.text(), "");
    EXPECT_EQ(in.error_text(), "Syntax(1)");
}

TEST(Reader, ReadsByteStringsAsArrays) {
    const Bytes bytes = unhex("4300ff17");
    Reader in(bytes);
    std::vector<std::uint64_t> values;
    for (Reader::Nested items = in.array(); items.next();) {
        values.push_back(in.u64());
    }
    EXPECT_THAT(values, testing::ElementsAre(0, 255, 23));
    EXPECT_FALSE(in.failed());
}

TEST(Reader, EndsAnIndefiniteContainerAtItsBreak) {
    const Bytes bytes = unhex("9f0102ff03");
    Reader in(bytes);
    std::uint64_t sum = 0;
    for (Reader::Nested items = in.array(); items.next();) {
        sum += in.u64();
    }
    EXPECT_EQ(sum, 3U);
    EXPECT_EQ(in.u64(), 3U);
    EXPECT_FALSE(in.failed());
}

TEST(Reader, RemembersTheFirstErrorAndIsQuietAfterwards) {
    const Bytes bytes = unhex("8261616162");
    Reader in(bytes);
    int rounds = 0;
    for (Reader::Nested items = in.array(); items.next();) {
        EXPECT_EQ(in.u64(), 0U);
        ++rounds;
    }
    EXPECT_EQ(rounds, 1);
    EXPECT_EQ(in.text(), "");
    EXPECT_FALSE(in.boolean());
    in.skip();
    in.fail("something else");
    EXPECT_TRUE(in.failed());
    EXPECT_EQ(in.error_text(), "Semantic(None, \"invalid type: string, expected integer\")");
    EXPECT_EQ(in.error(), invalid(in.error_text()));
}

TEST(Reader, NeverBelievesALength) {
    // 2^62 of everything: nothing may be allocated, and nothing may loop that often.
    for (const char* hex :
         {"5b4000000000000000",
          "7b4000000000000000",
          "9b4000000000000000",
          "bb4000000000000000",
          "9b400000000000000000",
          "5f5b4000000000000000"}) {
        EXPECT_EQ(error_of_skipping(unhex(hex)), cut_short) << hex;
        EXPECT_FALSE(is_well_formed(unhex(hex))) << hex;
    }
    const Bytes array = unhex("9b400000000000000001");
    Reader in(array);
    int rounds = 0;
    for (Reader::Nested items = in.array(); items.next(); ++rounds) {
        (void)in.u64();
    }
    EXPECT_EQ(rounds, 2);
    EXPECT_EQ(in.error_text(), cut_short);
}

TEST(Reader, NestsAsDeepAsTheOriginalAndNoDeeper) {
    for (const char* opening : {"81", "9f", "c1", "a100", "bf00"}) {
        const Bytes deepest = repeated(opening, nesting_max) + unhex("00");
        const Bytes too_deep = repeated(opening, nesting_max + 1) + unhex("00");
        EXPECT_THAT(error_of_skipping(deepest), testing::Not("RecursionLimitExceeded")) << opening;
        EXPECT_EQ(error_of_skipping(too_deep), "RecursionLimitExceeded") << opening;
    }
    EXPECT_TRUE(is_well_formed(repeated("81", nesting_max) + unhex("00")));
    EXPECT_FALSE(is_well_formed(repeated("81", nesting_max + 1) + unhex("00")));
}

TEST(Reader, SurvivesAnyDepth) {
    EXPECT_EQ(error_of_skipping(repeated("81", 1'000'000)), "RecursionLimitExceeded");
    EXPECT_EQ(error_of_skipping(repeated("7f", 1'000'000)), cut_short);
    Bytes tags = repeated("c1", 1'000'000) + unhex("05");
    Reader in(tags);
    EXPECT_EQ(in.u64(), 5U) << "tags before a number are no nesting";
}

TEST(Reader, TakesSameBytesWithoutAnotherLook) {
    const Bytes bytes = unhex("616161626163");
    Reader in(bytes);
    const Bytes first = unhex("61616162");
    EXPECT_FALSE(in.take_same(unhex("616162")));
    EXPECT_TRUE(in.take_same(first));
    EXPECT_EQ(in.text(), "c");
    EXPECT_FALSE(in.take_same(first));
    EXPECT_FALSE(in.failed());
}

TEST(Reader, SaysWhatItFoundInsteadOfANumber) {
    const struct {
        const char* hex;
        const char* found;
    } rows[] = {
        {"41ff", "bytes"},
        {"6161", "string"},
        {"80", "sequence"},
        {"a0", "map"},
        {"f4", "boolean `false`"},
        {"f6", "null"},
        {"f7", "undefined"},
        {"e0", "simple"},
        {"f93c00", "floating point `1.0`"},
        {"f90001", "floating point `0.00000005960464477539063`"},
        {"f97bff", "floating point `65504.0`"},
        {"f97c00", "floating point `inf`"},
        {"f9fc00", "floating point `-inf`"},
        {"f97e00", "floating point `NaN`"},
        {"fa40490fdb", "floating point `3.1415927410125732`"},
        {"fbc480f0cf064dd592", "floating point `-10000000000000000000000.0`"},
        {"ff", "break"},
    };
    for (const auto& row : rows) {
        const Bytes bytes = unhex(row.hex);
        Reader in(bytes);
        (void)in.u64();
        EXPECT_EQ(
            in.error_text(),
            "Semantic(None, \"invalid type: " + std::string(row.found) + ", expected integer\")"
        ) << row.hex;
    }
}

TEST(Reader, RefusesReservedHeads) {
    for (const char* hex :
         {"1c", "1d", "1e", "1f", "3f", "5c", "7d", "9e", "bc", "dc", "df", "fc"}) {
        EXPECT_EQ(error_of_skipping(unhex(hex)), "Syntax(0)") << hex;
    }
}

TEST(Reader, WantsNamesShortAndWhole) {
    const Bytes longest = written([](Writer& out) { out.text(std::string(name_bytes_max, 'n')); });
    const Bytes longer =
        written([](Writer& out) { out.text(std::string(name_bytes_max + 1, 'n')); });
    Reader good(longest);
    EXPECT_EQ(good.name().size(), name_bytes_max);
    Reader bad(longer);
    EXPECT_EQ(bad.name(), "");
    EXPECT_THAT(bad.error_text(), HasSubstr("expected str or bytes"));
    Reader text(longer);
    EXPECT_EQ(text.text().size(), name_bytes_max + 1) << "other texts can be of any length";
}

}  // namespace

}  // namespace pueue::wire
