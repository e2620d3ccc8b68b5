// What the outside can be asked to do: the list. An action leaves when the records before it are
//   written (handed to the kernel): StartAttempt, SignalTask, SendInput, FollowLog, EndFollow,
//       RunCallback, RotateLog, ExitDaemon, and the Reply to a read;
//   durable (synced): the Reply to a change, AcknowledgeExit, RemoveLogs.
// The executor keeps them in order within each of the two classes.
#pragma once

#include "protocol/model/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pueue::core {

// Answers. Texts are final; what is read from State is encoded by the executor at once, so it is
// what was true in the step that decided it.
struct SuccessReply {
    std::string text;
    bool operator==(const SuccessReply&) const = default;
};
struct FailureReply {
    std::string text;
    bool operator==(const FailureReply&) const = default;
};
/// What an add has come to.
enum class AddOutcome {
    added,
    existing,   ///< there was a run that is not over: `id` is that one
    skipped,    ///< there was a run that is over
    restarted,  ///< it was the restart of this task
};
struct AddedTaskReply {
    TaskId id;
    std::optional<WallTime> enqueue_at;
    bool group_is_paused = false;
    AddOutcome outcome = AddOutcome::added;
    std::string warning = {};
    bool operator==(const AddedTaskReply&) const = default;
};
struct StatusReply {
    bool operator==(const StatusReply&) const = default;
};
struct GroupsReply {
    bool operator==(const GroupsReply&) const = default;
};
struct LogReply {
    std::vector<TaskId> ids;  ///< existing ones, ascending
    bool send_logs = false;
    std::optional<std::uint64_t> lines;
    bool operator==(const LogReply&) const = default;
};
/// What there is to edit of tasks that have just been locked, in this order.
struct EditReply {
    std::vector<TaskId> ids;
    bool operator==(const EditReply&) const = default;
};
using Answer = std::variant<
    SuccessReply,
    FailureReply,
    AddedTaskReply,
    StatusReply,
    GroupsReply,
    LogReply,
    EditReply>;

enum class Waits { written, durable };

struct Reply {
    SessionId session;
    Answer answer;
    Waits waits = Waits::written;
    bool operator==(const Reply&) const = default;
};

/// Clone the process of this attempt. What it runs is in State.
struct StartAttempt {
    AttemptKey key;
    WorkerId worker;
    bool operator==(const StartAttempt&) const = default;
};

/// To the process group of the attempt.
struct SignalTask {
    AttemptKey key;
    int signal = 0;
    bool operator==(const SignalTask&) const = default;
};

/// Write to the stdin of the attempt; InputSent says how it went.
struct SendInput {
    SessionId session;
    AttemptKey key;
    std::string input;
    bool operator==(const SendInput&) const = default;
};

/// Show the client the log of this task, from the last `lines` on if given, and what is added to
/// it, until EndFollow.
struct FollowLog {
    SessionId session;
    TaskId task;
    std::optional<std::uint64_t> lines;
    bool operator==(const FollowLog&) const = default;
};

/// Nothing will be added any more: the task has ended, or is gone.
struct EndFollow {
    SessionId session;
    bool is_removed = false;
    bool operator==(const EndFollow&) const = default;
};

/// The keeper may forget every exit up to this sequence number.
struct AcknowledgeExit {
    std::uint64_t sequence = 0;
    bool operator==(const AcknowledgeExit&) const = default;
};

/// The user's own command for a task that has just become Done. What it needs is copied, because
/// the same step may remove the task or start the next one.
struct RunCallback {
    Task task;
    std::uint64_t queued = 0;   ///< in its group, at that moment
    std::uint64_t stashed = 0;  ///< with and without a time
    bool operator==(const RunCallback&) const = default;
};

/// The log of this attempt is an earlier one from here on, and the task's own log is empty. The
/// newest `kept` of those stay. Once done, doing it again changes nothing, as long as no later
/// attempt has begun.
struct RotateLog {
    TaskId id;
    AttemptNumber attempt;
    std::uint32_t kept = 0;
    bool operator==(const RotateLog&) const = default;
};

/// Logs of earlier attempts: of `newest` and of those before it, as far as they were kept.
struct EarlierLogs {
    TaskId id;
    AttemptNumber newest;
    bool operator==(const EarlierLogs&) const = default;
};

/// Delete the log files of tasks that are gone, and those of earlier attempts. Replies of the same
/// step wait until it is done.
struct RemoveLogs {
    std::vector<TaskId> ids;
    std::vector<EarlierLogs> earlier = {};
    bool operator==(const RemoveLogs&) const = default;
};

/// No task runs any more, or what does is left to the next daemon: clean up and exit with this
/// code.
struct ExitDaemon {
    int code = 0;
    bool leaves_tasks = false;  ///< so the keeper has to stay
    bool operator==(const ExitDaemon&) const = default;
};

using Action = std::variant<
    Reply,
    StartAttempt,
    SignalTask,
    SendInput,
    FollowLog,
    EndFollow,
    AcknowledgeExit,
    RunCallback,
    RotateLog,
    RemoveLogs,
    ExitDaemon>;

}  // namespace pueue::core
