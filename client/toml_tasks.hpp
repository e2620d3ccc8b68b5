// Tasks as the TOML document of `edit`, written as the original writes it and read from any TOML.
// The only user of a TOML library in the client.
#pragma once

#include "client/report.hpp"
#include "protocol/wire/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pueue::client {

/// One table per task, ordered by id as text.
[[nodiscard]] std::string tasks_to_toml(const std::vector<wire::EditableTask>& tasks);

/// Names of tables do not matter, the `id` in them does. Ordered by table name.
[[nodiscard]] Reported<std::vector<wire::EditableTask>> tasks_from_toml(std::string_view text);

/// A text as a value; the style depends on what has to be escaped (client contract 5).
[[nodiscard]] std::string toml_string(std::string_view text);

}  // namespace pueue::client
