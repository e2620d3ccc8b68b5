// What the client says about itself on stderr: warnings, and on request what it sends and receives.
// The filter is that of RUST_LOG in the original, else the number of -v.
#pragma once

#include "client/report.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pueue::client {

enum class LogLevel { off, error, warn, info, debug, trace };

/// Where messages come from, by the names of the original.
namespace target {
inline constexpr std::string_view protocol = "pueue_lib::network::protocol";
inline constexpr std::string_view network = "pueue_lib::network::client";
inline constexpr std::string_view commands = "pueue::client::commands";
inline constexpr std::string_view follow = "pueue::client::commands::follow";
}  // namespace target

class LogFilter {
  public:
    [[nodiscard]] static LogFilter of_verbosity(std::size_t count);
    /// `warn`, `target=debug`, `off,pueue=info`. Error: the messages of the original's parser.
    [[nodiscard]] static Reported<LogFilter> parse(std::string_view text);

    [[nodiscard]] bool allows(std::string_view target, LogLevel level) const;

  private:
    struct Directive {
        std::string target;  ///< empty: everything
        LogLevel level;
    };
    std::vector<Directive> directives_;
};

/// Writes lines `HH:MM:SS LEVEL target: message`.
class Log {
  public:
    /// Nothing is said before begin().
    using Write = void (*)(std::string_view line);

    Log() = default;
    Log(LogFilter filter, bool colored, Write write)
        : filter_(std::move(filter)), colored_(colored), write_(write) {}

    [[nodiscard]] bool allows(std::string_view target, LogLevel level) const {
        return write_ != nullptr && filter_.allows(target, level);
    }
    void say(LogLevel level, std::string_view target, std::string_view message) const;

  private:
    LogFilter filter_;
    bool colored_ = false;
    Write write_ = nullptr;
};

}  // namespace pueue::client
