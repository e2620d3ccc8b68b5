// The changes that several requests and events share. Each makes its records and its actions; none
// answers anybody.
#pragma once

#include "daemon/core/command.hpp"
#include "daemon/core/step.hpp"

#include <string>
#include <vector>

namespace pueue::core {

/// Records the status unless the group has it already.
void set_group_status(Step& step, const std::string& group, GroupStatus status);
void set_all_group_statuses(Step& step, GroupStatus status);

/// Records the next attempt of a task that has no process and is not Done, in the smallest free
/// slot of its group.
void record_start(Step& step, const Task& task);
/// The same, and asks the keeper for the process. Requires: there is a keeper.
AttemptKey start(Step& step, const Task& task);

/// What a request to start tasks at once has to wait for.
struct ForcedStarts {
    std::vector<AttemptKey> begun;
    std::vector<PendingReplies::Wish> wishes;  ///< there is no keeper to give them to
};
/// Starts a Queued, Stashed or Locked task whatever its group, its dependencies and its delay say;
/// resumes a Paused one; leaves every other id alone.
void force_start(Step& step, TaskId id, ForcedStarts& starts);
/// Answers when the forced starts have come to something.
void answer_after(Step& step, SessionId session, Answer answer, ForcedStarts starts);
/// Answers when these attempts are over.
void answer_when_ended(
    Step& step, SessionId session, Answer answer, const std::vector<AttemptKey>& attempts
);

/// Running becomes Paused; a Paused one is stopped once more; everything else is left alone.
void pause(Step& step, const Task& task);
/// Paused becomes Running; everything else is left alone.
void resume(Step& step, const Task& task);
/// SIGKILL. Requires: the task has a process.
void kill(Step& step, const Task& task);

/// The task is Done now, with all that follows from it in its group. Requires: it has a process, or
/// is Queued and the result is DependencyFailed.
void finish(Step& step, const Task& task, TaskResult result);
/// The same for an end that nobody saw: no callback, as when the original finds a lost task.
void finish_lost(Step& step, const Task& task);

/// Takes the logs of a task that goes along, those of earlier attempts too.
void add_logs_of(const Task& task, RemoveLogs& logs);

/// Done becomes Queued, or Stashed: the same task with another attempt to come. Requires: it is
/// Done.
void restart(Step& step, const FieldsOf& fields, bool stashed);
/// Puts the log of an attempt aside if that has not happened yet. Requires: the task waits for its
/// next attempt, after a restart.
void rotate_log(Step& step, const Task& task);

/// Kills everything and lets the daemon exit when nothing is left. A second call changes nothing.
void begin_ending(Step& step, int exit_code, bool keeps_tasks);

}  // namespace pueue::core
