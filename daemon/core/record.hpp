// What can become true: the list, and the only input of apply(). Facts, small and final; State is
// their fold, live and at replay alike. They are written to disk: changing one means a new version
// in daemon/journal/record_codec, never another meaning of old bytes.
#pragma once

#include "protocol/model/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pueue::core {

struct GroupAdded {
    std::string name;
    std::uint64_t parallel_tasks = 1;
    bool operator==(const GroupAdded&) const = default;
};
struct GroupRemoved {
    std::string name;
    bool operator==(const GroupRemoved&) const = default;
};
struct GroupStatusSet {
    std::string name;
    GroupStatus status = GroupStatus::running;
    bool operator==(const GroupStatusSet&) const = default;
};
struct ParallelSet {
    std::string group;
    std::uint64_t parallel_tasks = 1;
    bool operator==(const ParallelSet&) const = default;
};

/// Begins Queued (enqueued at `created_at`) unless `stashed`; then with or without a time.
struct TaskAdded {
    TaskId id;
    RunId run;
    WallTime created_at;
    TaskSpecPtr spec;
    bool stashed = false;
    std::optional<WallTime> enqueue_at;
    TaskOptions options = {};
    bool operator==(const TaskAdded& other) const {
        return id == other.id && run == other.run && created_at == other.created_at &&
               stashed == other.stashed && enqueue_at == other.enqueue_at &&
               options == other.options && *spec == *other.spec;
    }
};
struct TaskStashed {
    TaskId id;
    std::optional<WallTime> enqueue_at;
    bool operator==(const TaskStashed&) const = default;
};
struct TaskEnqueued {
    TaskId id;
    WallTime at;
    bool operator==(const TaskEnqueued&) const = default;
};

/// The start was decided and is given to the keeper of State. Before Running the task was Queued,
/// or anything a forced start accepts; `enqueued_at` is what Running shows.
struct AttemptStarted {
    TaskId id;
    AttemptNumber attempt;
    WorkerId worker;
    WallTime enqueued_at;
    WallTime start;
    bool operator==(const AttemptStarted&) const = default;
};
/// The keeper never heard of the attempt, so nothing ran: Queued again, as `enqueued_at` it was.
/// The next start uses the same attempt number.
struct AttemptWithdrawn {
    TaskId id;
    bool operator==(const AttemptWithdrawn&) const = default;
};
struct TaskPaused {
    TaskId id;
    bool operator==(const TaskPaused&) const = default;
};
struct TaskResumed {
    TaskId id;
    bool operator==(const TaskResumed&) const = default;
};
/// Done, from Running, Paused or (DependencyFailed only) Queued.
struct TaskFinished {
    TaskId id;
    WallTime start;
    WallTime end;
    TaskResult result;
    bool operator==(const TaskFinished&) const = default;
};
/// Those that are Done and have a label go into the history.
struct TasksRemoved {
    std::vector<TaskId> ids;  ///< ascending, unique
    bool operator==(const TasksRemoved&) const = default;
};

/// Being edited: a Queued or Stashed task keeps its status inside Locked.
struct TaskLocked {
    TaskId id;
    bool operator==(const TaskLocked&) const = default;
};
/// The status from before the lock is back.
struct TaskUnlocked {
    TaskId id;
    bool operator==(const TaskUnlocked&) const = default;
};
/// Of a Locked task, which stays locked.
struct TaskEdited {
    TaskId id;
    EditableFields fields;
    bool operator==(const TaskEdited&) const = default;
};
/// Done becomes Queued again (enqueued `at`), or Stashed without a time; the process it ended with
/// is an earlier attempt from here on.
struct TaskRestarted {
    TaskId id;
    EditableFields fields;
    WallTime at;
    bool stashed = false;
    bool operator==(const TaskRestarted&) const = default;
};
/// By hand: the failures of this task so far do not count against it.
struct AttemptsForgiven {
    TaskId id;
    bool operator==(const AttemptsForgiven&) const = default;
};
struct VariableSet {
    TaskId id;
    std::string name;
    std::string value;
    bool operator==(const VariableSet&) const = default;
};
struct VariableUnset {
    TaskId id;
    std::string name;
    bool operator==(const VariableUnset&) const = default;
};
/// Two tasks change ids; whoever depends on one of them now depends on the other.
struct TasksSwitched {
    TaskId first;
    TaskId second;
    bool operator==(const TasksSwitched&) const = default;
};

/// Whether a reset of all groups is under way.
struct FullResetSet {
    bool active = false;
    bool operator==(const FullResetSet&) const = default;
};
/// No task is left, and the next one is 0. Ends a full reset.
struct IdsRestarted {
    bool operator==(const IdsRestarted&) const = default;
};

/// From here on attempts are given to this keeper.
struct KeeperAdopted {
    KeeperId keeper;
    bool operator==(const KeeperAdopted&) const = default;
};

/// A state file takes the place of everything: no task and no group is left. What it has follows in
/// the same decision. Ids go on where they were.
struct StateReplaced {
    bool operator==(const StateReplaced&) const = default;
};
/// A task as a state file has it. No process of it is alive.
struct TaskImported {
    TaskId id;
    RunId run;
    WallTime created_at;
    TaskSpecPtr spec;
    std::variant<Stashed, Queued, Done> status;
    bool operator==(const TaskImported& other) const {
        return id == other.id && run == other.run && created_at == other.created_at &&
               status == other.status && *spec == *other.spec;
    }
};
/// Runs of the history that are not remembered any more.
struct HistoryForgotten {
    std::vector<RunId> runs;  ///< ascending, unique
    bool operator==(const HistoryForgotten&) const = default;
};

using Record = std::variant<
    GroupAdded,
    GroupRemoved,
    GroupStatusSet,
    ParallelSet,
    TaskAdded,
    TaskStashed,
    TaskEnqueued,
    AttemptStarted,
    AttemptWithdrawn,
    TaskPaused,
    TaskResumed,
    TaskFinished,
    TasksRemoved,
    TaskLocked,
    TaskUnlocked,
    TaskEdited,
    TaskRestarted,
    VariableSet,
    VariableUnset,
    TasksSwitched,
    FullResetSet,
    IdsRestarted,
    KeeperAdopted,
    StateReplaced,
    TaskImported,
    AttemptsForgiven,
    HistoryForgotten>;

}  // namespace pueue::core
