#include "protocol/base/logger.hpp"

#include "protocol/base/fd.hpp"

#include <climits>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace pueue {

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

class LoggerTest : public testing::Test {
  protected:
    LoggerTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
        reader_ = UniqueFd(ends[0]);
        writer_ = UniqueFd(ends[1]);
    }

    /// All that is in the pipe.
    std::string take() {
        std::string all;
        std::array<char, 4096> buffer{};
        for (;;) {
            const ssize_t n = ::read(reader_.get(), buffer.data(), buffer.size());
            if (n <= 0) {
                return all;
            }
            all.append(buffer.data(), static_cast<std::size_t>(n));
        }
    }

    UniqueFd reader_;
    UniqueFd writer_;
};

TEST_F(LoggerTest, WritesALineForEachMessage) {
    Logger logger(writer_.get(), LogLevel::debug);
    logger.warn("pueue::daemon", "Something happened.");
    EXPECT_THAT(
        take(),
        MatchesRegex("[0-9][0-9]:[0-9][0-9]:[0-9][0-9]  WARN pueue::daemon: Something happened.\n")
    );
    logger.error("a", "b");
    EXPECT_THAT(take(), EndsWith(" ERROR a: b\n"));
}

TEST_F(LoggerTest, LeavesOutWhatIsNotImportantEnough) {
    Logger logger(writer_.get(), LogLevel::info);
    logger.debug("a", "b");
    EXPECT_EQ(take(), "");
    logger.info("a", "b");
    EXPECT_THAT(take(), EndsWith("  INFO a: b\n"));
    EXPECT_TRUE(logger.wants(LogLevel::error));
    EXPECT_FALSE(logger.wants(LogLevel::debug));
}

TEST_F(LoggerTest, DropsAndCountsWhatAFullPipeWouldHoldUp) {
    const std::string page(PIPE_BUF, 'x');
    while (::write(writer_.get(), page.data(), page.size()) > 0) {
    }
    Logger logger(writer_.get(), LogLevel::warn);
    logger.warn("a", "lost");
    logger.warn("a", "lost too");
    EXPECT_THAT(take(), testing::Not(HasSubstr("lost")));
    logger.warn("a", "seen");
    EXPECT_THAT(take(), EndsWith("a: seen (2 messages before this one were dropped)\n"));
    logger.warn("a", "later");
    EXPECT_THAT(take(), EndsWith("a: later\n"));
}

TEST_F(LoggerTest, CutsMessagesThatNoPipeTakesAtOnce) {
    Logger logger(writer_.get(), LogLevel::warn);
    logger.warn("a", std::string(3 * PIPE_BUF, 'x'));
    const std::string line = take();
    EXPECT_EQ(line.size(), static_cast<std::size_t>(PIPE_BUF));
    EXPECT_THAT(line, EndsWith("xxx\n"));
}

}  // namespace

}  // namespace pueue
