// Limits: what keeps a queue from growing, or a task from failing, without end. Each refusal names
// the limit, its value and the way out. What they count is in the records, so a restart of the
// daemon resets nothing.
#pragma once

#include "daemon/core/command.hpp"
#include "daemon/core/step.hpp"

#include <optional>
#include <string>

namespace pueue::core {

/// Why there may not be one more task.
[[nodiscard]] std::optional<std::string> objection_to_add(const Step& step, const core::Add& add);

/// Why there may not be one more attempt of a task that is Done.
[[nodiscard]] std::optional<std::string> objection_to_restart(const Step& step, const Task& task);

}  // namespace pueue::core
