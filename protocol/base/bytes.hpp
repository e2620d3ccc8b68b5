// Bytes are std::string and std::string_view throughout: what crosses a socket or a file is text as
// often as not, and one type saves all conversions. Fixed-width integers in either byte order.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pueue {

using Bytes = std::string;
using ByteView = std::string_view;

/// Requires: `from` points at 8 readable bytes.
[[nodiscard]] inline std::uint64_t load_u64_be(const char* from) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return __builtin_bswap64(value);
}

inline void append_u64_be(Bytes& to, std::uint64_t value) {
    const std::uint64_t swapped = __builtin_bswap64(value);
    char bytes[sizeof swapped];
    std::memcpy(bytes, &swapped, sizeof swapped);
    to.append(bytes, sizeof bytes);
}

/// Little-endian load and append of an unsigned integer: the order of our own files and messages.
template <class Unsigned>
[[nodiscard]] Unsigned load_le(const char* from) {
    Unsigned value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <class Unsigned>
void append_le(Bytes& to, Unsigned value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    to.append(bytes, sizeof bytes);
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "load_le and append_le assume it");

}  // namespace pueue
