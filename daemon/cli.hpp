// The command line of pueued (pueued 8.1): the original's four options, four of ours, and the
// original's complaints about wrong ones.
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

    // Instead of being a daemon: the pueue directory whose journal is looked at or mended.
    std::optional<std::string> journal_check;
    std::optional<std::string> journal_dump;
    std::optional<std::string> salvage;
};

/// Nothing to do but to print this and exit with this code: help, version, usage errors.
struct PrintAndExit {
    std::string out;
    std::string err;
    int code = 0;
};

[[nodiscard]] std::variant<Options, PrintAndExit> parse_command_line(int argc, char** argv);

}  // namespace pueue
