#include "client/console.hpp"

#include "protocol/base/fd.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace pueue::client {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{64} << 10;

std::optional<std::size_t> columns_of(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) {
        return std::nullopt;
    }
    return size.ws_col;
}

}  // namespace

void Console::out(std::string_view text) {
    buffered_ += text;
    if (buffered_.size() >= buffer_bytes) {
        flush();
    }
}

void Console::err(std::string_view text) {
    flush();
    write_err(text);
}

void Console::flush() {
    if (buffered_.empty()) {
        return;
    }
    const std::string text = std::exchange(buffered_, "");
    if (const int number = write_out(text); number != 0) {
        throw OutputFailed{number};
    }
}

std::optional<std::string> ProcessConsole::read_line() {
    // Byte by byte: what follows the line is not ours to take.
    std::string line;
    for (;;) {
        char c = 0;
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return line.empty() ? std::nullopt : std::optional(line);
        }
        if (c == '\n') {
            return line;
        }
        line += c;
    }
}

bool ProcessConsole::out_is_terminal() const {
    return ::isatty(STDOUT_FILENO) == 1;
}

bool ProcessConsole::err_is_terminal() const {
    return ::isatty(STDERR_FILENO) == 1;
}

std::optional<std::size_t> ProcessConsole::table_width() const {
    if (!out_is_terminal()) {
        return std::nullopt;
    }
    // Compat: the controlling terminal counts, even if standard output is another one
    // [client/tables.txt].
    if (const auto terminal = open_file("/dev/tty", O_RDONLY); terminal.has_value()) {
        if (const auto columns = columns_of(terminal->get())) {
            return columns;
        }
    }
    return columns_of(STDOUT_FILENO);
}

int ProcessConsole::write_out(std::string_view text) {
    const auto written = write_all(STDOUT_FILENO, text);
    return written.has_error() ? written.error().os_error : 0;
}

void ProcessConsole::write_err(std::string_view text) {
    std::ignore = write_all(STDERR_FILENO, text);  // nobody is left to be told
}

void prepare_standard_streams() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) {
            // The lowest free descriptor is this one, since those below it are open by now.
            std::ignore = ::open("/dev/null", O_RDWR);
        }
    }
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace pueue::client
