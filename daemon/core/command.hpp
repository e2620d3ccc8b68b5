// What a client can want: the list, in the order of the wire's requests. Shape-checked values;
// whether a wish can be granted is decided by the handlers. Named and described in pueued 3.4.
#pragma once

#include "protocol/model/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pueue::core {

/// `spec.dependencies` is as it was asked for: in that order, perhaps with duplicates.
struct Add {
    TaskSpec spec;
    bool start_immediately = false;
    bool stashed = false;
    std::optional<WallTime> enqueue_at;
    bool has_priority = false;  ///< it was given, as clients do that copy a task
    bool is_copy = false;       ///< surely a new task, even if it looks like a restart
    TaskOptions options = {};
};

struct Remove {
    std::vector<TaskId> tasks;
};

struct Switch {
    TaskId first;
    TaskId second;
};

struct Stash {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
    std::string enqueue_at_text;  ///< for the reply: zones and formats are the outside's business
};

struct Enqueue {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
    std::string enqueue_at_text;
};

struct Start {
    TaskSelection tasks;
    /// Done tasks, by ids, are forgiven their failures and get another attempt, whatever the
    /// limits.
    bool force_attempt = false;
};

/// A task by its id, with what edit or restart make of it.
struct FieldsOf {
    TaskId task;
    EditableFields fields;
};

/// In place. Restarting as a copy is an Add.
struct Restart {
    std::vector<FieldsOf> tasks;
    bool start_immediately = false;
    bool stashed = false;
};

struct Pause {
    TaskSelection tasks;
    bool wait = false;
};

/// The signal's number and the name replies use ("sigterm").
struct SignalName {
    int number = 0;
    std::string name;
};

struct Kill {
    TaskSelection tasks;
    std::optional<SignalName> signal;  ///< none: SIGKILL, and the reply waits for the deaths
};

struct Send {
    TaskId task;
    std::string input;
};

/// Lock these tasks and say what there is to edit.
struct EditRequest {
    std::vector<TaskId> tasks;
};

/// The edit is off: unlock.
struct EditRestore {
    std::vector<TaskId> tasks;
};

struct EditedTasks {
    std::vector<FieldsOf> tasks;
};

struct EnvSet {
    TaskId task;
    std::string name;
    std::string value;
};

struct EnvUnset {
    TaskId task;
    std::string name;
};

struct GroupAdd {
    std::string name;
    std::optional<std::uint64_t> parallel_tasks;
};

struct GroupRemove {
    std::string name;
};

struct GroupList {};

struct Parallel {
    std::string group;
    std::uint64_t parallel_tasks = 1;
};

struct Status {};

struct Log {
    TaskSelection tasks;
    bool send_logs = false;
    std::optional<std::uint64_t> lines;
};

/// See the log of one task and what is added to it. The selection names the task; one that names
/// none means the only one that runs.
struct Follow {
    TaskSelection tasks;
    std::optional<std::uint64_t> lines;
};

struct Reset {
    std::optional<std::vector<std::string>> groups;  ///< none: all of them
};

struct Clean {
    bool successful_only = false;
    std::optional<std::string> group;
};

struct Shutdown {
    bool graceful = true;      ///< false: exit code 1
    bool keeps_tasks = false;  ///< they run on; a later daemon takes them over
};

using Command = std::variant<
    Add,
    Remove,
    Switch,
    Stash,
    Enqueue,
    Start,
    Restart,
    Pause,
    Kill,
    Send,
    EditRequest,
    EditRestore,
    EditedTasks,
    EnvSet,
    EnvUnset,
    GroupAdd,
    GroupRemove,
    GroupList,
    Parallel,
    Status,
    Log,
    Follow,
    Reset,
    Clean,
    Shutdown>;

}  // namespace pueue::core
