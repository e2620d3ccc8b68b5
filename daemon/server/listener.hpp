// The door: a listening socket and the sessions that came through it.
#pragma once

#include "daemon/server/session.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/logger.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pueue::server {

/// A listening unix socket at `path`, made as pueued 1.2 says: a living daemon behind the path is
/// an error (kind exists), anything else there is deleted. Whoever sees the path can connect: the
/// socket is bound under a temporary name, given `permissions`, set to listen, and then renamed.
[[nodiscard]] Result<UniqueFd> listen_unix(
    const std::string& path, std::optional<mode_t> permissions
);

/// A listening TCP socket (pueued 1.3): the first address of `host` that can be bound. Blocks for
/// the look-up of the name; meant for start-up.
[[nodiscard]] Result<UniqueFd> listen_tcp(const std::string& host, const std::string& port);

class Listener {
  public:
    using MakeStream = std::function<std::unique_ptr<Stream>(Socket)>;

    /// What every session needs; all of it outlives the listener.
    struct Context {
        std::string_view secret;
        const Lookups& lookups;
        EnvironmentPool& environments;
        SubmitCommand submit;
        std::function<void(SessionId)> gone;  ///< its connection has ended
        Logger& logger;
    };

    Listener(boost::asio::io_context& loop, Context context);

    /// Accepts from now on. Requires: `socket` is listening and does not block; what `make_stream`
    /// uses outlives the listener.
    void start(UniqueFd socket, MakeStream make_stream);

    /// To the session that asked; nothing if it has gone.
    void answer(SessionId session, Bytes payload);
    void follow(SessionId session, FollowedLog log);
    void end_follow(SessionId session, bool is_removed);

    /// No new clients, and the present ones are cut off.
    void close();

  private:
    [[nodiscard]] boost::asio::awaitable<void> accept_loop();
    void start_session(Socket socket);
    void close_oldest_stranger();

    boost::asio::io_context& loop_;
    Context context_;
    std::size_t sessions_max_;
    MakeStream make_stream_;
    boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol> acceptor_;
    boost::asio::steady_timer room_;  ///< cancelled when a session ends while the door is full
    std::map<SessionId, std::shared_ptr<Session>> sessions_;
    std::uint64_t next_session_ = 1;
};

}  // namespace pueue::server
