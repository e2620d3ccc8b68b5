#include "client/text/width.hpp"

#include "client/text/unicode_tables.hpp"
#include "client/text/utf8.hpp"

#include <algorithm>

namespace pueue::client {

namespace {

constexpr char32_t zero_width_joiner = 0x200d;
constexpr char32_t text_selector = 0xfe0e;
constexpr char32_t emoji_selector = 0xfe0f;

template <std::size_t size>
bool is_in(const std::array<unicode::CodePointRange, size>& ranges, char32_t c) {
    const auto behind = std::upper_bound(
        ranges.begin(),
        ranges.end(),
        c,
        [](char32_t value, const unicode::CodePointRange& range) { return value < range.first; }
    );
    return behind != ranges.begin() && c <= std::prev(behind)->last;
}

bool is_skin_tone(char32_t c) {
    return c >= 0x1f3fb && c <= 0x1f3ff;
}

bool is_regional_indicator(char32_t c) {
    return c >= 0x1f1e6 && c <= 0x1f1ff;
}

bool is_lam(char32_t c) {
    return c == 0x644;
}

bool is_alef(char32_t c) {
    return c == 0x622 || c == 0x623 || c == 0x625 || c == 0x627;
}

std::size_t width_alone(char32_t c) {
    if (c < 0x300) {
        return c == 0xad ? 0 : 1;
    }
    if (is_in(unicode::zero_width, c)) {
        return 0;
    }
    return is_in(unicode::double_width, c) ? 2 : 1;
}

// A character, or a byte that is none.
CodePoint take(std::string_view& text) {
    CodePoint next = decode_utf8(text);
    if (next.bytes == 0) {
        next = {0xfffd, 1};
    }
    text.remove_prefix(next.bytes);
    return next;
}

char32_t peek(std::string_view text) {
    return text.empty() ? 0 : decode_utf8(text).value;
}

// Hangul, by the ranges of its conjoining letters and the arithmetic of its syllables.
enum class Hangul { none, leading, vowel, trailing, open_syllable, closed_syllable };

Hangul hangul(char32_t c) {
    if ((c >= 0x1100 && c <= 0x115f) || (c >= 0xa960 && c <= 0xa97c)) {
        return Hangul::leading;
    }
    if ((c >= 0x1160 && c <= 0x11a7) || (c >= 0xd7b0 && c <= 0xd7c6)) {
        return Hangul::vowel;
    }
    if ((c >= 0x11a8 && c <= 0x11ff) || (c >= 0xd7cb && c <= 0xd7fb)) {
        return Hangul::trailing;
    }
    if (c >= 0xac00 && c <= 0xd7a3) {
        return (c - 0xac00) % 28 == 0 ? Hangul::open_syllable : Hangul::closed_syllable;
    }
    return Hangul::none;
}

bool joins_hangul(Hangul before, Hangul after) {
    switch (before) {
        case Hangul::leading:
            return after != Hangul::none && after != Hangul::trailing;
        case Hangul::vowel:
        case Hangul::open_syllable:
            return after == Hangul::vowel || after == Hangul::trailing;
        case Hangul::trailing:
        case Hangul::closed_syllable:
            return after == Hangul::trailing;
        case Hangul::none:
            break;
    }
    return false;
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0x200b ||
           c == 0xfeff;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t total = 0;
    std::size_t last = 0;  // what the newest visible character took
    char32_t visible = 0;  // that character
    bool joined = false;   // behind an emoji and U+200D
    while (!text.empty()) {
        const char32_t c = take(text).value;
        if (c == emoji_selector && is_in(unicode::wide_with_emoji_selector, visible) && last == 1) {
            total += 1;
            last = 2;
        } else if (c == zero_width_joiner) {
            joined = is_in(unicode::pictographic, visible) || is_skin_tone(visible);
        } else if (const std::size_t width = width_alone(c); width > 0) {
            const bool narrow =
                peek(text) == text_selector && is_in(unicode::narrow_with_text_selector, c);
            const bool absorbed = (joined && is_in(unicode::pictographic, c)) ||
                                  (is_skin_tone(c) && is_in(unicode::modifier_base, visible)) ||
                                  (is_alef(c) && is_lam(visible));
            const std::size_t taken = narrow ? 1 : width;
            if (absorbed && taken > last && !is_alef(c)) {
                total += taken - last;  // an emoji sequence takes two columns, however it begins
                last = taken;
            } else if (!absorbed) {
                total += taken;
                last = taken;
            }
            visible = c;
            joined = false;
        }
    }
    return total;
}

std::size_t first_grapheme(std::string_view text) {
    const std::size_t size = text.size();
    char32_t before = take(text).value;
    bool emoji = is_in(unicode::pictographic, before);
    bool only_prepended = is_in(unicode::prepend, before);
    std::size_t indicators = is_regional_indicator(before) ? 1U : 0U;
    while (!text.empty()) {
        std::string_view rest = text;
        const char32_t c = take(rest).value;
        const bool extends = c == zero_width_joiner || is_in(unicode::extend, c);
        const bool joins =
            !is_control(before) && !is_control(c) &&
            (extends || is_in(unicode::spacing_mark, c) || only_prepended ||
             joins_hangul(hangul(before), hangul(c)) ||
             (emoji && before == zero_width_joiner && is_in(unicode::pictographic, c)) ||
             (indicators == 1 && is_regional_indicator(c)));
        if (!joins) {
            break;
        }
        indicators += is_regional_indicator(c) ? 1U : 0U;
        only_prepended = only_prepended && is_in(unicode::prepend, c);
        emoji = extends ? emoji : is_in(unicode::pictographic, c);
        before = c;
        text = rest;
    }
    return size - text.size();
}

}  // namespace pueue::client
