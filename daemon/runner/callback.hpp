// From a task that has just become Done to the command of the user's callback (pueued 6.8).
#pragma once

#include "daemon/core/action.hpp"
#include "daemon/runner/launch.hpp"
#include "daemon/runner/runner.hpp"
#include "protocol/base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pueue::runner {

struct CallbackSettings {
    std::string command;  ///< the template
    std::uint64_t log_lines = 10;
    std::vector<std::string> environment;  ///< NAME=value: the daemon's own and `env_vars`
    std::string directory;                 ///< the daemon's own
};

/// Reads the end of the task's log. Error: the template cannot be rendered; the text is upstream's.
[[nodiscard]] Result<Program> make_callback(
    const core::RunCallback& callback,
    const CallbackSettings& settings,
    const LaunchSettings& launch
);

}  // namespace pueue::runner
