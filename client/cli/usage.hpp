// Usage lines and usage errors, in the layout and the words scripts know from the original
// (`error: …`, tips, `Usage: …`, `For more information, try '--help'.`). Text only; who prints it
// and exits with 2 is main.
#pragma once

#include "client/cli/command_table.hpp"
#include "client/cli/markup.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pueue::client::cli {

using Arguments = std::vector<const Argument*>;

/// How messages call an argument: `--after <after>...`, `<TASK_ID>`, `[TASK_IDS]...`.
[[nodiscard]] std::string display(const Argument& argument);

/// The usage lines and errors of one command, called `path` ("pueue group add").
class Usage {
  public:
    Usage(const Command& command, std::string path, Markup markup);

    /// `Usage: pueue add [OPTIONS] <COMMAND>...`
    [[nodiscard]] std::string line() const;
    /// `Usage: pueue add --immediate <COMMAND>...`: naming these, or everything if there are none.
    [[nodiscard]] std::string line_with(const Arguments& used) const;
    /// The line of a command of which any argument will do; quotes the original's internal name for
    /// "one of all arguments".
    [[nodiscard]] std::string line_with_any() const;

    [[nodiscard]] std::string unknown_argument(
        std::string_view typed, std::span<const std::string> tips, const std::string& usage
    ) const;
    [[nodiscard]] std::string unknown_subcommand(std::string_view typed, bool with_tips) const;
    [[nodiscard]] std::string needless_double_dash(std::string_view typed) const;
    [[nodiscard]] std::string needless_value(
        std::string_view value, const Argument& argument, const std::string& usage
    ) const;
    [[nodiscard]] std::string missing_value(const Argument& argument) const;
    [[nodiscard]] std::string wrong_value(
        std::string_view value, const Argument& argument, std::string_view reason
    ) const;
    [[nodiscard]] std::string not_a_possible_value(std::string_view value, const Argument& argument)
        const;
    [[nodiscard]] std::string not_utf8() const;
    [[nodiscard]] std::string repeated(const Argument& argument) const;
    [[nodiscard]] std::string conflict(
        const Argument& argument, const Arguments& others, const std::string& usage
    ) const;
    [[nodiscard]] std::string missing(const Arguments& arguments, const std::string& usage) const;

    [[nodiscard]] std::string tip_similar_option(std::string_view long_name) const;
    [[nodiscard]] std::string tip_subcommand_option(
        std::string_view subcommand, std::string_view long_name
    ) const;
    [[nodiscard]] std::string tip_escape(std::string_view typed) const;

  private:
    [[nodiscard]] std::string look(const Argument& argument, bool as_required) const;
    [[nodiscard]] std::string begin() const;
    [[nodiscard]] std::string positionals(const Arguments& used) const;
    [[nodiscard]] std::string subcommand_part() const;
    [[nodiscard]] std::string possible_values_line(const Argument& argument) const;
    [[nodiscard]] std::string report(
        std::string message, std::span<const std::string> tips, std::string_view usage
    ) const;
    [[nodiscard]] std::string tip(std::string_view text) const;

    const Command& command_;
    std::string path_;
    Markup markup_;
};

}  // namespace pueue::client::cli
