// JSON as scripts know it from the original: compact, keys in a fixed order, ids as strings in
// numeric order, times in the local zone. Pure but for that zone.
#pragma once

#include "protocol/model/state.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace pueue::client {

/// Appends `text` in quotes.
void append_json_string(std::string& to, std::string_view text);

/// Whether a task's variables are written. `log` never shows them.
enum class ShowEnvironment { no, yes };
void append_json_task(std::string& to, const Task& task, ShowEnvironment environment);

[[nodiscard]] std::string groups_to_json(const std::map<std::string, Group, std::less<>>& groups);

/// `{"tasks":{…},"groups":{…}}`. Requires: tasks in ascending order of their ids.
[[nodiscard]] std::string status_to_json(
    std::span<const Task* const> tasks, const std::map<std::string, Group, std::less<>>& groups
);

}  // namespace pueue::client
