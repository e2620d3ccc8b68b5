// Classes of code points, as ascending ranges: how wide they are (as the original counts) and how
// they join into graphemes (Unicode's names). The data: make_unicode_tables.py.
#pragma once

#include <array>

namespace pueue::client::unicode {

struct CodePointRange {
    char32_t first;
    char32_t last;
};

extern const std::array<CodePointRange, 394> zero_width;    ///< take no column
extern const std::array<CodePointRange, 126> double_width;  ///< take two
extern const std::array<CodePointRange, 113>
    wide_with_emoji_selector;  ///< take two before U+FE0F, one otherwise
extern const std::array<CodePointRange, 83>
    narrow_with_text_selector;  ///< take one before U+FE0E, two otherwise
extern const std::array<CodePointRange, 40> modifier_base;  ///< emoji that a skin tone belongs to
extern const std::array<CodePointRange, 78> pictographic;   ///< emoji that U+200D joins
extern const std::array<CodePointRange, 354> extend;
extern const std::array<CodePointRange, 160> spacing_mark;
extern const std::array<CodePointRange, 14> prepend;

}  // namespace pueue::client::unicode
