#include "client/cli/help.hpp"

#include "client/cli/markup.hpp"
#include "client/cli/usage.hpp"
#include "client/text/utf8.hpp"

#include <algorithm>
#include <vector>

namespace pueue::client::cli {

namespace {

constexpr std::size_t description_indent = 10;  // of a description below what it describes

// Fills lines of `width` columns, each new one beginning with `indent` blanks; the first line is
// thought to have `column` columns already. Newlines in the text stay.
std::string wrap(std::string_view text, std::size_t indent, std::size_t column, std::size_t width) {
    std::string out;
    bool at_line_start = true;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view word = text.substr(0, end);
        const std::size_t needed = count_characters(word) + (at_line_start ? 0 : 1);
        if (!at_line_start && column + needed > width) {
            out += "\n" + std::string(indent, ' ');
            column = indent + count_characters(word);
            out += word;
        } else {
            out += at_line_start ? "" : " ";
            out += word;
            column += needed;
        }
        at_line_start = false;
        if (end < text.size() && text[end] == '\n') {
            const bool paragraph = text.substr(end).starts_with("\n\n");
            out += paragraph ? "\n\n" : "\n";
            out += std::string(indent, ' ');
            column = indent;
            at_line_start = true;
            text.remove_prefix(paragraph ? end + 2 : end + 1);
        } else {
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }
    return out;
}

std::string remove_blanks_before_newlines(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out.resize(out.find_last_not_of(' ') + 1);
        }
        out += c;
    }
    return out;
}

struct Entry {
    std::string shown;      ///< as printed
    std::size_t width = 0;  ///< without escape sequences
    std::string description;
};

class HelpWriter {
  public:
    HelpWriter(const Command& command, std::string path, bool long_form, const Appearance& look)
        : command_(command),
          path_(std::move(path)),
          long_(long_form && has_more_help(command)),
          width_(look.width),
          markup_(look.colored) {}

    std::string write() {
        std::string text = wrap(command_.about, 0, 0, width_) + "\n\n";
        if (long_ && !command_.more_about.empty()) {
            text += wrap(command_.more_about, 0, 0, width_) + "\n\n";
        }
        text += Usage(command_, path_, markup_).line() + "\n";
        text += section("Commands:", commands(), false);
        text += section("Arguments:", arguments(true), long_);
        text += section("Options:", arguments(false), long_);
        if (long_ && !command_.after_help.empty()) {
            text += "\n";
            text += command_.after_help;
        }
        if (long_ && !command_.examples.empty()) {
            text += "\n" + markup_.heading("Examples:") + "\n";
            for (const std::string_view example : command_.examples) {
                text += "  " + std::string(example) + "\n";
            }
        }
        return remove_blanks_before_newlines(text);
    }

  private:
    [[nodiscard]] std::vector<Entry> commands() const {
        std::vector<Entry> entries;
        const auto add = [&](const Command& command) {
            entries.push_back(
                {markup_.literal(command.name), command.name.size(), std::string(command.about)}
            );
        };
        for (const Command& command : command_.subcommands) {
            add(command);
        }
        if (!entries.empty()) {
            add(help_command());
        }
        return entries;
    }

    [[nodiscard]] std::vector<Entry> arguments(bool positional) const {
        std::vector<Entry> entries;
        for (const Argument& argument : command_.arguments) {
            if (argument.is_positional() == positional) {
                entries.push_back(entry(argument));
            }
        }
        if (!positional && &command_ != &help_command()) {
            entries.push_back(entry(help_argument(command_)));
            if (command_.has_version) {
                entries.push_back(entry(version_argument()));
            }
        }
        return entries;
    }

    [[nodiscard]] Entry entry(const Argument& argument) const {
        Entry entry;
        const std::string name = display(argument);
        if (argument.is_positional()) {
            entry.shown = name;
            entry.width = name.size();
        } else {
            const std::string option = "--" + std::string(argument.long_name);
            const std::string letter{'-', argument.short_name};
            const bool has_letter = argument.short_name != 0;
            entry.shown = has_letter ? markup_.literal(letter) + ", " : "    ";
            entry.shown += markup_.literal(option) + name.substr(option.size());
            entry.width = 4 + name.size();
        }
        entry.description = describe(argument);
        return entry;
    }

    [[nodiscard]] std::string describe(const Argument& argument) const {
        std::string text(argument.help);
        std::vector<std::string> notes;
        if (!argument.default_value.empty()) {
            notes.push_back("[default: " + std::string(argument.default_value) + "]");
        }
        if (const auto values = possible_values(argument.kind); !values.empty()) {
            std::string list;
            for (const std::string_view value : values) {
                list += (list.empty() ? "" : ", ") + std::string(value);
            }
            notes.push_back("[possible values: " + list + "]");
        }
        if (!long_) {
            for (const std::string& note : notes) {
                text += " " + note;
            }
            return text;
        }
        if (!argument.more_help.empty()) {
            const bool is_help = argument.long_name == "help";
            text = is_help ? "Print help " + std::string(argument.more_help)
                           : text + ".\n\n" + std::string(argument.more_help);
        }
        for (std::size_t i = 0; i < notes.size(); ++i) {
            text += (i == 0 ? "\n\n" : "\n") + notes[i];
        }
        return text;
    }

    [[nodiscard]] std::string section(
        std::string_view title, const std::vector<Entry>& entries, bool below
    ) const {
        if (entries.empty()) {
            return "";
        }
        std::size_t longest = 0;
        for (const Entry& entry : entries) {
            longest = std::max(longest, entry.width);
        }
        const std::size_t column = longest + 4;
        const bool no_room = std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
            return column * 5 > width_ * 2 && count_characters(entry.description) + column > width_;
        });
        std::string text = "\n" + markup_.heading(title) + "\n";
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const Entry& entry = entries[i];
            text += (below && i > 0 ? "\n  " : "  ") + entry.shown;
            if (below || no_room) {
                text += "\n" + std::string(description_indent, ' ');
                text += wrap(entry.description, description_indent, description_indent, width_);
            } else {
                text += std::string(column - 2 - entry.width, ' ');
                text += wrap(entry.description, column, column, width_);
            }
            text += "\n";
        }
        return text;
    }

    const Command& command_;
    std::string path_;
    bool long_;
    std::size_t width_;
    Markup markup_;
};

}  // namespace

std::string help_text(
    const Command& command, const std::string& path, bool long_form, const Appearance& appearance
) {
    return HelpWriter(command, path, long_form, appearance).write();
}

}  // namespace pueue::client::cli
