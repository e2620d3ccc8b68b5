// Tasks in the user's editor and back, as one TOML file or as a directory with a file per property
// (`client.edit_mode`). The editor is $EDITOR, run through the configured shell command.
#pragma once

#include "client/report.hpp"
#include "protocol/config/settings.hpp"
#include "protocol/wire/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pueue::client {

/// The tasks as they were saved, in the order in which they are to be sent. Tasks that are missing
/// from a TOML document are missing here.
[[nodiscard]] Reported<std::vector<wire::EditableTask>> edit_tasks(
    const std::vector<wire::EditableTask>& tasks, const config::Settings& settings
);

}  // namespace pueue::client
