// The recorded tables of tables.txt: its header says which rows and tasks they show.
#include "client/view/log_view.hpp"
#include "client/view/table.hpp"
#include "protocol/base/local_time.hpp"
#include "tests/client/vectors.hpp"

#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

struct Golden {
    std::string title;
    std::string text;
    char letter = 0;

    // The word behind `name=` in the title; none for "none" and for no such word.
    [[nodiscard]] std::optional<std::string> value(const std::string& name) const {
        const std::size_t at = title.find(name + "=");
        if (at == std::string::npos) {
            return std::nullopt;
        }
        const std::size_t begin = at + name.size() + 1;
        const std::string word = title.substr(begin, title.find_first_of(" ,", begin) - begin);
        return word == "none" ? std::nullopt : std::optional(word);
    }
    [[nodiscard]] std::optional<std::size_t> number(const std::string& name) const {
        const auto word = value(name);
        return word ? std::optional<std::size_t>(std::stoul(*word)) : std::nullopt;
    }
};

std::vector<Golden> recorded_tables() {
    std::vector<Golden> goldens;
    for (const std::string& line : lines_of(read_golden("tables.txt"))) {
        if (line.starts_with("### ")) {
            goldens.push_back({line.substr(4), "", line[4]});
        } else if (line.starts_with('|')) {
            goldens.back().text += line.substr(1, line.size() - 2) + "\n";
        }
    }
    return goldens;
}

TableRow row(std::initializer_list<const char*> texts) {
    TableRow cells;
    for (const char* text : texts) {
        cells.push_back({text, Color::none, false});
    }
    return cells;
}

constexpr const char* long_command =
    "for i in $(seq 1 100); do echo this is a rather long command line number $i; done";

std::vector<TableRow> the_rows() {
    return {
        row({"Id", "Status", "Command", "Path", "Start", "End"}),
        row({"0", "Success", "sleep 60", "/home/user", "10:00:00", "10:01:00"}),
        row(
            {"1",
             "Running",
             long_command,
             "/home/user/some/deeply/nested/project/directory",
             "10:01:00",
             ""}
        ),
        row(
            {"12",
             "Failed (127)",
             "line one\nline two\nline three\nline four",
             "/tmp",
             "2024-01-01\n10:00:00",
             "2024-01-01\n10:00:05"}
        )};
}

Task the_task(const Golden& golden) {
    const WallTime start{seconds_of_civil(2003, 7, 1, (8 * 60 + 52) * 60 + 37), 0};
    const WallTime end{start.seconds + 60, 0};
    auto spec = std::make_shared<TaskSpec>();
    spec->command = long_command;
    spec->path = "/home/user/some/project";
    if (golden.letter == 'L') {
        spec->label = "my label";
    }
    Task task;
    task.spec = std::move(spec);
    const auto is = [&](const std::string& name) {
        return golden.title.find("result " + name) != std::string::npos;
    };
    TaskResult ended = Success{};
    if (is("Errored")) {
        ended = Errored{};
    } else if (is("Failed(")) {
        ended = Failed{127};
    } else if (is("Killed")) {
        ended = Killed{};
    } else if (is("FailedToSpawn")) {
        ended = FailedToSpawn{"x"};
    } else if (is("DependencyFailed")) {
        ended = DependencyFailed{};
    }
    if (golden.title.find("status running") != std::string::npos) {
        task.status = Running{start, start};
    } else if (golden.title.find("status paused") != std::string::npos) {
        task.status = Paused{start, start};
    } else if (is("DependencyFailed")) {
        task.status = Done{start, start, start, ended};  // it never ran
    } else {
        task.status = Done{start, start, end, ended};
    }
    return task;
}

TEST(Tables, AgreeWithEveryRecordedTable) {
    const InZone zone("Europe/Berlin");
    const Style plain;
    const auto goldens = recorded_tables();
    ASSERT_EQ(goldens.size(), 18U);
    for (const Golden& golden : goldens) {
        const auto width = golden.number("width");
        if (golden.letter >= 'E') {
            const LogLook look{plain, width, false};
            EXPECT_EQ(draw_log_header(the_task(golden), look), golden.text) << golden.title;
        } else {
            EXPECT_EQ(
                draw_ruled_table(the_rows(), width, golden.number("max_lines"), plain), golden.text
            ) << golden.title;
        }
    }
}

TEST(Tables, TakeWordsApartOnlyWhereTheyMust) {
    EXPECT_EQ(wrap_line("one two three", 13), (std::vector<std::string>{"one two three"}));
    EXPECT_EQ(wrap_line("one two three", 8), (std::vector<std::string>{"one two", "three"}));
    EXPECT_EQ(wrap_line("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
    EXPECT_EQ(wrap_line("日本語", 1), (std::vector<std::string>{"日", "本", "語"}));
    EXPECT_EQ(wrap_line("", 0), (std::vector<std::string>{""}));
}

TEST(Tables, NarrowAColumnToTheWidthOfWhatItIsBrokenInto) {
    const auto widths = [](const char* text) {
        return column_widths({{{"Command"}}, {{text}}}, 10);
    };
    EXPECT_EQ(widths("日本語 日本語 日本語"), (std::vector<std::size_t>{7}));
    EXPECT_EQ(widths("abcdef abcdef abcdef"), (std::vector<std::size_t>{7}));
    EXPECT_EQ(widths("日本語テ 日本語テ"), (std::vector<std::size_t>{10}));
}

TEST(Tables, MarkWhatTheyCut) {
    EXPECT_EQ(cell_lines("a\nb\nc", 9, 2), (std::vector<std::string>{"a", "b..."}));
    EXPECT_EQ(cell_lines("abcdef\nb", 6, 1), (std::vector<std::string>{"abc..."}));
    EXPECT_EQ(cell_lines("a\nb", 9, 2), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(cell_lines("a\nb", 9, 0), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace pueue::client::test
