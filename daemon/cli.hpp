// The command line of pueued (pueued 8.1): five options and the original's complaints about wrong
// ones.
#pragma once

#include <optional>
#include <string>
#include <variant>

namespace pueue {

/// What a signal to end does to the tasks.
enum class OnStop { kill, keep };

struct Options {
    int verbosity = 0;
    bool daemonize = false;
    std::optional<std::string> config;
    std::optional<std::string> profile;
    OnStop on_stop = OnStop::kill;
};

/// Nothing to do but to print this and exit with this code: help, version, usage errors.
struct PrintAndExit {
    std::string out;
    std::string err;
    int code = 0;
};

[[nodiscard]] std::variant<Options, PrintAndExit> parse_command_line(int argc, char** argv);

}  // namespace pueue
