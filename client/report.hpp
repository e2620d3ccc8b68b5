// Errors as the client shows them: a chain of messages, outermost first, in the original's frame.
#pragma once

#include "protocol/base/result.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace pueue::client {

/// Why a command failed. Printed on stderr; the exit code is 1.
struct Report {
    std::vector<std::string> messages;
    bool framed = true;  ///< false: the first message alone, as it is

    /// The same report seen from further out.
    [[nodiscard]] Report in(std::string outer) const;

    bool operator==(const Report&) const = default;
};

[[nodiscard]] Report report(std::string message);
[[nodiscard]] Report report(const Error& error);
/// A failure that is one plain text: what the daemon refused, and the like.
[[nodiscard]] Report plain_failure(std::string text);

[[noreturn]] void throw_exception_from_error(
    const Report& report, const boost::source_location& where
);

template <class T = void>
using Reported = boost::system::result<T, Report>;

/// `Os { code: 21, kind: IsADirectory, message: "Is a directory" }`, for what opening and reading a
/// file ends with.
[[nodiscard]] std::string debug_os_error(int number);

/// The whole text on stderr.
[[nodiscard]] std::string format_report(const Report& report);

}  // namespace pueue::client
