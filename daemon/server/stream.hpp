// A connection's bytes: a unix socket today, TLS behind the same three verbs.
// Errors are values; `closed` covers the peer's end and our own close().
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <memory>

namespace pueue::server {

class Stream {
  public:
    virtual ~Stream() = default;

    /// At least one and at most `size` bytes. `to` must outlive the wait.
    [[nodiscard]] virtual boost::asio::awaitable<Result<std::size_t>> read_some(
        char* to, std::size_t size
    ) = 0;

    /// All of `bytes`, which must outlive the wait.
    [[nodiscard]] virtual boost::asio::awaitable<Result<>> write(ByteView bytes) = 0;

    /// Ends whatever waits on this stream.
    virtual void close() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<Stream> unix_stream(boost::asio::local::stream_protocol::socket socket
);

}  // namespace pueue::server
