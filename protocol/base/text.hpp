// UTF-8, which is what the wire, the configuration and terminals want text to be. Tasks write
// whatever they like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pueue {

/// How many bytes at the start are whole characters of UTF-8.
[[nodiscard]] std::size_t utf8_prefix(std::string_view text);

[[nodiscard]] inline bool is_utf8(std::string_view text) {
    return utf8_prefix(text) == text.size();
}

/// Each sequence that is no character, as far as it could have become one, becomes U+FFFD.
[[nodiscard]] std::string to_utf8_lossy(std::string_view text);

/// The last `lines` lines, joined by newlines, none at the end. An unfinished line counts like the
/// others, `\r` before a newline goes, and a line that is not UTF-8 is replaced by upstream's
/// remark.
[[nodiscard]] std::string last_lines_of(std::string_view text, std::uint64_t lines);
/// That remark.
inline constexpr const char* unreadable_line = "Pueue: Failed to read line.";

}  // namespace pueue
