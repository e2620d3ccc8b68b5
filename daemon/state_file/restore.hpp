// What becomes of a state file's content when a daemon starts with it. The rules are the original's
// (pueued 4.4): no process of its tasks is ours, so what ran was killed, edits are forgotten, and
// groups in which something waits are paused until somebody looks at them. Pure.
#pragma once

#include "daemon/core/record.hpp"
#include "daemon/state_file/state_json.hpp"
#include "protocol/base/clock.hpp"

#include <vector>

namespace pueue::state_file {

/// One decision that makes any State this content, restored.
[[nodiscard]] std::vector<core::Record> import_records(const Content& content, const Now& now);

}  // namespace pueue::state_file
