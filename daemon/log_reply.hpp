// The answer to a Log request: tasks and, if asked for, the end of their log files. Reads whole
// files, so it belongs on the disk thread; it is given values and knows no State.
#pragma once

#include "daemon/core/action.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/model/task.hpp"

#include <string>
#include <vector>

namespace pueue {

/// The encoded response. Compat: one unreadable log file makes the whole of it a Failure
/// [log-remote-missing].
[[nodiscard]] Bytes log_reply(
    const std::vector<Task>& tasks, const core::LogReply& what, const std::string& log_directory
);

}  // namespace pueue
