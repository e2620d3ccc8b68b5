// The daemon as a whole: builds its parts in order, runs the loop, takes them down in reverse.
#pragma once

#include "daemon/cli.hpp"

namespace pueue {

/// Runs until the daemon is told to end. The exit code; errors of the start have been reported on
/// stderr as the contract wants them.
[[nodiscard]] int run_daemon(const Options& options);

}  // namespace pueue
