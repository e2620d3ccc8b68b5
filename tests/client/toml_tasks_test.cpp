#include "client/toml_tasks.hpp"

#include "tests/client/vectors.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

using ::testing::HasSubstr;

std::string json_text(const std::string& literal) {
    return std::string(boost::json::parse(literal).as_string());
}

TEST(TomlString, AgreesWithEveryRecordedText) {
    const auto rows = golden_rows("toml-string.tsv");
    ASSERT_GT(rows.size(), 25U);
    for (const auto& row : rows) {
        EXPECT_EQ(toml_string(json_text(row[0])), json_text(row[1])) << row[0];
    }
}

TEST(TomlTasks, ReadsBackWhatItWrites) {
    for (const auto& row : golden_rows("toml-string.tsv")) {
        const std::string text = json_text(row[0]);
        const std::vector<wire::EditableTask> tasks = {{TaskId{3}, text, "/p", text, -7}};
        const auto read = tasks_from_toml(tasks_to_toml(tasks));
        ASSERT_TRUE(read.has_value()) << row[0] << read.error().messages.back();
        ASSERT_EQ(read->size(), 1U);
        const bool differs = row.size() > 2;  // the original reads it back as another text
        if (!differs) {
            EXPECT_EQ(read->front().original_command, text) << row[0];
        }
        EXPECT_EQ(read->front().priority, -7);
    }
}

TEST(TomlTasks, AreTablesInTheOrderOfTheirNames) {
    const std::vector<wire::EditableTask> tasks = {
        {TaskId{9}, "sleep 60", "/tmp", std::nullopt, 0}, {TaskId{10}, "ls", "/", "x", 2}};
    EXPECT_EQ(
        tasks_to_toml(tasks),
        "[10]\nid = 10\ncommand = \"ls\"\npath = \"/\"\nlabel = \"x\"\npriority = 2\n"
        "\n[9]\nid = 9\ncommand = \"sleep 60\"\npath = \"/tmp\"\npriority = 0\n"
    );
    EXPECT_EQ(tasks_to_toml({}), "");
    EXPECT_EQ(tasks_from_toml("")->size(), 0U);
}

TEST(TomlTasks, SaysWhereAMistakeIs) {
    const auto read =
        tasks_from_toml("[0]\nid = 0\ncommand = \"a\"\npath = \"/\"\npriority = \"x\"\n");
    ASSERT_TRUE(read.has_error());
    EXPECT_EQ(
        read.error().messages.front(),
        "Some error occurred. \nFailed to deserialize tasks to toml:\n"
        "TOML parse error at line 5, column 12\n  |\n5 | priority = \"x\"\n"
        "  |            ^^^\ninvalid type: string \"x\", expected i32\n"
    );
    EXPECT_THAT(
        tasks_from_toml("[0\n").error().messages.front(), HasSubstr("unclosed table, expected `]`")
    );
    EXPECT_THAT(
        tasks_from_toml("[0]\nid = 0\n").error().messages.front(), HasSubstr("missing field")
    );
    EXPECT_THAT(
        tasks_from_toml("[10]\n[10]\n").error().messages.front(),
        HasSubstr("line 2, column 2\n  |\n2 | [10]\n  |  ^^\nduplicate key\n")
    );
}

}  // namespace
}  // namespace pueue::client::test
