#include "client/report.hpp"

#include <cstdio>
#include <cstdlib>

namespace pueue::client {

namespace {

constexpr std::string_view continuation = "\n      ";

std::string indent_lines(std::string_view message) {
    std::string out;
    for (const char c : message) {
        if (c == '\n') {
            out += continuation;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

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

std::string format_report(const Report& report) {
    if (!report.framed) {
        return report.messages.front() + "\n";
    }
    std::string text = "Error: \n";
    for (std::size_t i = 0; i < report.messages.size(); ++i) {
        text += "   " + std::to_string(i) + ": \x1b[91m" + indent_lines(report.messages[i]) +
                "\x1b[0m\n";
    }
    text += "\nLocation:\n   \x1b[35mclient\x1b[0m:\x1b[35m1\x1b[0m\n\n";
    text += "Backtrace omitted. Run with RUST_BACKTRACE=1 environment variable to display it.\n";
    text += "Run with RUST_BACKTRACE=full to include source snippets.\n";
    return text;
}

}  // namespace pueue::client
