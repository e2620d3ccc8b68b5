// UTF-8, which is what the wire, the configuration and terminals want text to be. Tasks write
// whatever they like.
#pragma once

#include <cstddef>
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

}  // namespace pueue
