// The command line of pueue as data: commands, arguments, what they take and what they exclude.
//
// One table. Parsing, usage lines, error texts, help and the completion scripts are all made from
// it, so they cannot disagree; a new flag is a line here and a field in options.hpp. Everything is
// constexpr: a start of the program pays nothing for it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace pueue::client::cli {

/// What the text of a value must be. The checks and their complaints: values.hpp.
enum class ValueKind {
    none,  ///< a flag
    text,
    path,  ///< the only kind that need not be UTF-8
    task_id,
    count,     ///< an unsigned 64-bit number
    priority,  ///< a signed 32-bit number
    delay,
    signal,
    wait_status,
    color,
    shell,
};

/// An option, a flag, or (without a long name) a positional.
struct Argument {
    std::string_view id;
    char short_name = 0;
    std::string_view long_name;
    std::string_view value_name;
    ValueKind kind = ValueKind::none;
    bool required = false;
    bool many_values = false;  ///< one occurrence takes as many values as there are
    bool repeatable = false;   ///< several occurrences add up
    bool is_ours = false;   ///< the original has no such option, and its usage lines do not say so
    bool trailing = false;  ///< from its first value on, everything belongs to it
    std::array<std::string_view, 2> conflicts{};
    std::string_view needs;
    std::string_view help;       ///< one sentence, without a full stop
    std::string_view more_help;  ///< what the long help adds, paragraphs separated by empty lines
    std::string_view default_value;

    [[nodiscard]] constexpr bool is_positional() const { return long_name.empty(); }
    [[nodiscard]] constexpr bool takes_value() const { return kind != ValueKind::none; }
};

struct Command {
    std::string_view name;
    std::array<std::string_view, 2> aliases{};  ///< accepted, not shown
    std::string_view about;
    std::string_view more_about;
    std::string_view after_help;                 ///< printed as it is behind the long help
    std::span<const std::string_view> examples;  ///< command lines, the end of the long help
    std::span<const Argument> arguments;
    std::span<const Command> subcommands;
    bool needs_subcommand = false;
    bool has_version = false;
};

/// The whole program.
[[nodiscard]] const Command& program();

/// -h/--help, which every command has, and -V/--version.
[[nodiscard]] const Argument& help_argument(const Command& command);
[[nodiscard]] const Argument& version_argument();
/// The built-in `help` of a command with subcommands.
[[nodiscard]] const Command& help_command();

/// The words that a kind allows; empty for kinds that are no enumerations.
[[nodiscard]] std::span<const std::string_view> possible_values(ValueKind kind);

/// What a shell may complete: the possible values, or the usual ones of several spellings.
[[nodiscard]] std::span<const std::string_view> offered_values(ValueKind kind);

/// By its name or an alias; `help` included. Null if there is none.
[[nodiscard]] const Command* find_subcommand(const Command& command, std::string_view name);
/// Options only, help and version included. Null if there is none.
[[nodiscard]] const Argument* find_long(const Command& command, std::string_view name);
[[nodiscard]] const Argument* find_short(const Command& command, char name);
/// By id; null if there is none.
[[nodiscard]] const Argument* find_argument(const Command& command, std::string_view id);
/// The positional with this index, counted from 0; null if there is none.
[[nodiscard]] const Argument* positional(const Command& command, std::size_t index);

/// True if long help says more than short help anywhere in this command.
[[nodiscard]] bool has_more_help(const Command& command);

}  // namespace pueue::client::cli
