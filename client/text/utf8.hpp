// UTF-8 as characters: decoding, checking, and the original's way with bytes that are none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pueue::client {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  ///< 0: the text does not begin with a character
};

/// The first character of a text that is not empty.
[[nodiscard]] CodePoint decode_utf8(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

/// The text with every maximal piece that is no UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string to_utf8_lossy(std::string_view text);

/// How many characters; text must be UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace pueue::client
