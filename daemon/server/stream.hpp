// A connection's bytes: a unix socket, or TLS over TCP, behind the same verbs. Errors are values;
// `closed` covers the peer's end, a broken connection and our own close().
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <array>
#include <functional>
#include <memory>

namespace pueue::server {

using Socket = boost::asio::generic::stream_protocol::socket;

class Stream {
  public:
    virtual ~Stream() = default;

    /// Before anything else; nothing to do on a unix socket.
    [[nodiscard]] virtual boost::asio::awaitable<Result<>> handshake() = 0;

    /// At least one and at most `size` bytes. `to` must outlive the wait.
    [[nodiscard]] virtual boost::asio::awaitable<Result<std::size_t>> read_some(
        char* to, std::size_t size
    ) = 0;

    /// A frame, or its beginning. Both parts must outlive the wait. They are not joined: over TLS
    /// the header has a record of its own, because clients exist that take the first record for the
    /// header.
    [[nodiscard]] virtual boost::asio::awaitable<Result<>> write_frame(
        const std::array<char, 8>& header, ByteView payload
    ) = 0;

    /// More of the payload that write_frame began.
    [[nodiscard]] virtual boost::asio::awaitable<Result<>> write(ByteView bytes) = 0;

    /// Calls `closed` when the peer has ended its side, unless it sends something first. The stream
    /// may be read again meanwhile.
    virtual void when_peer_closes(std::function<void()> closed) = 0;

    /// Ends whatever waits on this stream.
    virtual void close() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<Stream> unix_stream(Socket socket);

/// What when_peer_closes needs of a socket, whatever is layered on it.
void watch_for_end(Socket& socket, std::function<void()> ended);

}  // namespace pueue::server
