#include "client/cli/values.hpp"

#include "client/delay.hpp"
#include "client/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace pueue::client::cli {

namespace {

constexpr std::string_view no_digits = "cannot parse integer from empty string";
constexpr std::string_view bad_digit = "invalid digit found in string";
constexpr std::string_view too_large = "number too large to fit in target type";
constexpr std::string_view too_small = "number too small to fit in target type";
constexpr std::string_view no_variant = "Matching variant not found";

Error reason(std::string_view text) {
    return invalid(std::string(text));
}

// Digits up to `limit`. The first thing wrong from the left decides which complaint it is.
Result<std::uint64_t> parse_digits(
    std::string_view digits, std::uint64_t limit, std::string_view beyond
) {
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') {
            return reason(bad_digit);
        }
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (limit - digit) / 10) {
            return reason(beyond);
        }
        value = value * 10 + digit;
    }
    return value;
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

template <class T>
std::optional<ValueProblem> problem_of(const Result<T>& parsed) {
    if (parsed.has_value()) {
        return std::nullopt;
    }
    return ValueProblem{ValueProblem::Kind::wrong, parsed.error().text};
}

}  // namespace

Result<std::uint64_t> parse_unsigned(std::string_view text) {
    if (text.empty()) {
        return reason(no_digits);
    }
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.empty()) {
            return reason(bad_digit);
        }
    }
    return parse_digits(text, std::numeric_limits<std::uint64_t>::max(), too_large);
}

Result<std::int64_t> parse_signed(std::string_view text) {
    if (text.empty()) {
        return reason(no_digits);
    }
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.empty()) {
            return reason(bad_digit);
        }
    }
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    TRY(const std::uint64_t magnitude,
        parse_digits(text, negative ? largest + 1 : largest, negative ? too_small : too_large));
    // Conversion wraps for the one magnitude that int64_t cannot hold: to the right value.
    const auto value = static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
    return value;
}

Result<std::int32_t> parse_priority(std::string_view text) {
    TRY(const std::int64_t value, parse_signed(text));
    constexpr std::int64_t least = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    if (value < least || value > most) {
        return invalid(
            std::to_string(value) + " is not in " + std::to_string(least) +
            "..=" + std::to_string(most)
        );
    }
    return static_cast<std::int32_t>(value);
}

Result<wire::Signal> parse_signal(std::string_view text) {
    struct Spelling {
        std::array<std::string_view, 3> words;
        wire::Signal signal = wire::Signal::sig_int;
    };
    static constexpr std::array<Spelling, 5> spellings = {{
        {{"sigint", "int", "2"}, wire::Signal::sig_int},
        {{"sigkill", "kill", "9"}, wire::Signal::sig_kill},
        {{"sigterm", "term", "15"}, wire::Signal::sig_term},
        {{"sigcont", "cont", "18"}, wire::Signal::sig_cont},
        {{"sigstop", "stop", "19"}, wire::Signal::sig_stop},
    }};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (const Spelling& spelling : spellings) {
        if (contains(spelling.words, lower)) {
            return spelling.signal;
        }
    }
    return reason(no_variant);
}

Result<WaitTarget> parse_wait_target(std::string_view text) {
    if (text == "done" || text == "Done") {
        return WaitTarget::done;
    }
    if (text == "success" || text == "Success") {
        return WaitTarget::success;
    }
    if (text == "queued" || text == "Queued") {
        return WaitTarget::queued;
    }
    if (text == "running" || text == "Running") {
        return WaitTarget::running;
    }
    return reason(no_variant);
}

std::optional<ValueProblem> check_value(
    ValueKind kind, std::string_view text, const WallTime& now
) {
    if (kind == ValueKind::path) {
        return text.empty() ? std::optional(ValueProblem{ValueProblem::Kind::empty, ""})
                            : std::nullopt;
    }
    if (!is_utf8(text)) {
        return ValueProblem{ValueProblem::Kind::not_utf8, ""};
    }
    switch (kind) {
        case ValueKind::none:
        case ValueKind::path:
        case ValueKind::text:
            return std::nullopt;
        case ValueKind::task_id:
        case ValueKind::count:
            return problem_of(parse_unsigned(text));
        case ValueKind::priority:
            return problem_of(parse_priority(text));
        case ValueKind::delay:
            return problem_of(parse_delay(text, now));
        case ValueKind::signal:
            return problem_of(parse_signal(text));
        case ValueKind::wait_status:
            return problem_of(parse_wait_target(text));
        case ValueKind::color:
        case ValueKind::shell:
            break;
    }
    if (text.empty()) {
        return ValueProblem{ValueProblem::Kind::empty, ""};
    }
    if (!contains(possible_values(kind), text)) {
        return ValueProblem{ValueProblem::Kind::not_allowed, ""};
    }
    return std::nullopt;
}

}  // namespace pueue::client::cli
