#include "protocol/base/result.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace pueue {

namespace {

std::string plain_text(int number) {
    char buffer[128];
    // The GNU variant: returns the text, which need not be in the buffer.
    return ::strerror_r(number, buffer, sizeof buffer);
}

}  // namespace

Error Error::in(std::string_view outer) const {
    return {kind, os_error, std::string(outer) + ": " + text};
}

Error os_error(std::string_view what, int number) {
    ErrorKind kind = ErrorKind::io;
    switch (number) {
        case ENOENT:
        case ESRCH:
            kind = ErrorKind::not_found;
            break;
        case EACCES:
        case EPERM:
            kind = ErrorKind::refused;
            break;
        case EEXIST:
        case EADDRINUSE:
            kind = ErrorKind::exists;
            break;
        case EPIPE:
        case ECONNRESET:
            kind = ErrorKind::closed;
            break;
        default:
            break;
    }
    return {kind, number, std::string(what) + ": " + plain_text(number)};
}

std::string describe_os_error(int number) {
    return plain_text(number) + " (os error " + std::to_string(number) + ")";
}

Error invalid(std::string text) {
    return {ErrorKind::invalid, 0, std::move(text)};
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    std::fprintf(
        stderr,
        "pueue: value() of an error at %s:%u: %s\n",
        where.file_name(),
        where.line(),
        error.text.c_str()
    );
    std::abort();
}

void check_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "pueue: broken invariant at %s:%d: %s\n", file, line, expression);
    std::abort();
}

}  // namespace pueue
