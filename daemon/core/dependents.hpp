// Who waits for whom, both ways: from a task to those that depend on it, and for each dependent how
// many of its dependencies are not there yet.
//
// Only dependencies that exist count; one that was removed holds nobody up. The counters follow
// single changes (shift), so that the end of a task costs what its own dependents cost.
#pragma once

#include "protocol/model/state.hpp"

#include <compare>
#include <cstdint>
#include <ranges>
#include <set>
#include <unordered_map>

namespace pueue::core {

/// What a task is to those that depend on it.
enum class Standing { absent, open, succeeded, failed };

[[nodiscard]] Standing standing(const State& state, TaskId id);

/// How many dependencies of one task exist and have not succeeded.
struct Unmet {
    std::uint64_t open = 0;
    std::uint64_t failed = 0;

    bool operator==(const Unmet&) const = default;
};

class Dependents {
  public:
    /// Takes the dependencies of a task in, with their standing in `state`.
    void link(const State& state, const Task& task);
    /// Requires: linked, with the same dependencies.
    void unlink(const Task& task);
    /// One dependency of this task went from `before` to `after`. Requires: the task is linked.
    void shift(TaskId dependent, Standing before, Standing after);

    [[nodiscard]] Unmet unmet(TaskId dependent) const;

    /// The tasks that depend on this one, ascending. Valid until the next link or unlink.
    [[nodiscard]] auto of(TaskId dependency) const {
        const Edge first{dependency, TaskId{0}};
        const Edge last{dependency, TaskId{~std::uint64_t{0}}};
        return std::ranges::subrange(edges_.lower_bound(first), edges_.upper_bound(last)) |
               std::views::transform(&Edge::dependent);
    }

    bool operator==(const Dependents&) const = default;

  private:
    struct Edge {
        TaskId dependency;
        TaskId dependent;

        auto operator<=>(const Edge&) const = default;
    };

    std::set<Edge> edges_;
    std::unordered_map<TaskId, Unmet> unmet_;  ///< of the tasks that have dependencies
};

}  // namespace pueue::core
