#include "daemon/runner/template.hpp"

#include <algorithm>
#include <utility>

namespace pueue::runner {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

}  // namespace

Result<std::string> render(std::string_view text, const TemplateVariables& variables) {
    std::string rendered;
    for (;;) {
        const std::size_t open = text.find("{{");
        rendered.append(text.substr(0, open));
        if (open == std::string_view::npos) {
            return rendered;
        }
        text.remove_prefix(open + 2);
        const bool is_triple = text.starts_with('{');
        if (is_triple || text.starts_with('&')) {
            text.remove_prefix(1);
        }
        const std::string_view closing = is_triple ? "}}}" : "}}";
        const std::size_t close = text.find(closing);
        const std::string_view name = trimmed(text.substr(0, close));
        if (close == std::string_view::npos || !is_name(name)) {
            return invalid("Failed to parse template Template error: invalid handlebars syntax");
        }
        const auto value = variables.find(name);
        if (value == variables.end()) {
            return invalid(
                "Error rendering \"Unnamed template\": Failed to access variable in strict mode "
                "Some(\"" +
                std::string(name) + "\")"
            );
        }
        rendered.append(value->second);
        text.remove_prefix(close + closing.size());
    }
}

}  // namespace pueue::runner
