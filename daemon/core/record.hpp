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
    bool operator==(const TaskAdded& other) const {
        return id == other.id && run == other.run && created_at == other.created_at &&
               stashed == other.stashed && enqueue_at == other.enqueue_at && *spec == *other.spec;
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
/// Done, from Running, Paused or (DependencyFailed) Queued.
struct TaskFinished {
    TaskId id;
    WallTime start;
    WallTime end;
    TaskResult result;
    bool operator==(const TaskFinished&) const = default;
};
struct TasksRemoved {
    std::vector<TaskId> ids;
    bool operator==(const TasksRemoved&) const = default;
};

/// From here on attempts are given to this keeper.
struct KeeperAdopted {
    KeeperId keeper;
    bool operator==(const KeeperAdopted&) const = default;
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
    KeeperAdopted>;

}  // namespace pueue::core
