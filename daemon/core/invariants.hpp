// What is true of every state, and of every scheduler between two steps. Costs as much as computing
// the indexes anew: for tests, the simulator, and now and then a running daemon.
#pragma once

#include "daemon/core/scheduler.hpp"
#include "protocol/model/state.hpp"

#include <string>
#include <vector>

namespace pueue::core {

/// The rules of the model that do not hold, in words; none is what one wants to see.
[[nodiscard]] std::vector<std::string> broken_invariants(const State& state);

/// What settle() has left undone in this state, which meets the rules above.
[[nodiscard]] std::vector<std::string> unsettled(
    const State& state, const WallTime& now, bool has_keeper
);

/// All of it for the whole scheduler after a step that was taken at `now`.
[[nodiscard]] std::vector<std::string> broken_invariants(
    const Scheduler& scheduler, const WallTime& now
);

}  // namespace pueue::core
