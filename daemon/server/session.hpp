// One client: a coroutine that moves frames between a stream and the engine, and does what
// SessionFsm says. No rules. Owned by the Listener; ends when the client leaves, misbehaves or the
// daemon stops.
#pragma once

#include "daemon/server/log_follower.hpp"
#include "daemon/server/session_fsm.hpp"
#include "daemon/server/stream.hpp"
#include "protocol/base/logger.hpp"
#include "protocol/model/ids.hpp"
#include "protocol/wire/frame.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pueue::server {

/// Hands a command to the engine; its answer comes back through Session::answer.
using SubmitCommand = std::function<void(SessionId, core::Command)>;

/// How long a peer may take. Nothing limits the time between two requests.
struct Patience {
    std::chrono::milliseconds handshake{10'000};
    /// Without a byte, within a frame that is larger than what a peer may keep waiting for ever.
    std::chrono::milliseconds progress{60'000};
};

class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(
        boost::asio::io_context& loop,
        SessionId id,
        std::unique_ptr<Stream> stream,
        SessionFsm fsm,
        const SubmitCommand& submit,
        Logger& logger,
        Patience patience = {}
    );

    /// Runs until the connection ends.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// The encoded response to the command that was submitted last.
    void answer(Bytes payload);
    /// In place of an answer: the client sees this log grow, until end_follow.
    void follow(FollowedLog log);
    /// Nothing is added to the followed log any more; the answer is made here.
    void end_follow(bool is_removed);

    void close();

    /// Has not shown the secret, or not the right one.
    [[nodiscard]] bool is_stranger() const { return !fsm_.is_trusted(); }

  private:
    [[nodiscard]] boost::asio::awaitable<Result<Bytes>> read_frame(ReadFrame limits);
    [[nodiscard]] boost::asio::awaitable<Result<>> write_frame(ByteView payload);
    [[nodiscard]] boost::asio::awaitable<Bytes> wait_for_answer();
    /// False: the client is gone.
    [[nodiscard]] boost::asio::awaitable<bool> show_log();
    [[nodiscard]] boost::asio::awaitable<void> wait_for_news();
    void wake();
    void peer_closed();
    void set_deadline(std::chrono::milliseconds time, std::string warning);
    void lift_deadline();

    SessionId id_;
    std::unique_ptr<Stream> stream_;
    SessionFsm fsm_;
    const SubmitCommand& submit_;
    Logger& logger_;
    wire::FrameReader frames_;
    std::optional<Bytes> answer_;
    std::unique_ptr<LogFollower> followed_;
    std::optional<Bytes> last_word_;  ///< the answer for when the followed log has been shown
    bool has_news_ = false;
    boost::asio::io_context& loop_;
    boost::asio::steady_timer news_;  ///< never expires; cancelled by wake()
    Patience patience_;
    boost::asio::steady_timer deadline_;
    std::uint64_t deadline_number_ = 0;  ///< of the one that counts
    bool is_closed_ = false;
};

}  // namespace pueue::server
