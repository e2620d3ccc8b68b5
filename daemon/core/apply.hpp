// apply(): the only function that changes State. Live, at replay and in compaction it is this one.
// Requires: the record was made from this state (a scheduler made it, or it was read back in
// order); anything else is a bug and aborts. Recovery therefore checks `applicable` first: bytes
// from a disk can be anything.
#pragma once

#include "daemon/core/record.hpp"

namespace pueue::core {

void apply(State& state, const Record& record);

/// Whether apply() may be called: the tasks and groups it names exist (or do not, where it adds
/// them) and are in a status the record can follow.
[[nodiscard]] bool applicable(const State& state, const Record& record);

}  // namespace pueue::core
