// One line per message to a descriptor, usually stderr: `HH:MM:SS LEVEL target: message`.
//
// Never blocks (pueued 9c): a message that a full pipe would hold up is dropped and counted, and
// the count is part of the next message that fits. Never given an environment or a secret to print.
#pragma once

#include <cstdint>
#include <string_view>

namespace pueue {

enum class LogLevel { error, warn, info, debug, trace };

class Logger {
  public:
    /// Does not own `fd`. Messages less important than `most` are not written.
    Logger(int fd, LogLevel most) : fd_(fd), most_(most) {}

    void error(std::string_view target, std::string_view message) {
        log(LogLevel::error, target, message);
    }
    void warn(std::string_view target, std::string_view message) {
        log(LogLevel::warn, target, message);
    }
    void info(std::string_view target, std::string_view message) {
        log(LogLevel::info, target, message);
    }
    void debug(std::string_view target, std::string_view message) {
        log(LogLevel::debug, target, message);
    }

    [[nodiscard]] bool wants(LogLevel level) const { return level <= most_; }
    [[nodiscard]] LogLevel level() const { return most_; }

  private:
    void log(LogLevel level, std::string_view target, std::string_view message);

    int fd_;
    LogLevel most_;
    std::uint64_t dropped_ = 0;
};

}  // namespace pueue
