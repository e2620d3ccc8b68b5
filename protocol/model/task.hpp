// Tasks as both programs know them: plain values with upstream's names (pueued 4.1).
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/ids.hpp"
#include "protocol/model/policy.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pueue {

// How a task ended. The display name of each is its wire name without payload.
struct Success {
    bool operator==(const Success&) const = default;
};
struct Failed {
    std::int32_t exit_code = 0;
    bool operator==(const Failed&) const = default;
};
struct FailedToSpawn {
    std::string reason;
    bool operator==(const FailedToSpawn&) const = default;
};
struct Killed {
    bool operator==(const Killed&) const = default;
};
struct Errored {
    bool operator==(const Errored&) const = default;
};
struct DependencyFailed {
    bool operator==(const DependencyFailed&) const = default;
};
using TaskResult = std::variant<Success, Failed, FailedToSpawn, Killed, Errored, DependencyFailed>;

struct TaskStatus;

/// Being edited. Can be nested on the wire, never in a daemon.
struct Locked {
    std::shared_ptr<const TaskStatus> previous_status;
    bool operator==(const Locked& other) const;
};
struct Stashed {
    std::optional<WallTime> enqueue_at;
    bool operator==(const Stashed&) const = default;
};
struct Queued {
    WallTime enqueued_at;
    bool operator==(const Queued&) const = default;
};
struct Running {
    WallTime enqueued_at;
    WallTime start;
    bool operator==(const Running&) const = default;
};
struct Paused {
    WallTime enqueued_at;
    WallTime start;
    bool operator==(const Paused&) const = default;
};
struct Done {
    WallTime enqueued_at;
    WallTime start;
    WallTime end;
    TaskResult result;
    bool operator==(const Done&) const = default;
};

struct TaskStatus : std::variant<Locked, Stashed, Queued, Running, Paused, Done> {
    using variant::variant;

    template <class Status>
    [[nodiscard]] bool is() const noexcept {
        return std::holds_alternative<Status>(*this);
    }
    template <class Status>
    [[nodiscard]] const Status* get_if() const noexcept {
        return std::get_if<Status>(static_cast<const variant*>(this));
    }
};

/// What was asked for. Shared and never changed: an edit or restart makes a new one.
struct TaskSpec {
    std::string original_command;
    std::string command;  ///< original_command with its alias expanded
    std::string path;
    EnvironmentPtr
        environment;  ///< as submitted; what a task sees and clients are shown: visible_environment
    std::string group;
    std::vector<TaskId> dependencies;  ///< ascending, unique
    std::int32_t priority = 0;
    std::optional<std::string> label;

    bool operator==(const TaskSpec& other) const;
};
using TaskSpecPtr = std::shared_ptr<const TaskSpec>;

/// What edit and in-place restart put in the place of a task's own.
struct EditableFields {
    std::string original_command;
    std::string command;
    std::string path;
    std::optional<std::string> label;
    std::int32_t priority = 0;

    bool operator==(const EditableFields&) const = default;
};

/// The process of a Running or Paused task.
struct Attempt {
    WorkerId worker;
    KeeperId keeper;          ///< whom the start was given to; another keeper knows nothing of it
    bool was_paused = false;  ///< at least once: its SIGCONT is repeated when a daemon takes over

    bool operator==(const Attempt&) const = default;
};

/// A process that has been, of a task that was restarted since.
struct EndedAttempt {
    AttemptNumber number;
    WallTime start;
    WallTime end;
    TaskResult result;

    bool operator==(const EndedAttempt&) const = default;
};

/// How many of those a task remembers.
inline constexpr std::size_t ended_attempts_max = 100;

struct Task {
    TaskId id;
    RunId run;
    WallTime created_at;
    TaskSpecPtr spec;
    TaskStatus status;
    AttemptNumber attempts;          ///< how many were begun; the newest one's number
    std::optional<Attempt> attempt;  ///< present exactly while Running or Paused
    std::optional<WorkerId>
        worker;  ///< of the newest attempt that got a process, for later status replies
    TaskOptions options;
    AttemptNumber forgiven;  ///< failures up to this attempt do not count against the task
    std::vector<EndedAttempt> earlier;  ///< before the newest restart; the oldest first

    [[nodiscard]] AttemptKey key() const { return {id, attempts, run}; }

    bool operator==(const Task& other) const;
};

/// Running or Paused: upstream's "running".
[[nodiscard]] bool has_process(const Task& task);
/// Queued, or Stashed with a time: upstream's "queued".
[[nodiscard]] bool is_queued(const Task& task);
[[nodiscard]] bool is_done(const Task& task);
[[nodiscard]] bool has_succeeded(const Task& task);
/// The processes that are over, the oldest first: `earlier`, and the one that a Done task ended
/// with.
[[nodiscard]] std::vector<EndedAttempt> ended_attempts(const Task& task);
/// Done with any result but Success.
[[nodiscard]] bool has_failed(const Task& task);

/// The worker number clients are shown and the process was given: the live attempt's, else the
/// newest one's.
[[nodiscard]] std::optional<WorkerId> visible_worker(const Task& task);

}  // namespace pueue
