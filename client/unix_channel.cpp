#include "client/unix_channel.hpp"

#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pueue::client {

namespace {

class UnixChannel final : public Channel {
  public:
    explicit UnixChannel(UniqueFd socket) : socket_(std::move(socket)) {}

    Result<std::size_t> read(std::span<char> room) override {
        for (;;) {
            const ssize_t n = ::read(socket_.get(), room.data(), room.size());
            if (n >= 0) {
                return static_cast<std::size_t>(n);
            }
            if (const int number = errno; number != EINTR) {
                return os_error("read", number);
            }
        }
    }

    // One system call for a request of ordinary size.
    Result<> write(ByteView header, ByteView payload) override {
        iovec pieces[2] = {
            {const_cast<char*>(header.data()), header.size()},
            {const_cast<char*>(payload.data()), payload.size()}};
        ssize_t n = 0;
        do {
            n = ::writev(socket_.get(), pieces, 2);
        } while (n < 0 && errno == EINTR);
        if (n < 0) {
            return os_error("write", errno);
        }
        const auto done = static_cast<std::size_t>(n);
        if (done < header.size()) {
            CHECK_OK(write_all(socket_.get(), header.substr(done)));
            return write_all(socket_.get(), payload);
        }
        return write_all(socket_.get(), payload.substr(done - header.size()));
    }

  private:
    UniqueFd socket_;
};

}  // namespace

Reported<std::unique_ptr<Channel>> connect_unix(const std::string& path) {
    constexpr const char* doing = "connecting to daemon. Did you start it?";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return report(
            "I/O error at path " + quoted(path) + " while " + doing +
            ":\npath must be shorter than SUN_LEN"
        );
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) {
        return report(file_error_text(path, doing, errno));
    }
    int connected = 0;
    do {
        connected =
            ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    } while (connected != 0 && errno == EINTR);
    if (connected != 0) {
        return report(file_error_text(path, doing, errno));
    }
    std::unique_ptr<Channel> channel = std::make_unique<UnixChannel>(std::move(socket));
    return channel;
}

}  // namespace pueue::client
