#include "daemon/log_level.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace pueue {

namespace {

struct Name {
    std::string_view word;
    std::string_view digit;
    LogLevel level;
};

constexpr std::array<Name, 6> names = {
    {{"off", "0", LogLevel::error},
     {"error", "1", LogLevel::error},
     {"warn", "2", LogLevel::warn},
     {"info", "3", LogLevel::info},
     {"debug", "4", LogLevel::debug},
     {"trace", "5", LogLevel::trace}}};

std::optional<LogLevel> level_of(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (const Name& name : names) {
        if (lower == name.word || lower == name.digit) {
            return name.level;
        }
    }
    return std::nullopt;
}

// Compat: the report is not in the frame of all others [verbosity].
Error invalid_directive() {
    const std::string cause =
        "error parsing level filter: expected one of \"off\", \"error\", \"warn\", \"info\", "
        "\"debug\", \"trace\", or a number 0-5\n";
    std::string text = "Error: RUST_LOG env variable is invalid\n\nCaused by:\n";
    for (const char* number : {"0", "1", "2"}) {
        text.append("   ").append(number).append(": ").append(cause);
    }
    return invalid(text + "\nLocation:\n    daemon:1\n");
}

}  // namespace

Result<LogLevel> log_level(int verbosity, const char* rust_log) {
    if (rust_log == nullptr) {
        constexpr int least = static_cast<int>(LogLevel::warn);
        constexpr int most = static_cast<int>(LogLevel::trace);
        return static_cast<LogLevel>(std::clamp(least + verbosity, least, most));
    }
    LogLevel most = LogLevel::error;
    std::string_view rest = rust_log;
    while (!rest.empty()) {
        const std::string_view directive = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(directive.size() + 1, rest.size()));
        const std::size_t equals = directive.find('=');
        const bool has_target = equals != std::string_view::npos;
        std::optional<LogLevel> level = level_of(directive.substr(has_target ? equals + 1 : 0));
        if (has_target && !level) {
            return invalid_directive();
        }
        // A word that is no level is a target, of which everything is wanted.
        const bool is_for_us = directive.starts_with("pueue") || (level && !has_target);
        most = is_for_us ? std::max(most, level.value_or(LogLevel::trace)) : most;
    }
    return most;
}

}  // namespace pueue
