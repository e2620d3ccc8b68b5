// Words that stand for longer commands (pueued 7.5). The daemon expands them, on each add, edit and
// restart, with the file as it is at that moment.
#pragma once

#include "protocol/base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace pueue::config {

using Aliases = std::map<std::string, std::string, std::less<>>;

/// Error: missing, unreadable or not a map of words. The original then leaves commands alone.
[[nodiscard]] Result<Aliases> load_aliases(const std::string& path);

[[nodiscard]] Result<Aliases> parse_aliases(std::string_view yaml);

/// `command` with its first word replaced, if that is an alias. Blanks before it and everything
/// after it stay; what was put in is not looked at again.
[[nodiscard]] std::string expand_alias(std::string_view command, const Aliases& aliases);

}  // namespace pueue::config
