// The help of a command, short (-h) or long (--help), laid out like the original's: the same
// sections, names and order, descriptions beside what they describe or below it where there is no
// room, words never split.
#pragma once

#include "client/cli/command_table.hpp"
#include "client/cli/parser.hpp"

#include <string>
#include <string_view>

namespace pueue::client::cli {

/// `path` is how the usage line calls the command.
[[nodiscard]] std::string help_text(
    const Command& command, const std::string& path, bool long_form, const Appearance& appearance
);

}  // namespace pueue::client::cli
