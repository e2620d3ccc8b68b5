// Which tasks are alike: same command, directory, group, label, priority and environment. Answers
// "is there another one like this?" without looking at all of them.
#pragma once

#include "protocol/model/state.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <utility>

namespace pueue::core {

/// Whether a copy made from one could be a copy of the other. Commands are compared as typed; the
/// two variables that the daemon sets do not count.
[[nodiscard]] bool are_twins(const TaskSpec& a, const TaskSpec& b);

class Twins {
  public:
    void link(const Task& task);
    /// Requires: linked, and nothing of its text has changed since.
    void unlink(const Task& task);
    /// Notes whether a linked task is Done.
    void place(const Task& task);
    void displace(const Task& task);

    /// Of the twins of `spec` behind `after` (none: of all) that suit, the one with the lowest id
    /// that is Done; if there is none, the one with the lowest id; if there is none either, null.
    template <class Predicate>
    [[nodiscard]] const Task* find(
        const State& state,
        const TaskSpec& spec,
        std::optional<TaskId> after,
        const Predicate& suits
    ) const {
        const Entry first{hash_of(spec), after ? TaskId{after->value + 1} : TaskId{0}};
        for (const std::set<Entry>* entries : {&done_, &all_}) {
            for (auto entry = entries->lower_bound(first);
                 entry != entries->end() && entry->first == first.first;
                 ++entry) {
                const Task* task = state.task(entry->second);
                if (are_twins(*task->spec, spec) && suits(*task)) {
                    return task;
                }
            }
        }
        return nullptr;
    }

    bool operator==(const Twins&) const = default;

  private:
    /// Equal hashes are candidates; are_twins decides.
    using Entry = std::pair<std::size_t, TaskId>;
    [[nodiscard]] static std::size_t hash_of(const TaskSpec& spec);

    std::set<Entry> all_;
    std::set<Entry> done_;
};

}  // namespace pueue::core
