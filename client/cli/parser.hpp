// Words to matches, by the rules of the original's command line parser (clap 4), whose every
// precedence is contract: which of two mistakes is reported, what counts as used, where a list of
// values ends. The rules are in the comments of parser.cpp, the commands in command_table.
#pragma once

#include "client/cli/command_table.hpp"
#include "protocol/base/clock.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pueue::client::cli {

/// One argument that was given, with everything it was given.
struct Match {
    const Argument* argument = nullptr;
    std::size_t occurrences = 0;
    std::vector<std::string> values;
};

/// What was given to one command, in the order of first use.
struct Matches {
    const Command* command = nullptr;
    std::vector<Match> used;
    std::unique_ptr<Matches> subcommand;

    [[nodiscard]] const Match* find(std::string_view id) const;
    [[nodiscard]] bool has(std::string_view id) const { return find(id) != nullptr; }
};

/// Not a command to carry out but a text to print, and the code to exit with.
struct Printed {
    std::string out;
    std::string err;
    int exit_code = 0;
};

/// How texts on a stream look: with colours or not, and how wide lines may get.
struct Appearance {
    bool colored = false;
    std::size_t width = 100;
};

/// Asked only when there is something to print; `descriptor` is 1 or 2.
using AppearanceOf = Appearance (*)(int descriptor);

/// `words` without argv[0]; `name` is how usage lines call the program.
[[nodiscard]] std::variant<Matches, Printed> parse_words(
    std::span<const std::string> words,
    std::string_view name,
    const WallTime& now,
    AppearanceOf appearance
);

}  // namespace pueue::client::cli
