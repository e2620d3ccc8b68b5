// What could be computed from State, but not each time: per group who may start next and which
// worker numbers are taken, who depends on whom, what is due when, which tasks are alike.
//
// Everything in here is a function of State: `Indexes::of` computes it from nothing, the ledger
// makes it follow record by record, and the two are always equal (invariants.hpp). No operation
// costs more with the number of tasks than a look-up in a sorted set does.
#pragma once

#include "daemon/core/dependents.hpp"
#include "daemon/core/labels.hpp"
#include "daemon/core/twins.hpp"
#include "daemon/core/worker_numbers.hpp"
#include "protocol/model/state.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pueue::core {

/// The place of a task in the order of starting: higher priority first, then the lower id.
struct StartOrder {
    std::int32_t priority = 0;
    TaskId id;

    bool operator==(const StartOrder&) const = default;
    bool operator<(const StartOrder& other) const {
        return priority != other.priority ? priority > other.priority : id < other.id;
    }
};

struct GroupIndex {
    std::uint64_t tasks = 0;     ///< in any status
    std::uint64_t queued = 0;    ///< Queued
    std::uint64_t stashed = 0;   ///< Stashed, with or without a time
    std::uint64_t delayed = 0;   ///< Stashed with a time
    std::set<StartOrder> ready;  ///< Queued, and every dependency that exists has succeeded
    std::set<TaskId> doomed;     ///< Queued, and a dependency has failed
    std::set<TaskId> live;       ///< Running or Paused
    WorkerNumbers workers;       ///< of those
    std::optional<StartOrder> candidate;  ///< the first of `ready` while the group may start it

    bool operator==(const GroupIndex&) const = default;
};

class Indexes {
  public:
    /// Requires: the group of every task exists.
    [[nodiscard]] static Indexes of(const State& state);

    /// Requires: the group exists.
    [[nodiscard]] const GroupIndex& group(const std::string& name) const;
    /// Every Running or Paused task.
    [[nodiscard]] const std::set<TaskId>& live() const noexcept { return live_; }
    [[nodiscard]] const Dependents& dependents() const noexcept { return dependents_; }
    [[nodiscard]] const Twins& twins() const noexcept { return twins_; }
    [[nodiscard]] const Labels& labels() const noexcept { return labels_; }

    /// The best of all tasks that may start: ready, in a Running group with a free slot.
    [[nodiscard]] std::optional<TaskId> next_to_start() const;
    /// The Queued tasks with a failed dependency outside of paused groups, ascending.
    [[nodiscard]] std::vector<TaskId> doomed() const;

    /// The groups that are being reset and have no process left.
    [[nodiscard]] std::vector<std::string> groups_to_clear() const;

    struct Delayed {
        WallTime until;
        TaskId id;

        auto operator<=>(const Delayed&) const = default;
    };
    /// The Stashed task whose time comes first.
    [[nodiscard]] std::optional<Delayed> next_delayed() const;

    bool operator==(const Indexes&) const = default;

    // For the ledger, around each apply(): what a record is about is taken out of its places
    // before, and put where it belongs after.

    void add_group(const std::string& name);
    void remove_group(const std::string& name);
    /// A run has come into the history.
    void remember(const RunId& run, const ClosedRun& closed) { labels_.remember(run, closed); }
    /// Requires: it is in the history.
    void forget(const RunId& run, const ClosedRun& closed) { labels_.forget(run, closed); }
    /// The status or the number of slots of a group has changed.
    void refresh_group(const State& state, const std::string& name);

    /// Counts the task to its group and takes its dependencies and its text in. Not placed yet.
    void link(const State& state, const Task& task);
    void unlink(const Task& task);
    /// Puts a linked task where its status and its dependencies say.
    void place(const State& state, const Task& task);
    /// Requires: placed, and nothing about it has changed since.
    void displace(const State& state, const Task& task);
    /// A dependency of a placed task went from one standing to another.
    void shift_dependency(
        const State& state, const Task& dependent, Standing before, Standing after
    );

  private:
    GroupIndex& group_of(const Task& task);
    void refresh(const State& state, const std::string& name, GroupIndex& index);

    std::map<std::string, GroupIndex, std::less<>> groups_;
    std::set<StartOrder> candidates_;  ///< one of each group that may start something
    std::set<std::string, std::less<>> groups_with_doomed_;  ///< and not paused
    std::set<std::string, std::less<>> groups_to_clear_;
    std::set<TaskId> live_;
    std::set<Delayed> delayed_;
    Dependents dependents_;
    Twins twins_;
    Labels labels_;
};

}  // namespace pueue::core
