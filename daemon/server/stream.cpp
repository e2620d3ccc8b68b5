#include "daemon/server/stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <utility>

namespace pueue::server {

namespace asio = boost::asio;

namespace {

Error stream_error(const char* what, const boost::system::error_code& ec) {
    return {ErrorKind::closed, ec.value(), std::string(what) + ": " + ec.message()};
}

class UnixStream final : public Stream {
  public:
    explicit UnixStream(Socket socket) : socket_(std::move(socket)) {}

    asio::awaitable<Result<>> handshake() override { co_return Result<>(); }

    asio::awaitable<Result<std::size_t>> read_some(char* to, std::size_t size) override {
        boost::system::error_code ec;
        const asio::mutable_buffer buffer(to, size);
        const std::size_t n =
            co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            co_return stream_error("read", ec);
        }
        co_return n;
    }

    asio::awaitable<Result<>> write_frame(const std::array<char, 8>& header, ByteView payload)
        override {
        boost::system::error_code ec;
        const std::array<asio::const_buffer, 2> parts = {
            asio::const_buffer(header.data(), header.size()),
            asio::const_buffer(payload.data(), payload.size())};
        co_await asio::async_write(socket_, parts, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            co_return stream_error("write", ec);
        }
        co_return Result<>();
    }

    asio::awaitable<Result<>> write(ByteView bytes) override {
        boost::system::error_code ec;
        const asio::const_buffer buffer(bytes.data(), bytes.size());
        co_await asio::async_write(socket_, buffer, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            co_return stream_error("write", ec);
        }
        co_return Result<>();
    }

    void when_peer_closes(std::function<void()> closed) override {
        watch_for_end(socket_, std::move(closed));
    }

    void close() noexcept override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

  private:
    Socket socket_;
};

}  // namespace

void watch_for_end(Socket& socket, std::function<void()> ended) {
    const auto on_readable = [&socket,
                              ended = std::move(ended)](const boost::system::error_code& ec) {
        if (ec) {
            return;
        }
        char byte = 0;
        if (::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
            ended();
        }
    };
    socket.async_wait(Socket::wait_read, on_readable);
}

std::unique_ptr<Stream> unix_stream(Socket socket) {
    return std::make_unique<UnixStream>(std::move(socket));
}

}  // namespace pueue::server
