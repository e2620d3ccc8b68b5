#include "client/toml_tasks.hpp"

#include "client/text/utf8.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/config/toml.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>

namespace pueue::client {

namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7f;
}

bool has_three_in_a_row(std::string_view text, char c) {
    return text.find(std::string(3, c)) != std::string_view::npos;
}

// What must not stand in a basic string as it is.
std::string escape_basic(std::string_view text, bool all) {
    std::string out;
    for (const char c : text) {
        if (c == '\t') {
            out += "\\t";
        } else if (c == '\b') {
            out += "\\b";
        } else if (c == '\f') {
            out += "\\f";
        } else if (c == '\r') {
            out += "\\r";
        } else if (all && (c == '\\' || c == '"')) {
            out += {'\\', c};
        } else if (is_control(c)) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04X", static_cast<unsigned>(c));
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out;
}

struct Place {
    std::size_t line = 1;
    std::size_t column = 1;
    std::size_t width = 1;
};

Place place_of(const toml::source_region& source) {
    Place place{source.begin.line, source.begin.column, 1};
    if (source.end.line == source.begin.line && source.end.column > source.begin.column) {
        place.width = source.end.column - source.begin.column;
    }
    return place;
}

// The key that `rest`, the line from `place` on, begins with; in a table header it has a bracket.
Place place_of_key(Place place, std::string_view rest) {
    const std::size_t begin = std::min(rest.find_first_not_of("[ \t"), rest.size());
    const std::size_t end = std::min(rest.find_first_of("]=. \t", begin), rest.size());
    place.column += begin;
    place.width = std::max<std::size_t>(end - begin, 1);
    return place;
}

std::string line_of(std::string_view text, std::size_t number) {
    for (; number > 1; --number) {
        const std::size_t end = text.find('\n');
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return std::string(text.substr(0, text.find_first_of("\r\n")));
}

Report toml_problem(std::string_view text, const Place& place, const std::string& message) {
    const std::string number = std::to_string(place.line);
    const std::string margin(number.size() + 1, ' ');
    return report(
        "Some error occurred. \nFailed to deserialize tasks to toml:\nTOML parse error at line " +
        number + ", column " + std::to_string(place.column) + "\n" + margin + "|\n" + number +
        " | " + line_of(text, place.line) + "\n" + margin + "| " +
        std::string(place.column - 1, ' ') + std::string(place.width, '^') + "\n" + message + "\n"
    );
}

std::string describe(const toml::node& node) {
    if (const auto* text = node.as_string()) {
        return "string " + quoted(text->get());
    }
    if (const auto* number = node.as_integer()) {
        return "integer `" + std::to_string(number->get()) + "`";
    }
    if (const auto* real = node.as_floating_point()) {
        std::string digits = std::to_string(real->get());
        digits.erase(digits.find_last_not_of('0') + 1);
        return "floating point `" + digits + (digits.ends_with('.') ? "0`" : "`");
    }
    if (const auto* boolean = node.as_boolean()) {
        return std::string("boolean `") + (boolean->get() ? "true`" : "false`");
    }
    return node.is_array() ? "sequence" : "map";
}

// The original's words for the mistakes people make; others are left in the library's.
std::string syntax_message(std::string_view description, std::string_view rest) {
    struct Translation {
        std::string_view part;
        std::string_view words;
    };
    static constexpr std::array<Translation, 9> translations = {{
        {"table header: expected ']'", "unclosed table, expected `]`"},
        {"expected '='", "key with no value, expected `=`"},
        {"literal string: control characters", "invalid literal string, expected `'`"},
        {"string: unescaped control characters", "invalid basic string, expected `\"`"},
        {"root table: expected keys",
         "unquoted keys cannot be empty, expected letters, numbers, `-`, `_`"},
        {"blank bare keys", "unquoted keys cannot be empty, expected letters, numbers, `-`, `_`"},
        {"expected value", "string values must be quoted, expected literal string"},
        {"could not determine value type", "string values must be quoted, expected literal string"},
        {"unknown escape sequence",
         "missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, `U`"},
    }};
    if (rest.starts_with('=') && description.find("value type") != std::string_view::npos) {
        return "extra `=`, expected nothing";
    }
    for (const Translation& translation : translations) {
        if (description.find(translation.part) != std::string_view::npos) {
            return std::string(translation.words);
        }
    }
    return std::string(description);
}

// Reads the properties of one table.
class TaskTable {
  public:
    TaskTable(const toml::table& table, std::string_view text) : table_(table), text_(text) {}

    [[nodiscard]] Reported<wire::EditableTask> read() const {
        wire::EditableTask task;
        TRY(const std::int64_t id,
            integer("id", "usize", 0, std::numeric_limits<std::int64_t>::max()));
        task.id.value = static_cast<std::uint64_t>(id);
        TRY(task.original_command, text("command", "a string"));
        TRY(task.path, text("path", "path string"));
        if (table_.contains("label")) {
            TRY(task.label, text("label", "a string"));
        }
        TRY(const std::int64_t priority,
            integer(
                "priority",
                "i32",
                std::numeric_limits<std::int32_t>::min(),
                std::numeric_limits<std::int32_t>::max()
            ));
        task.priority = static_cast<std::int32_t>(priority);
        return task;
    }

  private:
    [[nodiscard]] Report missing(std::string_view key) const {
        return toml_problem(
            text_, place_of(table_.source()), "missing field `" + std::string(key) + "`"
        );
    }

    [[nodiscard]] Report wrong(
        const toml::node& node, std::string_view kind, std::string_view expected
    ) const {
        return toml_problem(
            text_,
            place_of(node.source()),
            "invalid " + std::string(kind) + ": " + describe(node) + ", expected " +
                std::string(expected)
        );
    }

    [[nodiscard]] Reported<std::string> text(std::string_view key, std::string_view expected)
        const {
        const toml::node* node = table_.get(key);
        if (node == nullptr) {
            return missing(key);
        }
        const auto* value = node->as_string();
        if (value == nullptr) {
            return wrong(*node, "type", expected);
        }
        return value->get();
    }

    [[nodiscard]] Reported<std::int64_t> integer(
        std::string_view key, std::string_view expected, std::int64_t least, std::int64_t most
    ) const {
        const toml::node* node = table_.get(key);
        if (node == nullptr) {
            return missing(key);
        }
        const auto* value = node->as_integer();
        if (value == nullptr) {
            return wrong(*node, "type", expected);
        }
        if (value->get() < least || value->get() > most) {
            return wrong(*node, "value", expected);
        }
        return value->get();
    }

    const toml::table& table_;
    std::string_view text_;
};

}  // namespace

std::string toml_string(std::string_view text) {
    const auto has = [&](char c) { return text.find(c) != std::string_view::npos; };
    const bool controls = std::any_of(text.begin(), text.end(), is_control);
    const bool newline = has('\n');
    const std::string opening = newline ? "\n" : "";
    if (!has('"') && !has('\\') && !newline && !controls) {
        return "\"" + escape_basic(text, false) + "\"";
    }
    if (!has('\'') && !newline && !controls) {
        return "'" + std::string(text) + "'";
    }
    if (!has('\\') && !controls && !has_three_in_a_row(text, '"')) {
        return "\"\"\"" + opening + escape_basic(text, false) + "\"\"\"";
    }
    if (!controls && !has_three_in_a_row(text, '\'')) {
        return "'''" + opening + std::string(text) + "'''";
    }
    const std::string quotes = newline ? "\"\"\"" : "\"";
    return quotes + opening + escape_basic(text, true) + quotes;
}

std::string tasks_to_toml(const std::vector<wire::EditableTask>& tasks) {
    std::map<std::string, const wire::EditableTask*> by_name;
    for (const wire::EditableTask& task : tasks) {
        by_name[std::to_string(task.id.value)] = &task;
    }
    std::string out;
    for (const auto& [name, task] : by_name) {
        out += (out.empty() ? "[" : "\n[") + name + "]\nid = " + name + "\n";
        out += "command = " + toml_string(task->original_command) + "\n";
        out += "path = " + toml_string(task->path) + "\n";
        if (task->label) {
            out += "label = " + toml_string(*task->label) + "\n";
        }
        out += "priority = " + std::to_string(task->priority) + "\n";
    }
    return out;
}

Reported<std::vector<wire::EditableTask>> tasks_from_toml(std::string_view text) {
    std::vector<wire::EditableTask> tasks;
    try {
        const toml::table document = toml::parse(text);
        std::map<std::string, const toml::node*> entries;
        for (const auto& [key, node] : document) {
            entries.emplace(std::string(key.str()), &node);
        }
        for (const auto& [key, node] : entries) {
            const auto* table = node->as_table();
            if (table == nullptr) {
                return toml_problem(
                    text,
                    place_of(node->source()),
                    "invalid type: " + describe(*node) + ", expected struct EditableTask"
                );
            }
            TRY(wire::EditableTask task, TaskTable(*table, text).read());
            tasks.push_back(std::move(task));
        }
    } catch (const toml::parse_error& error) {
        const Place place = place_of(error.source());
        const std::string line = line_of(text, place.line);
        const std::string_view rest =
            std::string_view(line).substr(std::min(place.column - 1, line.size()));
        if (error.description().find("cannot redefine existing") != std::string_view::npos) {
            return toml_problem(text, place_of_key(place, rest), "duplicate key");
        }
        return toml_problem(text, place, syntax_message(error.description(), rest));
    }
    return tasks;
}

}  // namespace pueue::client
