#include "client/log.hpp"

#include "protocol/base/local_time.hpp"
#include "protocol/base/time_format.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace pueue::client {

namespace {

constexpr std::array<std::string_view, 6> names = {
    "off", "error", "warn", "info", "debug", "trace"};

std::optional<LogLevel> parse_level(std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool same =
            text.size() == names[i].size() &&
            std::equal(text.begin(), text.end(), names[i].begin(), [](char a, char b) {
                return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
            });
        const bool number = text.size() == 1 && text[0] == static_cast<char>('0' + i);
        if (same || number) {
            return static_cast<LogLevel>(i);
        }
    }
    return std::nullopt;
}

Report invalid_directive(std::string_view message, std::size_t causes) {
    return Report{std::vector<std::string>(causes, std::string(message)), true};
}

struct LevelLook {
    std::string_view name;
    std::string_view color;
};

LevelLook look_of(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return {"ERROR", "\x1b[31m"};
        case LogLevel::warn:
            return {" WARN", "\x1b[33m"};
        case LogLevel::info:
            return {" INFO", "\x1b[32m"};
        case LogLevel::debug:
            return {"DEBUG", "\x1b[34m"};
        case LogLevel::trace:
        case LogLevel::off:
            break;
    }
    return {"TRACE", "\x1b[35m"};
}

}  // namespace

LogFilter LogFilter::of_verbosity(std::size_t count) {
    const std::size_t level = std::min<std::size_t>(count + 2, 5);
    LogFilter filter;
    filter.directives_.push_back({"", static_cast<LogLevel>(level)});
    return filter;
}

Reported<LogFilter> LogFilter::parse(std::string_view text) {
    LogFilter filter;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        if (part.empty()) {
            continue;
        }
        if (part.find_first_of("[]{}") != std::string_view::npos) {
            return invalid_directive("invalid filter directive", 2);
        }
        const std::size_t equals = part.find('=');
        if (equals != std::string_view::npos) {
            const auto level = parse_level(part.substr(equals + 1));
            if (!level) {
                return invalid_directive(
                    "error parsing level filter: expected one of \"off\", \"error\", \"warn\", "
                    "\"info\", \"debug\", \"trace\", or a number 0-5",
                    3
                );
            }
            filter.directives_.push_back({std::string(part.substr(0, equals)), *level});
        } else if (const auto level = parse_level(part)) {
            filter.directives_.push_back({"", *level});
        } else {
            filter.directives_.push_back({std::string(part), LogLevel::trace});
        }
    }
    return filter;
}

bool LogFilter::allows(std::string_view target, LogLevel level) const {
    // The longest prefix of the target decides.
    const Directive* best = nullptr;
    for (const Directive& directive : directives_) {
        if (target.starts_with(directive.target) &&
            (best == nullptr || directive.target.size() >= best->target.size())) {
            best = &directive;
        }
    }
    return best != nullptr && level <= best->level;
}

void Log::say(LogLevel level, std::string_view target, std::string_view message) const {
    if (!allows(target, level)) {
        return;
    }
    const std::string time = format_time("%H:%M:%S", to_local(read_clock().wall)).value_or("");
    const LevelLook look = look_of(level);
    std::string line;
    if (colored_) {
        line = "\x1b[2m" + time + "\x1b[0m " + std::string(look.color) + std::string(look.name) +
               "\x1b[0m \x1b[2m" + std::string(target) + "\x1b[0m\x1b[2m:\x1b[0m ";
    } else {
        line = time + " " + std::string(look.name) + " " + std::string(target) + ": ";
    }
    line += message;
    line += '\n';
    write_(line);
}

}  // namespace pueue::client
