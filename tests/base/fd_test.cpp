#include "protocol/base/fd.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

namespace pueue {

namespace {

class FdTest : public testing::Test {
  protected:
    FdTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        reader_ = UniqueFd(ends[0]);
        writer_ = UniqueFd(ends[1]);
        std::string name = testing::TempDir() + "fd_test.XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    ~FdTest() override { std::filesystem::remove_all(directory_); }

    static bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

    UniqueFd reader_;
    UniqueFd writer_;
    std::string directory_;
};

TEST_F(FdTest, IsClosedOnceByItsLastOwner) {
    const int number = reader_.get();
    {
        UniqueFd owner = std::move(reader_);
        EXPECT_FALSE(reader_);
        EXPECT_EQ(owner.get(), number);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST_F(FdTest, AssignmentClosesWhatWasThere) {
    const int old = reader_.get();
    reader_ = std::move(writer_);
    EXPECT_FALSE(is_open(old));
    EXPECT_TRUE(reader_);
}

TEST_F(FdTest, ReleaseGivesUpOwnership) {
    const int number = writer_.release();
    EXPECT_FALSE(writer_);
    EXPECT_TRUE(is_open(number));
    EXPECT_EQ(UniqueFd(number).get(), number);
}

TEST_F(FdTest, LargeWritesArriveWhole) {
    const Bytes sent(300'000, 'x');
    std::thread writing([&] { EXPECT_TRUE(write_all(writer_.get(), sent).has_value()); });
    Bytes received(sent.size(), '\0');
    EXPECT_TRUE(read_full(reader_.get(), received.data(), received.size()).has_value());
    writing.join();
    EXPECT_EQ(received, sent);
}

TEST_F(FdTest, AnEarlyEndIsClosed) {
    ASSERT_TRUE(write_all(writer_.get(), "abc").has_value());
    writer_.reset();
    std::array<char, 4> four{};
    const Result<> result = read_full(reader_.get(), four.data(), four.size());
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().kind, ErrorKind::closed);
}

TEST_F(FdTest, WritingToNobodyIsAnError) {
    const auto old = std::signal(SIGPIPE, SIG_IGN);
    reader_.reset();
    const Result<> result = write_all(writer_.get(), "abc");
    std::signal(SIGPIPE, old);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().os_error, EPIPE);
    EXPECT_EQ(result.error().kind, ErrorKind::closed);
}

TEST_F(FdTest, OpenedFilesAreNotInherited) {
    const Result<UniqueFd> file = open_file(directory_ + "/file", O_WRONLY | O_CREAT);
    ASSERT_TRUE(file.has_value());
    EXPECT_NE(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(FdTest, AMissingFileIsNotFound) {
    const Result<Bytes> content = read_file(directory_ + "/missing", 10);
    ASSERT_TRUE(content.has_error());
    EXPECT_EQ(content.error().kind, ErrorKind::not_found);
    EXPECT_EQ(content.error().text, "open " + directory_ + "/missing: No such file or directory");
}

TEST_F(FdTest, ReadsFilesUpToTheirBound) {
    const std::string path = directory_ + "/file";
    const Bytes content(40'000, 'c');
    {
        const UniqueFd file = open_file(path, O_WRONLY | O_CREAT).value();
        ASSERT_TRUE(write_all(file.get(), content).has_value());
    }
    EXPECT_EQ(read_file(path, content.size()).value(), content);
    const Result<Bytes> bounded = read_file(path, content.size() - 1);
    ASSERT_TRUE(bounded.has_error());
    EXPECT_EQ(bounded.error().kind, ErrorKind::too_large);
}

}  // namespace

}  // namespace pueue
