// Bytes as text, for golden files that people can look at.
#pragma once

#include "protocol/base/bytes.hpp"

#include <string>
#include <string_view>

namespace pueue::support {

inline std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 0xfU];
    }
    return text;
}

/// Up to the first pair that is not hexadecimal.
inline Bytes from_hex(std::string_view text) {
    const auto value = [](char digit) { return std::string_view("0123456789abcdef").find(digit); };
    Bytes bytes;
    for (; text.size() >= 2; text.remove_prefix(2)) {
        const std::size_t high = value(text[0]);
        const std::size_t low = value(text[1]);
        if (high > 15 || low > 15) {
            break;
        }
        bytes.push_back(static_cast<char>(high << 4 | low));
    }
    return bytes;
}

}  // namespace pueue::support
