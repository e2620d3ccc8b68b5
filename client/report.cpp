#include "client/report.hpp"

#include "protocol/base/upstream_text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace pueue::client {

Report Report::in(std::string outer) const {
    Report wrapped;
    wrapped.messages.push_back(std::move(outer));
    wrapped.messages.insert(wrapped.messages.end(), messages.begin(), messages.end());
    return wrapped;
}

Report report(std::string message) {
    Report made;
    made.messages.push_back(std::move(message));
    return made;
}

Report report(const Error& error) {
    return report(error.text);
}

Report plain_failure(std::string text) {
    Report failure = report(std::move(text));
    failure.framed = false;
    return failure;
}

void throw_exception_from_error(const Report& report, const boost::source_location& where) {
    std::fprintf(
        stderr,
        "pueue: value() of an error at %s:%u: %s\n",
        where.file_name(),
        where.line(),
        report.messages.empty() ? "" : report.messages.front().c_str()
    );
    std::abort();
}

std::string debug_os_error(int number) {
    const std::string message = os_text(number);
    const std::string words = message.substr(0, message.find(" (os error"));
    const char* kind = number == ENOENT   ? "NotFound"
                       : number == EACCES ? "PermissionDenied"
                       : number == EISDIR ? "IsADirectory"
                                          : "Uncategorized";
    return "Os { code: " + std::to_string(number) + ", kind: " + kind +
           ", message: " + quoted(words) + " }";
}

std::string format_report(const Report& report) {
    if (!report.framed) {
        return report.messages.front() + "\n";
    }
    return error_report(report.messages, "client");
}

}  // namespace pueue::client
