#include "protocol/base/similar.hpp"

#include <algorithm>
#include <cstddef>

namespace pueue {

namespace {

// Characters as the pieces of UTF-8 text; comparing them needs no decoding.
std::vector<std::string_view> characters(std::string_view text) {
    std::vector<std::string_view> pieces;
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= text.size(); ++i) {
        const bool continues =
            i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80U;
        if (!continues) {
            pieces.push_back(text.substr(begin, i - begin));
            begin = i;
        }
    }
    return pieces;
}

}  // namespace

double jaro_similarity(std::string_view typed, std::string_view known) {
    const auto a = characters(typed);
    const auto b = characters(known);
    if (a.empty() || b.empty()) {
        return a.empty() && b.empty() ? 1.0 : 0.0;
    }
    const std::size_t half = std::max(a.size(), b.size()) / 2;
    const std::size_t range = half == 0 ? 0 : half - 1;
    std::vector<bool> taken(b.size(), false);
    std::vector<std::string_view> matched;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::size_t end = std::min(b.size(), i + range + 1);
        for (std::size_t j = i > range ? i - range : 0; j < end; ++j) {
            if (!taken[j] && a[i] == b[j]) {
                taken[j] = true;
                matched.push_back(a[i]);
                break;
            }
        }
    }
    if (matched.empty()) {
        return 0.0;
    }
    std::size_t out_of_place = 0;
    std::size_t k = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
        if (taken[j] && matched[k++] != b[j]) {
            ++out_of_place;
        }
    }
    const auto count = static_cast<double>(matched.size());
    const std::size_t swapped_pairs = out_of_place / 2;
    const auto transpositions = static_cast<double>(swapped_pairs);
    return (count / static_cast<double>(a.size()) + count / static_cast<double>(b.size()) +
            (count - transpositions) / count) /
           3.0;
}

std::vector<std::string_view> similar_words(
    std::string_view typed, std::span<const std::string_view> words
) {
    struct Candidate {
        double similarity;
        std::string_view word;
    };
    std::vector<Candidate> candidates;
    for (const std::string_view word : words) {
        if (const double similarity = jaro_similarity(typed, word); similarity > 0.7) {
            candidates.push_back({similarity, word});
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](const auto& x, const auto& y) {
        return x.similarity < y.similarity;
    });
    std::vector<std::string_view> sorted;
    sorted.reserve(candidates.size());
    for (const Candidate& candidate : candidates) {
        sorted.push_back(candidate.word);
    }
    return sorted;
}

}  // namespace pueue
