// The templates of shell_command and callback: Handlebars as far as the original's settings use it
// (pueued 6.9). Strict and without escaping: a name that has no value is an error. Pure.
#pragma once

#include "protocol/base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace pueue::runner {

using TemplateVariables = std::map<std::string, std::string, std::less<>>;

/// Error: upstream's kind of complaint about the template.
[[nodiscard]] Result<std::string> render(std::string_view text, const TemplateVariables& variables);

}  // namespace pueue::runner
