#include "daemon/server/listener.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace pueue::server {
namespace {

namespace fs = std::filesystem;

class ListenUnixTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = fs::temp_directory_path() / "pueue-listen-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory = pattern;
        path = directory / "pueue.socket";
    }
    void TearDown() override { fs::remove_all(directory); }

    bool can_connect() const {
        const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        return ::connect(
                   client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address
               ) == 0;
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(directory), fs::directory_iterator())
        );
    }

    fs::path directory;
    fs::path path;
};

TEST_F(ListenUnixTest, AcceptsAsSoonAsThePathExistsAndLeavesNothingElse) {
    const Result<UniqueFd> socket = listen_unix(path, 0700);
    ASSERT_TRUE(socket.has_value()) << socket.error().text;
    EXPECT_TRUE(can_connect());
    EXPECT_EQ(files(), 1U);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(ListenUnixTest, LeavesTheModeToTheUmaskWhenNoneIsSet) {
    const mode_t before = ::umask(027);
    const Result<UniqueFd> socket = listen_unix(path, {});
    ::umask(before);
    ASSERT_TRUE(socket.has_value());
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0750U);
}

TEST_F(ListenUnixTest, RefusesWhileAnotherDaemonListens) {
    const Result<UniqueFd> first = listen_unix(path, {});
    const Result<UniqueFd> second = listen_unix(path, {});
    ASSERT_TRUE(second.has_error());
    EXPECT_EQ(
        second.error().text,
        "There seems to be an active pueue daemon.\nIf you're sure there isn't, please remove the "
        "socket inside the pueue_directory manually."
    );
    EXPECT_TRUE(can_connect());
}

TEST_F(ListenUnixTest, ReplacesWhatADeadDaemonLeft) {
    ASSERT_TRUE(listen_unix(path, {}).has_value());  // closed again at once
    EXPECT_TRUE(listen_unix(path, {}).has_value());
    fs::remove(path);
    std::ofstream(path) << "some file";
    EXPECT_TRUE(listen_unix(path, {}).has_value());
}

TEST_F(ListenUnixTest, NamesTheDirectoryThatIsInTheWay) {
    fs::create_directory(path);
    const Result<UniqueFd> socket = listen_unix(path, {});
    ASSERT_TRUE(socket.has_error());
    EXPECT_EQ(
        socket.error().text,
        "I/O error at path \"" + path.string() +
            "\" while removing old socket:\nIs a directory (os error 21)"
    );
}

TEST_F(ListenUnixTest, TakesPathsUpToTheSystemsLimitAndNoLonger) {
    path = directory / std::string(107 - directory.string().size() - 1, 'x');
    EXPECT_TRUE(listen_unix(path, {}).has_value());
    path += "x";
    const Result<UniqueFd> socket = listen_unix(path, {});
    ASSERT_TRUE(socket.has_error());
    EXPECT_EQ(
        socket.error().text,
        "I/O error at path \"" + path.string() +
            "\" while binding unix socket to path:\npath must be shorter than SUN_LEN"
    );
}

TEST_F(ListenUnixTest, SaysWhichDirectoryIsMissing) {
    path = directory / "nowhere" / "pueue.socket";
    const Result<UniqueFd> socket = listen_unix(path, {});
    ASSERT_TRUE(socket.has_error());
    EXPECT_EQ(
        socket.error().text,
        "I/O error at path \"" + path.string() +
            "\" while binding unix socket to path:\nNo such file or directory (os error 2)"
    );
}

}  // namespace
}  // namespace pueue::server
