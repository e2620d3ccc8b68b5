// A real keeper process in a scratch directory, and the daemon's end of its protocol for tests:
// blocking, each wait with a deadline, each message taken apart by hand.
#pragma once

#include "daemon/keeper/messages.hpp"
#include "protocol/base/fd.hpp"

#include <gmock/gmock.h>

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace pueue::keeper::testing {

inline constexpr std::chrono::seconds patience{20};

/// Whether the descriptor can be read from before the patience ends.
[[nodiscard]] bool readable(int descriptor, std::chrono::milliseconds limit = patience);

/// Everything until the end of file, each piece within the patience.
[[nodiscard]] std::string read_to_end(int descriptor);

struct Received {
    Header header;
    std::string packet;
    std::vector<UniqueFd> descriptors;

    template <class Message>
    [[nodiscard]] Message as() const {
        Message message;
        EXPECT_EQ(header.type, Message::type);
        EXPECT_TRUE(decode(packet.data(), packet.size(), message));
        return message;
    }
};

struct Task {
    Key key{1, 1, {}};
    std::vector<std::string> programs = {"/bin/sh"};
    std::vector<std::string> arguments = {"sh", "-c", "true"};
    std::vector<std::string> environment = {};
    std::string directory = "/";
    std::uint32_t flags = 0;
    std::uint32_t umask = 022;
    std::uint64_t open_files = 0;
    std::int32_t oom_score_adj = Start::inherit_oom_score;
    bool in_memfd = false;

    [[nodiscard]] std::string spec() const;
};

/// `sh -c script` as task `id`.
[[nodiscard]] Task shell(std::uint64_t id, const std::string& script);

class Connection {
  public:
    Connection() = default;
    explicit Connection(UniqueFd socket) : socket_(std::move(socket)) {}

    void send_bytes(const std::string& bytes, const std::vector<int>& descriptors = {}) const;

    template <class Message>
    void send(
        const Message& message, std::uint64_t request = 1, const std::vector<int>& descriptors = {}
    ) const {
        std::string bytes(message_bytes_max, '\0');
        bytes.resize(encode(message, request, bytes.data(), bytes.size()));
        send_bytes(bytes, descriptors);
    }

    /// Standard output and error go to `log`.
    void start(const Task& task, int log) const;

    /// Nothing: the connection ended.
    [[nodiscard]] std::optional<Received> receive() const;

    /// The next message, which has to be of this type.
    template <class Message>
    [[nodiscard]] Message expect(std::vector<UniqueFd>* descriptors = nullptr) const {
        std::optional<Received> received = receive();
        if (!received) {
            ADD_FAILURE() << "the connection ended";
            return {};
        }
        if (descriptors != nullptr) {
            *descriptors = std::move(received->descriptors);
        }
        return received->as<Message>();
    }

    /// Hello, and what is answered.
    [[nodiscard]] Welcome greet() const;

    [[nodiscard]] int fd() const { return socket_.get(); }
    void close() { socket_.reset(); }

  private:
    UniqueFd socket_;
};

class KeeperUnderTest {
  public:
    explicit KeeperUnderTest(int idle_seconds = 60);
    KeeperUnderTest(const KeeperUnderTest&) = delete;
    KeeperUnderTest& operator=(const KeeperUnderTest&) = delete;
    /// Kills every child the keeper has, then the keeper.
    ~KeeperUnderTest();

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] std::string path(const std::string& name) const {
        return directory_ + "/" + name;
    }

    /// The connection it was started with, greeted, and told that there is nothing yet.
    [[nodiscard]] Connection& first() { return first_; }
    /// A new one through the control socket, not greeted.
    [[nodiscard]] Connection connect() const;

    /// Whether it ends within the patience; its exit code then.
    [[nodiscard]] std::optional<int> exit_code();
    /// One value of /proc/<pid>/status, "" if there is none.
    [[nodiscard]] std::string status(const std::string& name) const;
    [[nodiscard]] std::vector<pid_t> children() const;

  private:
    std::string directory_;
    pid_t pid_ = -1;
    UniqueFd process_;
    Connection first_;
    std::optional<int> exit_code_;
};

/// A pipe for a task's output. Its end of file means that nobody who could write is left.
struct Output {
    UniqueFd read;
    UniqueFd write;

    Output();
    /// Gives up the own write end and reads what the task writes.
    [[nodiscard]] std::string everything();
};

}  // namespace pueue::keeper::testing
