// A template as a tree. Built by template_parser.cpp, rendered by template.cpp.
#pragma once

#include "daemon/runner/template.hpp"
#include "protocol/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pueue::runner {

struct Missing {
    bool operator==(const Missing&) const = default;
};
struct Null {
    bool operator==(const Null&) const = default;
};
/// A map stands for all variables together: no other map can occur.
using TemplateValue =
    std::variant<Missing, Null, bool, std::int64_t, double, std::string, const TemplateVariables*>;

/// `../a.b`, `@root/a`, `@key`.
struct TemplatePath {
    enum class Base { context, root, loop };

    std::string text;  ///< as written
    Base base = Base::context;
    int up = 0;  ///< how many contexts further out
    std::vector<std::string> names;
};

struct TemplateArgument;

struct TemplateCall {
    TemplatePath name;
    std::vector<TemplateArgument> arguments;
    bool in_brackets = false;  ///< a call for certain, else perhaps a variable
};

struct TemplateArgument {
    std::variant<TemplateValue, TemplatePath, TemplateCall> what;
};

struct TemplateNode {
    enum class Kind { text, output, block, partial, inline_partial };

    Kind kind = Kind::text;
    std::size_t offset = 0;  ///< where it begins
    std::string text;        ///< of text; of a partial: what is put before each of its lines
    TemplateCall call;
    std::vector<TemplateNode> body;
    std::vector<TemplateNode> otherwise;
    bool has_otherwise = false;
};

[[nodiscard]] Result<std::vector<TemplateNode>> parse_template(std::string_view text);

/// `line 1, col 1`, counted in characters.
[[nodiscard]] std::string place_in_template(std::string_view text, std::size_t offset);

}  // namespace pueue::runner
