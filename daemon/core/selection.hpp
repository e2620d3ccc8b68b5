// What a TaskSelection means in a state.
#pragma once

#include "protocol/model/state.hpp"

#include <string>
#include <variant>
#include <vector>

namespace pueue::core {

/// The ids as given, unknown ones and duplicates too; of a group and of everything, the tasks that
/// match, ascending.
template <class Predicate>
[[nodiscard]] std::vector<TaskId> selected(
    const State& state, const TaskSelection& selection, const Predicate& matches
) {
    if (const auto* ids = std::get_if<std::vector<TaskId>>(&selection)) {
        return *ids;
    }
    const auto* group = std::get_if<std::string>(&selection);
    std::vector<TaskId> ids;
    for (const auto& [id, task] : state.tasks) {
        if ((group == nullptr || task.spec->group == *group) && matches(task)) {
            ids.push_back(id);
        }
    }
    return ids;
}

}  // namespace pueue::core
