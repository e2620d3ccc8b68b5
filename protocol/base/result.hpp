// Errors as values, for everything that can fail in a way the caller should decide about.
//
// `Result<T>` is a value or an `Error`. An `Error` is a kind (for code that branches), the errno it
// came from (0 if none) and a text that grows outward: `recover: segment 3: offset 8192: bad
// checksum`. Library code returns errors and never logs them; the caller that decides logs, once.
// PUEUE_CHECK is for bugs, not for errors: it is on in every build and aborts.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace pueue {

enum class ErrorKind {
    invalid,    ///< bytes or text that break a rule of their format; trying again cannot help
    too_large,  ///< a bound of ours was exceeded
    closed,     ///< the peer ended the connection
    not_found,  ///< a file, process or name does not exist
    exists,     ///< something is in the way: a file, a running daemon
    refused,    ///< the peer or the system said no: permissions, a wrong secret, a wrong version
    io,         ///< any other failed system call; `os_error` says which
};

struct Error {
    ErrorKind kind = ErrorKind::io;
    int os_error = 0;
    std::string text;

    /// The same error seen from further out: "⟨outer⟩: ⟨text⟩".
    [[nodiscard]] Error in(std::string_view outer) const;

    bool operator==(const Error&) const = default;
};

/// An error from errno (or any error number), text "⟨what⟩: ⟨strerror⟩". Kind by number: ENOENT is
/// not_found, EACCES and EPERM are refused, EEXIST and EADDRINUSE exists, everything else io.
[[nodiscard]] Error os_error(std::string_view what, int number);

/// `No such file or directory (os error 2)`: how the original's texts show an errno.
[[nodiscard]] std::string describe_os_error(int number);

/// The error of a rule that bytes or text broke.
[[nodiscard]] Error invalid(std::string text);

// Found by boost::system::result when value() is called on an error: always a bug of the caller.
[[noreturn]] void throw_exception_from_error(
    const Error& error, const boost::source_location& where
);

template <class T = void>
using Result = boost::system::result<T, Error>;

[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace pueue

// Aborts with one line on stderr when a condition that only a bug can break does not hold.
#define PUEUE_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::pueue::check_failed(#condition, __FILE__, __LINE__))

#define PUEUE_CONCAT_INNER(a, b) a##b
#define PUEUE_CONCAT(a, b) PUEUE_CONCAT_INNER(a, b)

// TRY(auto x, f()); declares x from the value of f(), or returns its error from this function.
// Two statements, not one: it cannot be the body of an if without braces.
#define TRY(declaration, expression)                                   \
    auto PUEUE_CONCAT(try_result_, __LINE__) = (expression);           \
    if (PUEUE_CONCAT(try_result_, __LINE__).has_error()) {             \
        return std::move(PUEUE_CONCAT(try_result_, __LINE__)).error(); \
    }                                                                  \
    declaration = std::move(PUEUE_CONCAT(try_result_, __LINE__)).value()

// CHECK_OK(f()); returns the error of f(), if any, from this function.
#define CHECK_OK(expression)                           \
    do {                                               \
        auto check_ok_result = (expression);           \
        if (check_ok_result.has_error()) {             \
            return std::move(check_ok_result).error(); \
        }                                              \
    } while (false)
