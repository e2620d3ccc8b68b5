#include "protocol/model/policy.hpp"

#include <algorithm>
#include <tuple>

namespace pueue {

namespace {

/// The length of the bracket expression at the front of `pattern` and whether `c` is in it; 0 if
/// it is none, because it is not closed.
struct Bracket {
    std::size_t size = 0;
    bool matches = false;
};

Bracket read_bracket(std::string_view pattern, char c) {
    std::size_t i = 1;
    const bool is_negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    i += is_negated ? 1 : 0;
    bool matches = false;
    for (const std::size_t first = i; i < pattern.size(); ++i) {
        if (pattern[i] == ']' && i > first) {
            return {i + 1, matches != is_negated};
        }
        const bool is_range =
            i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
        const char last = is_range ? pattern[i + 2] : pattern[i];
        matches = matches || (pattern[i] <= c && c <= last);
        i += is_range ? 2 : 0;
    }
    return {};
}

/// How much of `pattern` matches the one character; 0 if nothing does.
std::size_t match_one(std::string_view pattern, char c) {
    if (pattern.front() == '[') {
        if (const Bracket bracket = read_bracket(pattern, c); bracket.size > 0) {
            return bracket.matches ? bracket.size : 0;
        }
    }
    return pattern.front() == '?' || pattern.front() == c ? 1 : 0;
}

bool allows(const std::optional<std::string>& pattern, std::string_view text) {
    return !pattern || matches_glob(*pattern, text);
}

}  // namespace

// Linear but for the last star, which is all that can need another try.
bool matches_glob(std::string_view pattern, std::string_view text) {
    std::optional<std::pair<std::string_view, std::string_view>> star;
    while (!text.empty() || !pattern.empty()) {
        if (!pattern.empty() && pattern.front() == '*') {
            pattern.remove_prefix(1);
            star = {pattern, text};
            continue;
        }
        const std::size_t matched =
            pattern.empty() || text.empty() ? 0 : match_one(pattern, text.front());
        if (matched > 0) {
            pattern.remove_prefix(matched);
            text.remove_prefix(1);
            continue;
        }
        if (!star || star->second.empty()) {
            return false;
        }
        star->second.remove_prefix(1);
        std::tie(pattern, text) = *star;
    }
    return true;
}

TaskOptions combined(const TaskOptions& weaker, const TaskOptions& stronger) {
    TaskOptions both = weaker;
    for_each_option([&](const char* /*name*/, auto member) {
        if (stronger.*member) {
            both.*member = stronger.*member;
        }
    });
    return both;
}

bool Rule::matches(const RuleSubject& subject) const {
    return allows(group, subject.group) && allows(command, subject.command) &&
           allows(path, subject.path) &&
           (!label || (subject.label && matches_glob(*label, *subject.label)));
}

bool IdentitySettings::is_key(const std::string& label) const {
    return std::any_of(labels.begin(), labels.end(), [&](const std::string& pattern) {
        return matches_glob(pattern, label);
    });
}

}  // namespace pueue
