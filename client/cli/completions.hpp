// Completion scripts for six shells, made from the command table: every command, option and word of
// an enumeration that help shows.
#pragma once

#include "client/cli/values.hpp"

#include <string>

namespace pueue::client::cli {

[[nodiscard]] std::string completion_script(Shell shell);

}  // namespace pueue::client::cli
