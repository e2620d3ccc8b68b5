// The answers that several requests share, in the contract's words (pueued 3.3).
#pragma once

#include "daemon/core/action.hpp"
#include "protocol/model/state.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pueue::core {

/// `1, 2, 3`.
[[nodiscard]] std::string joined(const std::vector<TaskId>& ids);

/// The ids of a request, divided by whether it can do something with them; order and duplicates as
/// given.
struct Divided {
    std::vector<TaskId> matching;
    std::vector<TaskId> others;
};

/// `matches` is asked for the tasks that exist.
template <class Predicate>
[[nodiscard]] Divided divide(
    const State& state, const std::vector<TaskId>& ids, const Predicate& matches
) {
    Divided divided;
    for (const TaskId id : ids) {
        const Task* task = state.task(id);
        const bool is_match = task != nullptr && matches(*task);
        (is_match ? divided.matching : divided.others).push_back(id);
    }
    return divided;
}

/// `⟨message⟩: 1, 2`, with a second line for those that did not match. A failure only if nothing
/// matched although something was asked for.
[[nodiscard]] Answer id_list(std::string_view message, const Divided& divided);

/// What a request says that is about ids, a group or everything. `ids` heads an id list.
struct SelectionTexts {
    std::string ids;
    std::string group;
    std::string all;
};
template <class Predicate>
[[nodiscard]] Answer answer_to(
    const State& state,
    const TaskSelection& selection,
    const SelectionTexts& texts,
    const Predicate& matches
) {
    if (const auto* ids = std::get_if<std::vector<TaskId>>(&selection)) {
        return id_list(texts.ids, divide(state, *ids, matches));
    }
    const bool is_group = std::holds_alternative<std::string>(selection);
    return SuccessReply{is_group ? texts.group : texts.all};
}

/// The name of the selected group; empty if the selection is another one.
[[nodiscard]] std::string selected_group(const TaskSelection& selection);

/// The failure to answer with if there is no such group.
[[nodiscard]] std::optional<Answer> missing_group(const State& state, std::string_view name);
/// The same if the selection is a group.
[[nodiscard]] std::optional<Answer> missing_selected_group(
    const State& state, const TaskSelection& selection
);

}  // namespace pueue::core
