// The templates of shell_command and callback: the part of Handlebars that the original's settings
// use (pueued 6.9), strict and without escaping. Pure.
//
// There: variables by name or path, literals and calls in brackets as arguments; if, unless, with,
// each, else and else-if chains; eq, ne, gt, gte, lt, lte, and, or, not, len, lookup, log, raw;
// inline partials; comments, raw blocks, `\{{`, `~`. Not there, and a syntax error: named
// arguments, block parameters, blocks around partials, `@../`, literal lists and maps.
#pragma once

#include "protocol/base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace pueue::runner {

using TemplateVariables = std::map<std::string, std::string, std::less<>>;

/// Error: what upstream says about the same template; of a syntax error only its beginning.
[[nodiscard]] Result<std::string> render(std::string_view text, const TemplateVariables& variables);

}  // namespace pueue::runner
