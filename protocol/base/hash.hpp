// CRC-32C (Castagnoli), as the journal and the snappy framing format use it; and how to make one
// hash of several, for tables in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pueue {

namespace hash_detail {

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
        }
        table[i] = crc;
    }
    return table;
}

inline constexpr std::array<std::uint32_t, 256> crc32c_table = make_crc32c_table();

}  // namespace hash_detail

/// The checksum of `bytes`; with `before`, of everything that had the checksum `before` followed by
/// `bytes`.
[[nodiscard]] constexpr std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) {
    std::uint32_t crc = ~before;
    for (const char c : bytes) {
        crc = (crc >> 8) ^ hash_detail::crc32c_table[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    }
    return ~crc;
}

static_assert(crc32c("123456789") == 0xe3069283U);

/// The order counts.
[[nodiscard]] constexpr std::size_t combined_hash(std::size_t before, std::size_t next) {
    return before ^ (next + 0x9e3779b97f4a7c15ULL + (before << 6) + (before >> 2));
}

}  // namespace pueue
