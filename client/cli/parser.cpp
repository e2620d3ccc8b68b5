#include "client/cli/parser.hpp"

#include "client/cli/help.hpp"
#include "client/cli/usage.hpp"
#include "client/cli/values.hpp"
#include "client/text/utf8.hpp"
#include "client/version.hpp"
#include "protocol/base/similar.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace pueue::client::cli {

namespace {

using Stop = std::optional<Printed>;  // nothing: go on

// What all levels of one command line share.
struct CommandLine {
    std::span<const std::string> words;
    WallTime now;
    AppearanceOf appearance;
    std::size_t next = 0;

    [[nodiscard]] bool at_end() const { return next == words.size(); }
};

// Reads the words of one command; of a subcommand through another LevelParser.
class LevelParser {
  public:
    LevelParser(CommandLine& line, const Command& command, std::string path)
        : line_(line), path_(std::move(path)) {
        matches_.command = &command;
    }

    Stop parse();
    [[nodiscard]] Matches take() { return std::move(matches_); }

  private:
    enum class Expecting { anything, value_of_option, value_of_list };

    // An option that waits for its values, or a list that may get more. Its values are judged when
    // it is over: so a mistake that is found on the way to there comes first.
    struct Pending {
        const Argument* argument;
        std::vector<std::string> values;
    };

    Stop read_words();
    Stop read_word(const std::string& word);
    Stop read_long(std::string_view word);
    Stop read_shorts(std::string_view word);
    Stop read_positional(const std::string& word);
    Stop read_subcommand(const Command& subcommand);
    Stop read_help_words();
    Stop begin_option(const Argument& argument, std::optional<std::string_view> attached);

    Stop settle_pending();
    Stop accept(const Argument& argument, std::vector<std::string> values);
    Stop check(const Argument& argument, const std::string& value);

    Stop validate();
    Stop check_conflicts();
    Stop check_required();
    [[nodiscard]] Arguments conflicts_of(const Argument& argument) const;
    [[nodiscard]] Arguments explicitly_used() const;

    Stop unknown_long(std::string_view name);
    Stop unknown_short(std::string_view shown);
    Stop misplaced(const std::string& word);

    [[nodiscard]] const Command& command() const { return *matches_.command; }
    [[nodiscard]] bool has_positionals() const { return positional(command(), 0) != nullptr; }
    [[nodiscard]] Usage usage() const {
        return {command(), path_, Markup(line_.appearance(2).colored)};
    }
    [[nodiscard]] static Stop usage_error(std::string text) {
        return Printed{"", std::move(text), 2};
    }
    [[nodiscard]] Stop help(bool long_form, int descriptor, int exit_code) const;
    [[nodiscard]] Match* match_of(const Argument& argument);

    CommandLine& line_;
    std::string path_;
    Matches matches_;
    std::optional<Pending> pending_;
    Expecting expecting_ = Expecting::anything;
    const Argument* open_option_ = nullptr;  ///< while expecting_ is value_of_option
    bool only_values_ = false;               ///< behind `--` or inside a trailing command
    std::size_t next_positional_ = 0;
};

Stop LevelParser::parse() {
    if (Stop stop = read_words()) {
        return stop;
    }
    if (Stop stop = settle_pending()) {
        return stop;
    }
    return validate();
}

Stop LevelParser::read_words() {
    while (!line_.at_end()) {
        const std::string& word = line_.words[line_.next++];
        const bool may_be_subcommand = !only_values_ && expecting_ == Expecting::anything;
        if (may_be_subcommand) {
            const Command* subcommand = find_subcommand(command(), word);
            if (subcommand == &help_command()) {
                return read_help_words();
            }
            if (subcommand != nullptr) {
                return read_subcommand(*subcommand);
            }
        }
        if (Stop stop = read_word(word)) {
            return stop;
        }
    }
    return std::nullopt;
}

Stop LevelParser::read_word(const std::string& word) {
    if (!only_values_) {
        if (word == "--") {
            only_values_ = true;
            return std::nullopt;
        }
        if (word.starts_with("--")) {
            return read_long(std::string_view(word).substr(2));
        }
        if (word.size() > 1 && word.front() == '-') {
            return read_shorts(std::string_view(word).substr(1));
        }
        if (expecting_ == Expecting::value_of_option) {
            pending_->values.push_back(word);
            if (!open_option_->many_values) {
                expecting_ = Expecting::anything;
            }
            return std::nullopt;
        }
    }
    return read_positional(word);
}

Stop LevelParser::read_subcommand(const Command& subcommand) {
    LevelParser parser(line_, subcommand, path_ + " " + std::string(subcommand.name));
    if (Stop stop = parser.parse()) {
        return stop;
    }
    matches_.subcommand = std::make_unique<Matches>(parser.take());
    return std::nullopt;
}

// The rest of the line names a command, whose long help is printed.
Stop LevelParser::read_help_words() {
    const Command* target = &command();
    std::string path = path_;
    while (!line_.at_end()) {
        const std::string& word = line_.words[line_.next++];
        const Command* subcommand = find_subcommand(*target, word);
        if (subcommand == nullptr) {
            const Usage its(*target, path, Markup(line_.appearance(2).colored));
            return usage_error(its.unknown_subcommand(to_utf8_lossy(word), false));
        }
        target = subcommand;
        path += " " + std::string(subcommand->name);
    }
    const Appearance look = line_.appearance(1);
    return Printed{help_text(*target, path, true, look), "", 0};
}

Stop LevelParser::read_long(std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const Argument* argument = find_long(command(), name);
    if (argument == nullptr) {
        return unknown_long(name);
    }
    std::optional<std::string_view> attached;
    if (equals != std::string_view::npos) {
        attached = word.substr(equals + 1);
    }
    if (argument->takes_value()) {
        return begin_option(*argument, attached);
    }
    if (attached) {
        const Arguments used = explicitly_used();
        // Compat: anything used before makes the original name all arguments of the command
        // [client/cli-more.txt].
        const std::string line =
            used.empty() ? usage().line_with({argument}) : usage().line_with_any();
        return usage_error(usage().needless_value(to_utf8_lossy(*attached), *argument, line));
    }
    if (Stop stop = settle_pending()) {
        return stop;
    }
    expecting_ = Expecting::anything;
    if (argument == &version_argument()) {
        return Printed{version_text(), "", 0};
    }
    if (argument == &help_argument(command())) {
        return help(true, 1, 0);
    }
    return accept(*argument, {});
}

Stop LevelParser::read_shorts(std::string_view word) {
    while (!word.empty()) {
        const Argument* argument = find_short(command(), word.front());
        if (argument == nullptr) {
            const std::size_t bytes = decode_utf8(word).bytes;
            return unknown_short(bytes == 0 ? word : word.substr(0, bytes));
        }
        word.remove_prefix(1);
        if (argument->takes_value()) {
            if (word.empty()) {
                return begin_option(*argument, std::nullopt);
            }
            return begin_option(*argument, word.front() == '=' ? word.substr(1) : word);
        }
        if (Stop stop = settle_pending()) {
            return stop;
        }
        expecting_ = Expecting::anything;
        if (argument == &version_argument()) {
            return Printed{version_text(), "", 0};
        }
        if (argument == &help_argument(command())) {
            return help(false, 1, 0);
        }
        if (Stop stop = accept(*argument, {})) {
            return stop;
        }
    }
    return std::nullopt;
}

Stop LevelParser::begin_option(const Argument& argument, std::optional<std::string_view> attached) {
    if (Stop stop = settle_pending()) {
        return stop;
    }
    if (attached) {
        // An attached value is the only one, even for a list.
        expecting_ = Expecting::anything;
        return accept(argument, {std::string(*attached)});
    }
    pending_ = Pending{&argument, {}};
    open_option_ = &argument;
    expecting_ = Expecting::value_of_option;
    return std::nullopt;
}

Stop LevelParser::read_positional(const std::string& word) {
    const Argument* argument = positional(command(), next_positional_);
    if (argument == nullptr) {
        return misplaced(word);
    }
    if (argument->trailing) {
        only_values_ = true;
    }
    const bool continues = pending_ && pending_->argument == argument && argument->many_values;
    if (!continues) {
        if (Stop stop = settle_pending()) {
            return stop;
        }
        pending_ = Pending{argument, {}};
    }
    pending_->values.push_back(word);
    if (argument->many_values) {
        expecting_ = Expecting::value_of_list;
    } else {
        expecting_ = Expecting::anything;
        ++next_positional_;
    }
    return std::nullopt;
}

Stop LevelParser::settle_pending() {
    if (!pending_) {
        return std::nullopt;
    }
    Pending over = std::move(*pending_);
    pending_.reset();
    return accept(*over.argument, std::move(over.values));
}

Stop LevelParser::accept(const Argument& argument, std::vector<std::string> values) {
    if (argument.takes_value() && values.empty()) {
        return usage_error(usage().missing_value(argument));
    }
    Match* match = match_of(argument);
    if (match != nullptr && !argument.repeatable) {
        return usage_error(usage().repeated(argument));
    }
    if (match == nullptr) {
        matches_.used.push_back({&argument, 0, {}});
        match = &matches_.used.back();
    }
    ++match->occurrences;
    for (std::string& value : values) {
        if (Stop stop = check(argument, value)) {
            return stop;
        }
        match->values.push_back(std::move(value));
    }
    return std::nullopt;
}

Stop LevelParser::check(const Argument& argument, const std::string& value) {
    const auto problem = check_value(argument.kind, value, line_.now);
    if (!problem) {
        return std::nullopt;
    }
    switch (problem->kind) {
        case ValueProblem::Kind::not_utf8:
            return usage_error(usage().not_utf8());
        case ValueProblem::Kind::empty:
            return usage_error(usage().missing_value(argument));
        case ValueProblem::Kind::not_allowed:
            return usage_error(usage().not_a_possible_value(value, argument));
        case ValueProblem::Kind::wrong:
            break;
    }
    return usage_error(usage().wrong_value(value, argument, problem->reason));
}

Stop LevelParser::validate() {
    const bool has_subcommand = matches_.subcommand != nullptr;
    if (!has_subcommand && command().needs_subcommand && matches_.used.empty()) {
        return help(false, 2, 2);
    }
    if (Stop stop = check_conflicts()) {
        return stop;
    }
    return check_required();
}

// Either side may name the other; both are then reported from the one given first.
Arguments LevelParser::conflicts_of(const Argument& argument) const {
    Arguments found;
    for (const Match& other : matches_.used) {
        const auto names = [](const Argument& a, const Argument& b) {
            return a.conflicts[0] == b.id || a.conflicts[1] == b.id;
        };
        if (other.argument != &argument &&
            (names(argument, *other.argument) || names(*other.argument, argument))) {
            found.push_back(other.argument);
        }
    }
    // Listed in the order of the command's definition of the conflict.
    std::stable_sort(found.begin(), found.end(), [&](const Argument* a, const Argument* b) {
        return argument.conflicts[0] == a->id && argument.conflicts[0] != b->id;
    });
    return found;
}

Arguments LevelParser::explicitly_used() const {
    Arguments used;
    for (const Match& match : matches_.used) {
        used.push_back(match.argument);
    }
    return used;
}

Stop LevelParser::check_conflicts() {
    for (const Match& match : matches_.used) {
        const Arguments others = conflicts_of(*match.argument);
        if (others.empty()) {
            continue;
        }
        Arguments shown;
        Arguments needed;
        for (const Argument* used : explicitly_used()) {
            if (std::find(others.begin(), others.end(), used) == others.end()) {
                shown.push_back(used);
            }
        }
        for (const Argument* used : shown) {
            const Argument* other = find_argument(command(), used->needs);
            const auto listed = [&](const Arguments& list) {
                return std::find(list.begin(), list.end(), other) != list.end();
            };
            if (other != nullptr && !listed(shown) && !listed(others)) {
                needed.push_back(other);
            }
        }
        needed.insert(needed.end(), shown.begin(), shown.end());
        return usage_error(usage().conflict(*match.argument, others, usage().line_with(needed)));
    }
    return std::nullopt;
}

Stop LevelParser::check_required() {
    Arguments absent;
    Arguments needed;
    for (const Argument& argument : command().arguments) {
        if (argument.required && !matches_.has(argument.id)) {
            absent.push_back(&argument);
        }
    }
    for (const Match& match : matches_.used) {
        const Argument* other = find_argument(command(), match.argument->needs);
        if (other == nullptr) {
            continue;
        }
        needed.push_back(other);
        // A conflict with something that was given cancels the need.
        if (!matches_.has(other->id) && conflicts_of(*other).empty()) {
            absent.push_back(other);
        }
    }
    if (absent.empty()) {
        return std::nullopt;
    }
    Arguments used = needed;
    for (const Arguments& more : {explicitly_used(), absent}) {
        for (const Argument* argument : more) {
            if (std::find(used.begin(), used.end(), argument) == used.end()) {
                used.push_back(argument);
            }
        }
    }
    return usage_error(usage().missing(absent, usage().line_with(used)));
}

Stop LevelParser::unknown_long(std::string_view name) {
    std::ignore = settle_pending();  // only so that it counts as used
    const std::string typed = to_utf8_lossy(name);
    const auto longs_of = [](const Command& of) {
        std::vector<std::string_view> names;
        for (const Argument& argument : of.arguments) {
            if (!argument.is_positional()) {
                names.push_back(argument.long_name);
            }
        }
        names.emplace_back("help");
        if (of.has_version) {
            names.emplace_back("version");
        }
        return names;
    };
    std::vector<std::string> tips;
    Arguments used = explicitly_used();
    bool similar_exists = false;
    const auto own = longs_of(command());
    if (const auto similar = similar_words(typed, own); !similar.empty()) {
        similar_exists = true;
        tips.push_back(usage().tip_similar_option(similar.back()));
        const Argument* argument = find_long(command(), similar.back());
        if (std::find(used.begin(), used.end(), argument) == used.end()) {
            used.push_back(argument);
        }
    } else {
        // The subcommand that comes first on the rest of the line decides.
        const auto rest = line_.words.subspan(line_.next);
        auto first = rest.end();
        std::string tip;
        for (const Command& subcommand : command().subcommands) {
            const auto theirs = longs_of(subcommand);
            const auto candidates = similar_words(typed, theirs);
            const auto place = std::find(rest.begin(), rest.end(), subcommand.name);
            if (!candidates.empty() && place < first) {
                first = place;
                tip = usage().tip_subcommand_option(subcommand.name, candidates.back());
            }
        }
        if (!tip.empty()) {
            similar_exists = true;
            tips.push_back(tip);
        }
    }
    const Argument* first_positional = positional(command(), 0);
    if (first_positional != nullptr && (!similar_exists || first_positional->trailing)) {
        tips.push_back(usage().tip_escape("--" + typed));
    }
    return usage_error(usage().unknown_argument("--" + typed, tips, usage().line_with(used)));
}

Stop LevelParser::unknown_short(std::string_view shown) {
    const std::string typed = "-" + to_utf8_lossy(shown);
    std::vector<std::string> tips;
    if (has_positionals()) {
        tips.push_back(usage().tip_escape(typed));
    }
    return usage_error(usage().unknown_argument(typed, tips, usage().line()));
}

// A word for which there is no place.
Stop LevelParser::misplaced(const std::string& word) {
    const std::string typed = to_utf8_lossy(word);
    if (only_values_ && find_subcommand(command(), word) != nullptr) {
        return usage_error(usage().needless_double_dash(typed));
    }
    if (!command().subcommands.empty()) {
        return usage_error(usage().unknown_subcommand(typed, true));
    }
    return usage_error(usage().unknown_argument(typed, {}, usage().line()));
}

Stop LevelParser::help(bool long_form, int descriptor, int exit_code) const {
    std::string text = help_text(command(), path_, long_form, line_.appearance(descriptor));
    Printed printed;
    printed.exit_code = exit_code;
    (descriptor == 1 ? printed.out : printed.err) = std::move(text);
    return printed;
}

Match* LevelParser::match_of(const Argument& argument) {
    const auto found =
        std::find_if(matches_.used.begin(), matches_.used.end(), [&](const Match& match) {
            return match.argument == &argument;
        });
    return found == matches_.used.end() ? nullptr : &*found;
}

}  // namespace

const Match* Matches::find(std::string_view id) const {
    const auto found = std::find_if(used.begin(), used.end(), [&](const Match& match) {
        return match.argument->id == id;
    });
    return found == used.end() ? nullptr : &*found;
}

std::variant<Matches, Printed> parse_words(
    std::span<const std::string> words,
    std::string_view name,
    const WallTime& now,
    AppearanceOf appearance
) {
    CommandLine line{words, now, appearance};
    LevelParser parser(line, program(), std::string(name));
    if (Stop stop = parser.parse()) {
        return std::move(*stop);
    }
    return parser.take();
}

}  // namespace pueue::client::cli
