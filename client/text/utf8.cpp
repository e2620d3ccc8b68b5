#include "client/text/utf8.hpp"

#include <algorithm>

namespace pueue::client {

namespace {

struct Sequence {
    CodePoint code_point;
    std::size_t valid_prefix = 1;  ///< bytes that could begin a character, if it is none
};

Sequence read(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return {{first, 1}, 1};
    }
    // The range of the second byte excludes overlong forms, surrogates and what is past U+10FFFF.
    std::size_t size = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    char32_t value = 0;
    if (first >= 0xc2 && first <= 0xdf) {
        size = 2, value = first & 0x1fU;
    } else if (first >= 0xe0 && first <= 0xef) {
        size = 3, value = first & 0x0fU;
        low = first == 0xe0 ? 0xa0 : 0x80;
        high = first == 0xed ? 0x9f : 0xbf;
    } else if (first >= 0xf0 && first <= 0xf4) {
        size = 4, value = first & 0x07U;
        low = first == 0xf0 ? 0x90 : 0x80;
        high = first == 0xf4 ? 0x8f : 0xbf;
    } else {
        return {};
    }
    for (std::size_t i = 1; i < size; ++i) {
        if (i >= text.size() || byte(i) < low || byte(i) > high) {
            return {{}, i};
        }
        value = (value << 6U) | (byte(i) & 0x3fU);
        low = 0x80;
        high = 0xbf;
    }
    return {{value, size}, size};
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
    return read(text).code_point;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t bytes = read(text).code_point.bytes;
        if (bytes == 0) {
            return false;
        }
        text.remove_prefix(bytes);
    }
    return true;
}

std::string to_utf8_lossy(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Sequence sequence = read(text);
        if (sequence.code_point.bytes == 0) {
            out += "\ufffd";
        } else {
            out += text.substr(0, sequence.code_point.bytes);
        }
        text.remove_prefix(std::max(sequence.code_point.bytes, sequence.valid_prefix));
    }
    return out;
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

}  // namespace pueue::client
