// From a task to everything its process needs (pueued 6.1 and 6.2). Pure: what is decided here the
// keeper executes without looking anything up.
#pragma once

#include "daemon/runner/runner.hpp"
#include "protocol/model/task.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pueue::runner {

struct LaunchSettings {
    std::optional<std::vector<std::string>> shell_command;  ///< none: sh -c
    std::string log_directory;
};

[[nodiscard]] Launch make_launch(const Task& task, WorkerId worker, const LaunchSettings& settings);

/// Arguments and programs to try for a command in the shell, by the PATH of the program's own
/// environment. Error: shell_command is empty or a template with a mistake.
[[nodiscard]] Result<> fill_command_line(
    Program& program, const std::string& command, const LaunchSettings& settings
);

/// Rust's complaint about a NUL byte, if there is one anywhere in it.
[[nodiscard]] std::optional<Error> find_nul(const Program& program);

/// What execvp would try for `program` under this PATH: itself if it has a slash, else each
/// directory in turn. No PATH is libc's default one, an empty entry is the working directory.
[[nodiscard]] std::vector<std::string> candidate_programs(
    const std::string& program, const std::optional<std::string>& path
);

}  // namespace pueue::runner
