// Restarts by clients of the original. Not in place, they look at the state, and then add each task
// once more with what they were shown of it. Taken literally that doubles the failed tasks with
// each `restart --all-failed`; here it is the same task, for one more attempt.
#pragma once

#include "daemon/core/command.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/step.hpp"

namespace pueue::core {

/// The task of which this add is a copy; null if it is none. It is a copy if
///   - the client has looked at the state on this connection,
///   - it gives a priority, and neither dependencies nor a time,
///   - there is a task with the same text, group, label, priority and environment, and
///   - the two variables that the daemon sets are in the environment if that task ever ran.
/// Among several the lowest id counts that is Done and that this client has not copied since it
/// looked; if none is Done, somebody else has just restarted it.
[[nodiscard]] const Task* copied_by(Step& step, SessionId session, const core::Add& add);

/// Whether a copy of this task is a restart of it.
[[nodiscard]] bool restarts_in_place(const Step& step, const Task& task);
/// Restarts the task as the copy would have begun, unless it is under way again or a limit objects,
/// and answers.
void restart_by_copy(Step& step, SessionId session, const Task& task, const core::Add& copy);

}  // namespace pueue::core
