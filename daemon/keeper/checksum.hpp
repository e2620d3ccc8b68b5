// CRC-32C of a spool record, bit by bit. `static`, so that each file has a copy of its own: the
// child between clone and execve may not call a function that was compiled for somewhere else
// (child.hpp), nor look anything up in a table behind a function.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pueue::keeper {

[[maybe_unused]] static std::uint32_t record_checksum(const char* bytes, std::size_t size) {
    std::uint32_t crc = ~std::uint32_t{0};
    for (std::size_t i = 0; i < size; ++i) {
        crc ^= static_cast<unsigned char>(bytes[i]);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ (0x82f63b78U & (0U - (crc & 1U)));
        }
    }
    return ~crc;
}

}  // namespace pueue::keeper
