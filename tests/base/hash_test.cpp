#include "protocol/base/hash.hpp"

#include "protocol/base/bytes.hpp"

#include <gtest/gtest.h>

namespace pueue {

namespace {

TEST(Crc32c, IsThePublishedOne) {
    EXPECT_EQ(crc32c(""), 0U);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
}

TEST(Crc32c, CanBeComputedPieceByPiece) {
    const std::string_view whole = "The quick brown fox";
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        EXPECT_EQ(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))), crc32c(whole)) << cut;
    }
}

TEST(Bytes, HaveTheOrderThatTheirNameSays) {
    Bytes bytes;
    append_u64_be(bytes, 0x0102030405060708);
    EXPECT_EQ(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08");
    EXPECT_EQ(load_u64_be(bytes.data()), 0x0102030405060708U);
    append_le<std::uint32_t>(bytes, 0x0a0b0c0d);
    EXPECT_EQ(bytes.substr(8), "\x0d\x0c\x0b\x0a");
    EXPECT_EQ(load_le<std::uint32_t>(bytes.data() + 8), 0x0a0b0c0dU);
}

}  // namespace

}  // namespace pueue
