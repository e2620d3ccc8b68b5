// Which runs have a label: those of tasks that are there, and those that only the history knows.
#pragma once

#include "protocol/model/state.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pueue::core {

class Labels {
  public:
    void link(const Task& task);
    /// Requires: linked, and its label has not changed since.
    void unlink(const Task& task);
    void remember(const RunId& run, const ClosedRun& closed);
    void forget(const RunId& run, const ClosedRun& closed);

    /// The tasks with this label, ascending.
    [[nodiscard]] std::vector<const Task*> tasks(const State& state, const std::string& label)
        const;
    /// The newest run with this label in the history that suits; null if there is none.
    template <class Predicate>
    [[nodiscard]] const ClosedRun* newest_closed(
        const State& state, const std::string& label, const Predicate& suits
    ) const {
        const std::size_t hash = std::hash<std::string>{}(label);
        RunId last;
        last.value.fill(0xff);
        for (auto run = closed_.upper_bound({hash, last});
             run != closed_.begin() && (--run)->first == hash;) {
            const ClosedRun& closed = state.history.at(run->second);
            if (closed.label == label && suits(closed)) {
                return &closed;
            }
        }
        return nullptr;
    }

    bool operator==(const Labels&) const = default;

  private:
    // By the hash of the label; equal hashes are candidates.
    std::set<std::pair<std::size_t, TaskId>> tasks_;
    std::set<std::pair<std::size_t, RunId>> closed_;
};

}  // namespace pueue::core
