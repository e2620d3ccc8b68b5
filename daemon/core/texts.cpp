#include "daemon/core/texts.hpp"

#include "protocol/base/upstream_text.hpp"

namespace pueue::core {

std::string joined(const std::vector<TaskId>& ids) {
    std::string text;
    for (const TaskId id : ids) {
        if (!text.empty()) {
            text += ", ";
        }
        text += std::to_string(id.value);
    }
    return text;
}

Answer id_list(std::string_view message, const Divided& divided) {
    const std::string failed = "The command failed for tasks: " + joined(divided.others);
    if (divided.matching.empty() && !divided.others.empty()) {
        return FailureReply{failed};
    }
    std::string text = std::string(message) + ": " + joined(divided.matching);
    if (!divided.others.empty()) {
        text += '\n' + failed;
    }
    return SuccessReply{std::move(text)};
}

std::string selected_group(const TaskSelection& selection) {
    const auto* group = std::get_if<std::string>(&selection);
    return group == nullptr ? std::string() : *group;
}

std::optional<Answer> missing_group(const State& state, std::string_view name) {
    if (state.group(name) != nullptr) {
        return std::nullopt;
    }
    std::string known;
    for (const auto& [group, settings] : state.groups) {
        known += (known.empty() ? "" : ", ") + quoted(group);
    }
    return FailureReply{
        "Group " + std::string(name) + " doesn't exists. Use one of these: [" + known + "]"};
}

std::optional<Answer> missing_selected_group(const State& state, const TaskSelection& selection) {
    const auto* group = std::get_if<std::string>(&selection);
    return group == nullptr ? std::nullopt : missing_group(state, *group);
}

}  // namespace pueue::core
