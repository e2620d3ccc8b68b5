#include "protocol/base/logger.hpp"

#include <climits>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <string>

namespace pueue {

namespace {

constexpr std::array<const char*, 5> level_names = {"ERROR", " WARN", " INFO", "DEBUG", "TRACE"};

bool can_write(int fd) {
    pollfd poller{fd, POLLOUT, 0};
    return ::poll(&poller, 1, 0) == 1 && (poller.revents & POLLOUT) != 0;
}

std::string clock_text() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%H:%M:%S", &local);
    return text.data();
}

}  // namespace

void Logger::log(LogLevel level, std::string_view target, std::string_view message) {
    if (!wants(level)) {
        return;
    }
    std::string line = clock_text() + ' ' + level_names.at(static_cast<std::size_t>(level)) + ' ';
    line.append(target).append(": ").append(message);
    if (dropped_ > 0) {
        line += " (" + std::to_string(dropped_) + " messages before this one were dropped)";
    }
    // A pipe that polls writable takes PIPE_BUF bytes without blocking.
    line.resize(std::min<std::size_t>(line.size(), PIPE_BUF - 1));
    line.push_back('\n');
    if (can_write(fd_) && ::write(fd_, line.data(), line.size()) >= 0) {
        dropped_ = 0;
    } else {
        ++dropped_;
    }
}

}  // namespace pueue
