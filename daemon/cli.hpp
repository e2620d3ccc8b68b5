// The command line of pueued (pueued 8.1): four options and the original's complaints about wrong
// ones.
#pragma once

#include <optional>
#include <string>
#include <variant>

namespace pueue {

struct Options {
    int verbosity = 0;
    bool daemonize = false;
    std::optional<std::string> config;
    std::optional<std::string> profile;
};

/// Nothing to do but to print this and exit with this code: help, version, usage errors.
struct PrintAndExit {
    std::string out;
    std::string err;
    int code = 0;
};

[[nodiscard]] std::variant<Options, PrintAndExit> parse_command_line(int argc, char** argv);

}  // namespace pueue
