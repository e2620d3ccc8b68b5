#include "client/cli/usage.hpp"

#include "client/text/utf8.hpp"
#include "protocol/base/similar.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pueue::client::cli {

namespace {

bool contains(const Arguments& arguments, const Argument* argument) {
    return std::find(arguments.begin(), arguments.end(), argument) != arguments.end();
}

std::string_view dots(const Argument& argument) {
    // A flag that counts is shown like a list.
    return argument.many_values || (argument.repeatable && !argument.takes_value()) ? "..." : "";
}

std::string bracketed(const Argument& argument, bool as_required) {
    const char open = as_required ? '<' : '[';
    const char close = as_required ? '>' : ']';
    return open + std::string(argument.value_name) + close + std::string(dots(argument));
}

std::string option_name(const Argument& argument) {
    return "--" + std::string(argument.long_name);
}

std::string option_rest(const Argument& argument) {
    return argument.takes_value() ? " " + bracketed(argument, true) : std::string(dots(argument));
}

std::vector<std::string_view> subcommand_names(const Command& command) {
    std::vector<std::string_view> names;
    for (const Command& subcommand : command.subcommands) {
        names.push_back(subcommand.name);
        for (const std::string_view alias : subcommand.aliases) {
            if (!alias.empty()) {
                names.push_back(alias);
            }
        }
    }
    names.push_back(help_command().name);
    return names;
}

}  // namespace

std::string display(const Argument& argument) {
    return argument.is_positional() ? bracketed(argument, argument.required)
                                    : option_name(argument) + option_rest(argument);
}

Usage::Usage(const Command& command, std::string path, Markup markup)
    : command_(command), path_(std::move(path)), markup_(markup) {}

std::string Usage::look(const Argument& argument, bool as_required) const {
    return argument.is_positional()
               ? bracketed(argument, as_required)
               : markup_.literal(option_name(argument)) + option_rest(argument);
}

std::string Usage::begin() const {
    return markup_.heading("Usage:") + " " + markup_.literal(path_);
}

std::string Usage::positionals(const Arguments& used) const {
    std::string text;
    for (const Argument& argument : command_.arguments) {
        if (argument.is_positional()) {
            text += " " + look(argument, argument.required || contains(used, &argument));
        }
    }
    return text;
}

std::string Usage::subcommand_part() const {
    if (command_.subcommands.empty()) {
        return "";
    }
    return command_.needs_subcommand ? " <COMMAND>" : " [COMMAND]";
}

std::string Usage::line() const {
    const bool has_options = std::any_of(
        command_.arguments.begin(),
        command_.arguments.end(),
        [](const Argument& argument) { return !argument.is_positional() && !argument.is_ours; }
    );
    return begin() + (has_options ? " [OPTIONS]" : "") + positionals({}) + subcommand_part();
}

std::string Usage::line_with(const Arguments& used) const {
    if (used.empty()) {
        return line();
    }
    std::string text = begin();
    for (const Argument* argument : used) {
        if (!argument->is_positional()) {
            text += " " + look(*argument, true);
        }
    }
    text += positionals(used);
    return command_.needs_subcommand ? text + subcommand_part() : text;
}

std::string Usage::line_with_any() const {
    std::string any;
    for (const Argument& argument : command_.arguments) {
        any += any.empty() ? "<" : "|";
        any += argument.is_positional() ? std::string(argument.value_name) : display(argument);
    }
    return begin() + " " + any + ">";
}

std::string Usage::report(
    std::string message, std::span<const std::string> tips, std::string_view usage
) const {
    std::string text = markup_.error("error:") + " " + std::move(message) + "\n";
    if (!tips.empty()) {
        text += "\n";
    }
    for (const std::string& line : tips) {
        text += line + "\n";
    }
    if (!usage.empty()) {
        text += "\n" + std::string(usage) + "\n";
    }
    if (&command_ == &help_command()) {
        return text;  // it has no --help of its own
    }
    return text + "\nFor more information, try '" + markup_.literal("--help") + "'.\n";
}

std::string Usage::tip(std::string_view text) const {
    return "  " + markup_.good("tip:") + " " + std::string(text);
}

std::string Usage::tip_similar_option(std::string_view long_name) const {
    return tip("a similar argument exists: '" + markup_.good("--" + std::string(long_name)) + "'");
}

std::string Usage::tip_subcommand_option(std::string_view subcommand, std::string_view long_name)
    const {
    const std::string both = std::string(subcommand) + " --" + std::string(long_name);
    return tip("'" + markup_.good(both) + "' exists");
}

std::string Usage::tip_escape(std::string_view typed) const {
    return tip(
        "to pass '" + markup_.bad(typed) + "' as a value, use '" +
        markup_.good("-- " + std::string(typed)) + "'"
    );
}

std::string Usage::unknown_argument(
    std::string_view typed, std::span<const std::string> tips, const std::string& usage
) const {
    return report("unexpected argument '" + markup_.bad(typed) + "' found", tips, usage);
}

std::string Usage::unknown_subcommand(std::string_view typed, bool with_tips) const {
    std::vector<std::string> tips;
    if (with_tips) {
        const auto names = subcommand_names(command_);
        const auto similar = similar_words(typed, names);
        std::string list;
        for (const std::string_view name : similar) {
            list += (list.empty() ? "'" : ", '") + markup_.good(name) + "'";
        }
        if (!similar.empty()) {
            const std::string_view words = similar.size() == 1 ? "a similar subcommand exists: "
                                                               : "some similar subcommands exist: ";
            tips.push_back(tip(std::string(words) + list));
        }
    }
    return report("unrecognized subcommand '" + markup_.bad(typed) + "'", tips, line());
}

std::string Usage::needless_double_dash(std::string_view typed) const {
    const std::array<std::string, 1> tips = {
        tip("subcommand '" + markup_.good(typed) + "' exists; to use it, remove the '" +
            markup_.bad("--") + "' before it")};
    return unknown_argument(typed, tips, line());
}

std::string Usage::needless_value(
    std::string_view value, const Argument& argument, const std::string& usage
) const {
    return report(
        "unexpected value '" + markup_.bad(value) + "' for '" + markup_.literal(display(argument)) +
            "' found; no more were expected",
        {},
        usage
    );
}

std::string Usage::possible_values_line(const Argument& argument) const {
    std::string list;
    for (const std::string_view value : possible_values(argument.kind)) {
        list += (list.empty() ? "" : ", ") + markup_.good(value);
    }
    return list.empty() ? "" : "\n  [possible values: " + list + "]";
}

std::string Usage::missing_value(const Argument& argument) const {
    return report(
        "a value is required for '" + markup_.bad(display(argument)) + "' but none was supplied" +
            possible_values_line(argument),
        {},
        ""
    );
}

std::string Usage::wrong_value(
    std::string_view value, const Argument& argument, std::string_view reason
) const {
    return report(
        "invalid value '" + markup_.bad(value) + "' for '" + markup_.literal(display(argument)) +
            "': " + std::string(reason),
        {},
        ""
    );
}

std::string Usage::not_a_possible_value(std::string_view value, const Argument& argument) const {
    std::vector<std::string> tips;
    const auto similar = similar_words(value, possible_values(argument.kind));
    if (!similar.empty()) {
        tips.push_back(tip("a similar value exists: '" + markup_.good(similar.back()) + "'"));
    }
    return report(
        "invalid value '" + markup_.bad(value) + "' for '" + markup_.literal(display(argument)) +
            "'" + possible_values_line(argument),
        tips,
        ""
    );
}

std::string Usage::not_utf8() const {
    return report("invalid UTF-8 was detected in one or more arguments", {}, line());
}

std::string Usage::repeated(const Argument& argument) const {
    return report(
        "the argument '" + markup_.bad(display(argument)) + "' cannot be used multiple times",
        {},
        line()
    );
}

std::string Usage::conflict(
    const Argument& argument, const Arguments& others, const std::string& usage
) const {
    std::string message =
        "the argument '" + markup_.bad(display(argument)) + "' cannot be used with";
    if (others.size() == 1) {
        message += " '" + markup_.bad(display(*others.front())) + "'";
    } else {
        message += ":";
        for (const Argument* other : others) {
            message += "\n  " + markup_.bad(display(*other));
        }
    }
    return report(std::move(message), {}, usage);
}

std::string Usage::missing(const Arguments& arguments, const std::string& usage) const {
    std::string message = "the following required arguments were not provided:";
    for (const bool positional : {false, true}) {
        for (const Argument* argument : arguments) {
            if (argument->is_positional() == positional) {
                message += "\n  " + markup_.good(display(*argument));
            }
        }
    }
    return report(std::move(message), {}, usage);
}

}  // namespace pueue::client::cli
