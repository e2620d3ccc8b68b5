#include "daemon/runner/task_logs.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace pueue::runner {
namespace {

namespace fs = std::filesystem;

class TaskLogsTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = fs::temp_directory_path() / "pueue-logs-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory = pattern;
        path = log_path(directory, TaskId{3});
    }
    void TearDown() override { fs::remove_all(directory); }

    void write(const std::string& text) const { std::ofstream(path) << text; }
    std::string read() const {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    static UniqueFd opened(const std::string& file) { return open_file(file, O_RDONLY).value(); }
    std::string last(std::uint64_t lines) const {
        return read_log(opened(path).get(), lines).value().text;
    }

    std::string directory;
    std::string path;
};

TEST_F(TaskLogsTest, HaveTheIdAsName) {
    EXPECT_EQ(path, directory + "/3.log");
}

TEST_F(TaskLogsTest, AreEmptiedByANewAttempt) {
    write("old");
    ASSERT_TRUE(create_log(path).has_value());
    EXPECT_EQ(read(), "");
}

TEST_F(TaskLogsTest, AreSharedByAppending) {
    const Result<UniqueFd> log = create_log(path);
    write("somebody else\n");
    ASSERT_TRUE(write_all(log.value().get(), "task\n").has_value());
    EXPECT_EQ(read(), "somebody else\ntask\n");
}

TEST_F(TaskLogsTest, AreNeverWrittenThroughALink) {
    const std::string target = directory + "/precious";
    std::ofstream(target) << "precious";
    fs::create_symlink(target, path);
    EXPECT_TRUE(create_log(path).has_error());
    std::ostringstream text;
    text << std::ifstream(target).rdbuf();
    EXPECT_EQ(text.str(), "precious");
}

TEST_F(TaskLogsTest, SayWhyATaskCouldNotBeStarted) {
    write_spawn_failure(path, "Failed to spawn child 3 with err: …");
    EXPECT_EQ(
        read(),
        "Pueue error, failed to spawn task. Check your command.\nFailed to spawn child 3 with err: "
        "…"
    );
}

TEST_F(TaskLogsTest, AreRemovedEvenIfTheyAreNotThere) {
    write("x");
    EXPECT_TRUE(remove_log(path).has_value());
    EXPECT_FALSE(fs::exists(path));
    EXPECT_TRUE(remove_log(path).has_value());
}

TEST_F(TaskLogsTest, EndWithTheirLastLines) {
    write("a\nb\nc\n");
    EXPECT_EQ(last(1), "c\n");
    EXPECT_EQ(last(2), "b\nc\n");
    EXPECT_EQ(last(3), "a\nb\nc\n");
    EXPECT_EQ(last(4), "a\nb\nc\n");
    EXPECT_EQ(last(0), "");
    EXPECT_FALSE(read_log(opened(path).get(), 2).value().is_complete);
    EXPECT_TRUE(read_log(opened(path).get(), 3).value().is_complete);
    EXPECT_TRUE(read_log(opened(path).get(), std::nullopt).value().is_complete);
    EXPECT_EQ(read_log(opened(path).get(), std::nullopt).value().text, "a\nb\nc\n");
}

TEST_F(TaskLogsTest, GiveOneLineMoreWhenTheLastOneIsNotFinished) {
    write("a\nb\nc");
    EXPECT_EQ(last(1), "b\nc");
    EXPECT_EQ(last(0), "c");
}

TEST_F(TaskLogsTest, FindLinesAcrossBlocks) {
    const std::string line(70000, 'x');
    write("first\n" + line + "\nlast\n");
    EXPECT_EQ(last(1), "last\n");
    EXPECT_EQ(last(2), line + "\nlast\n");
    EXPECT_EQ(last(3), "first\n" + line + "\nlast\n");
}

TEST_F(TaskLogsTest, ReportWhatCannotBeRead) {
    fs::create_directory(path);
    EXPECT_EQ(read_log(opened(path).get(), 1).error().os_error, EISDIR);
}

TEST_F(TaskLogsTest, AreKeptOfSoManyEarlierAttempts) {
    for (std::uint32_t attempt = 1; attempt <= 8; ++attempt) {
        write("output of " + std::to_string(attempt));
        ASSERT_TRUE(rotate_log(directory, TaskId{3}, AttemptNumber{attempt}, 5).has_value());
        EXPECT_EQ(read(), "") << "the newest attempt has not begun";
    }
    for (std::uint32_t attempt = 1; attempt <= 8; ++attempt) {
        const std::string earlier = earlier_log_path(directory, TaskId{3}, AttemptNumber{attempt});
        EXPECT_EQ(fs::exists(earlier), attempt > 3) << attempt;
    }
    EXPECT_EQ(
        fs::path(earlier_log_path(directory, TaskId{3}, AttemptNumber{8})).filename(), "3.8.log"
    );
}

TEST_F(TaskLogsTest, ArePutAsideOnce) {
    write("output of 1");
    ASSERT_TRUE(rotate_log(directory, TaskId{3}, AttemptNumber{1}, 5).has_value());
    write("output of a start that came to nothing");
    ASSERT_TRUE(rotate_log(directory, TaskId{3}, AttemptNumber{1}, 5).has_value());
    path = earlier_log_path(directory, TaskId{3}, AttemptNumber{1});
    EXPECT_EQ(read(), "output of 1");
}

TEST_F(TaskLogsTest, CanAllBeForgotten) {
    write("output of 1");
    ASSERT_TRUE(rotate_log(directory, TaskId{3}, AttemptNumber{1}, 0).has_value());
    EXPECT_EQ(read(), "");
    EXPECT_FALSE(fs::exists(earlier_log_path(directory, TaskId{3}, AttemptNumber{1})));
}

TEST_F(TaskLogsTest, OfEarlierAttemptsGoTogether) {
    for (std::uint32_t attempt = 1; attempt <= 4; ++attempt) {
        write("output");
        ASSERT_TRUE(rotate_log(directory, TaskId{3}, AttemptNumber{attempt}, 3).has_value());
    }
    std::ofstream(directory + "/33.1.log") << "of another task";
    ASSERT_TRUE(remove_earlier_logs(directory, TaskId{3}, AttemptNumber{5}).has_value());
    EXPECT_EQ(std::distance(fs::directory_iterator(directory), {}), 2) << "3.log and 33.1.log";
}

}  // namespace
}  // namespace pueue::runner
