#include "client/cli/options.hpp"
#include "tests/client/vectors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace pueue::client::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What a recorded command line printed and how it ended.
struct Case {
    std::string line;
    std::vector<std::string> words;
    int exit_code = 0;
    std::string out;
    std::string err;
    bool help_out = false;
    bool help_err = false;
};

// A POSIX shell's words, without expansions.
std::vector<std::string> split_words(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (const char c : line) {
        if (quote != 0) {
            if (c == quote) {
                quote = 0;
            } else {
                word += c;
            }
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (c == ' ') {
            if (in_word) {
                words.push_back(std::exchange(word, ""));
            }
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (in_word) {
        words.push_back(word);
    }
    return words;
}

std::vector<Case> recorded_cases() {
    std::vector<Case> cases;
    for (const std::string& line : lines_of(read_golden("cli.txt"))) {
        if (line.starts_with("$ ")) {
            cases.push_back({line.substr(2), split_words(line.substr(2)), 0, "", "", false, false});
        } else if (line.starts_with("  exit ")) {
            cases.back().exit_code = std::stoi(line.substr(7));
        } else if (line.starts_with("  1|") || line.starts_with("  2|")) {
            const std::string text = line.substr(4, line.size() - 5) + "\n";
            (line[2] == '1' ? cases.back().out : cases.back().err) += text;
        } else if (line.starts_with("  1 = ")) {
            cases.back().help_out = true;
        } else if (line.starts_with("  2 = ")) {
            cases.back().help_err = true;
        }
    }
    return cases;
}

cli::Appearance plain(int) {
    return {false, 100};
}

cli::Appearance colored(int) {
    return {true, 100};
}

std::variant<cli::Options, cli::Printed> parse(std::vector<std::string> words) {
    words.insert(words.begin(), "pueue");
    return cli::parse_command_line(words, WallTime{1705320000, 0}, plain);
}

template <class T>
T options_of(std::vector<std::string> words) {
    auto parsed = parse(std::move(words));
    if (const auto* printed = std::get_if<cli::Printed>(&parsed)) {
        ADD_FAILURE() << printed->err << printed->out;
        return {};
    }
    auto* command = std::get_if<T>(&std::get<cli::Options>(parsed).command);
    EXPECT_NE(command, nullptr) << "another command";
    return command == nullptr ? T{} : *command;
}

std::string error_of(std::vector<std::string> words) {
    auto parsed = parse(std::move(words));
    const auto* printed = std::get_if<cli::Printed>(&parsed);
    return printed == nullptr ? "no error" : printed->err;
}

TEST(CommandLine, AgreesWithEveryRecordedUsageError) {
    const auto cases = recorded_cases();
    ASSERT_EQ(cases.size(), 520U);
    const InZone zone("UTC");
    for (const Case& recorded : cases) {
        const auto parsed = cli::parse_command_line(recorded.words, WallTime{1705320000, 0}, plain);
        const auto* printed = std::get_if<cli::Printed>(&parsed);
        const bool expected = recorded.exit_code == 2 || recorded.help_out ||
                              (recorded.exit_code == 0 && !recorded.out.empty() &&
                               (recorded.line.find("-V") != std::string::npos ||
                                recorded.line.find("--version") != std::string::npos));
        if (!expected) {
            EXPECT_TRUE(printed == nullptr || recorded.line == "pueue help help")
                << recorded.line << "\n"
                << (printed == nullptr ? "" : printed->err);
            continue;
        }
        ASSERT_NE(printed, nullptr) << recorded.line;
        EXPECT_EQ(printed->exit_code, recorded.exit_code) << recorded.line;
        if (recorded.help_out || recorded.help_err) {
            // The words of help are our own; which stream it goes to is not.
            EXPECT_EQ(printed->out.empty(), !recorded.help_out) << recorded.line;
            EXPECT_EQ(printed->err.empty(), !recorded.help_err) << recorded.line;
        } else {
            EXPECT_EQ(printed->out, recorded.out) << recorded.line;
            EXPECT_EQ(printed->err, recorded.err) << recorded.line;
        }
    }
}

/// What the original has not is behind everything that it has.
std::string without_our_flags(std::string text) {
    const std::size_t begin = text.find("|--idempotent|");
    if (begin != std::string::npos) {
        text.erase(begin, text.find(">\n", begin) - begin);
    }
    return text;
}

TEST(CommandLine, AgreesWithEveryFurtherUsageError) {
    // Made as cli.txt was, for combinations that file does not have: one line of words, then the
    // error with its lines indented.
    std::string words;
    std::string expected;
    std::size_t checked = 0;
    const auto compare = [&] {
        if (!words.empty()) {
            auto all = split_words(words);
            EXPECT_EQ(without_our_flags(error_of(std::move(all))), expected) << words;
            ++checked;
        }
        expected.clear();
    };
    for (const std::string& line : lines_of(read_golden("cli-more.txt"))) {
        if (line.starts_with("$ ")) {
            compare();
            words = line.substr(2);
        } else if (line.starts_with("  |")) {
            expected += line.substr(3) + "\n";
        }
    }
    compare();
    EXPECT_GT(checked, 100U);
}

TEST(CommandLine, ReadsEveryOptionOfAdd) {
    const auto add = options_of<cli::AddOptions>(
        {"add",
         "-w",
         "/tmp",
         "-esd",
         "60",
         "-g",
         "g",
         "--after",
         "1",
         "2",
         "-o=-5",
         "-l",
         "x",
         "-p",
         "--",
         "ls",
         "-la",
         "--"}
    );
    EXPECT_EQ(add.command, (std::vector<std::string>{"ls", "-la", "--"}));
    EXPECT_EQ(add.working_directory, "/tmp");
    EXPECT_TRUE(add.escape && add.stashed && add.print_task_id);
    EXPECT_FALSE(add.immediate || add.follow);
    EXPECT_EQ(add.delay, (WallTime{1705320060, 0}));
    EXPECT_EQ(add.group, "g");
    EXPECT_EQ(add.after, (std::vector{TaskId{1}, TaskId{2}}));
    EXPECT_EQ(add.priority, -5);
    EXPECT_EQ(add.label, "x");
}

TEST(CommandLine, TakesEverythingBehindTheFirstWordAsCommand) {
    const auto add = options_of<cli::AddOptions>({"add", "-p", "ls", "-p", "--help"});
    EXPECT_EQ(add.command, (std::vector<std::string>{"ls", "-p", "--help"}));
    EXPECT_TRUE(add.print_task_id);
}

TEST(CommandLine, PrefersAllToGroupToIds) {
    EXPECT_EQ(
        options_of<cli::StartOptions>({"start", "1", "-a"}).selection.resolve(),
        TaskSelection(AllTasks{})
    );
    EXPECT_EQ(
        options_of<cli::StartOptions>({"start", "1", "-g", "x"}).selection.resolve(),
        TaskSelection(std::string("x"))
    );
    EXPECT_EQ(
        options_of<cli::StartOptions>({"start", "2", "1", "1"}).selection.resolve(),
        TaskSelection(std::vector{TaskId{2}, TaskId{1}, TaskId{1}})
    );
    EXPECT_EQ(
        options_of<cli::StartOptions>({"start"}).selection.resolve(),
        TaskSelection(std::string("default"))
    );
}

TEST(CommandLine, IsStatusWithoutACommand) {
    auto parsed = parse({"-vvv", "--color=never", "-c", "x.yml", "-p", "work"});
    const auto& options = std::get<cli::Options>(parsed);
    EXPECT_EQ(options.verbosity, 3U);
    EXPECT_EQ(options.color, cli::ColorChoice::never);
    EXPECT_EQ(options.config, "x.yml");
    EXPECT_EQ(options.profile, "work");
    EXPECT_TRUE(std::holds_alternative<cli::StatusOptions>(options.command));
}

TEST(CommandLine, RefusesTextThatIsNoUtf8ExceptInPaths) {
    EXPECT_THAT(
        error_of({"add", "-l", "\xff", "ls"}),
        HasSubstr("error: invalid UTF-8 was detected in one or more arguments\n\nUsage: pueue add")
    );
    const auto add = options_of<cli::AddOptions>({"add", "-w", "/\xff", "ls"});
    EXPECT_EQ(add.working_directory, "/\xff");
}

TEST(CommandLine, CallsTheProgramByItsName) {
    const std::vector<std::string> words = {"/usr/bin/pq", "foo"};
    const auto parsed = cli::parse_command_line(words, {}, plain);
    EXPECT_THAT(std::get<cli::Printed>(parsed).err, HasSubstr("Usage: pq [OPTIONS] [COMMAND]"));
}

TEST(CommandLine, ColorsErrorsWhereTheStreamWantsIt) {
    const std::vector<std::string> words = {"pueue", "add", "--foo", "ls"};
    const auto parsed = cli::parse_command_line(words, {}, colored);
    EXPECT_EQ(
        std::get<cli::Printed>(parsed).err,
        "\x1b[1m\x1b[31merror:\x1b[0m unexpected argument '\x1b[33m--foo\x1b[0m' found\n\n"
        "  \x1b[32mtip:\x1b[0m a similar argument exists: '\x1b[32m--follow\x1b[0m'\n"
        "  \x1b[32mtip:\x1b[0m to pass '\x1b[33m--foo\x1b[0m' as a value, use "
        "'\x1b[32m-- --foo\x1b[0m'\n\n"
        "\x1b[1m\x1b[4mUsage:\x1b[0m \x1b[1mpueue add\x1b[0m \x1b[1m--follow\x1b[0m "
        "<COMMAND>...\n\n"
        "For more information, try '\x1b[1m--help\x1b[0m'.\n"
    );
}

void collect_help(
    const cli::Command& command, std::vector<std::string> words, std::vector<std::string>& texts
) {
    words.emplace_back("--help");
    auto parsed = parse(words);
    words.pop_back();
    texts.push_back(std::get<cli::Printed>(parsed).out);
    for (const cli::Argument& argument : command.arguments) {
        EXPECT_THAT(
            texts.back(),
            HasSubstr(
                argument.is_positional() ? std::string(argument.value_name)
                                         : "--" + std::string(argument.long_name)
            )
        );
    }
    for (const cli::Command& subcommand : command.subcommands) {
        words.emplace_back(subcommand.name);
        collect_help(subcommand, words, texts);
        words.pop_back();
    }
}

TEST(Help, NamesEveryArgumentOfEveryCommand) {
    std::vector<std::string> texts;
    collect_help(cli::program(), {}, texts);
    EXPECT_EQ(texts.size(), 27U);
    for (const std::string& text : texts) {
        EXPECT_THAT(text, HasSubstr("Usage: pueue"));
        EXPECT_THAT(text, Not(HasSubstr(" \n"))) << "blanks at a line's end";
        for (const std::string& line : lines_of(text)) {
            EXPECT_LE(line.size(), 110U) << line;
        }
    }
}

TEST(Help, EndsWithExamplesThatAreAccepted) {
    for (const cli::Command& command : cli::program().subcommands) {
        EXPECT_FALSE(command.examples.empty()) << command.name;
        const auto help = parse({"help", std::string(command.name)});
        for (const std::string_view example : command.examples) {
            EXPECT_THAT(std::get<cli::Printed>(help).out, HasSubstr("\n  " + std::string(example)));
            auto words = split_words(example);
            words.erase(words.begin());  // the program's name
            EXPECT_EQ(words.front(), command.name);
            EXPECT_TRUE(std::holds_alternative<cli::Options>(parse(words))) << example;
        }
    }
}

TEST(Completions, OfferValuesThatAreAccepted) {
    for (const std::string_view value : cli::offered_values(cli::ValueKind::signal)) {
        EXPECT_TRUE(std::holds_alternative<cli::Options>(parse({"kill", "-s", std::string(value)}))
        );
    }
    for (const std::string_view value : cli::offered_values(cli::ValueKind::wait_status)) {
        EXPECT_TRUE(std::holds_alternative<cli::Options>(parse({"wait", "-s", std::string(value)}))
        );
    }
}

TEST(Help, DoesNotShowAliases) {
    auto parsed = parse({"--help"});
    EXPECT_THAT(std::get<cli::Printed>(parsed).out, Not(HasSubstr("cleanup")));
}

}  // namespace
}  // namespace pueue::client::test
