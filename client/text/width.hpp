// How many columns a text takes in a terminal, and where it may be cut (Unicode widths and
// graphemes, as the original counts them). Of whole strings: emoji sequences, flags and conjoining
// Hangul count as one unit. Control characters count 1, and nothing is sanitised.
#pragma once

#include <cstddef>
#include <string_view>

namespace pueue::client {

/// Text that is not UTF-8 counts a column per byte.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Bytes of the first grapheme of a text that is not empty.
[[nodiscard]] std::size_t first_grapheme(std::string_view text);

}  // namespace pueue::client
