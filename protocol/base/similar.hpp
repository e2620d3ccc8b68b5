// Which known words a mistyped one resembles: the Jaro similarity, above 0.7, as the original's
// command line does it. Case matters.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pueue {

/// 0 (nothing in common) to 1 (equal), over Unicode characters.
[[nodiscard]] double jaro_similarity(std::string_view typed, std::string_view known);

/// Those of `words` that resemble `typed`, from the worst to the best, equal ones in their order.
[[nodiscard]] std::vector<std::string_view> similar_words(
    std::string_view typed, std::span<const std::string_view> words
);

}  // namespace pueue
