#include "daemon/server/session.hpp"

#include "protocol/wire/bounds.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/frame.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <span>
#include <string>
#include <utility>

namespace pueue::server {

namespace asio = boost::asio;

namespace {

/// Replies up to this size wait for their reader as long as it likes: they cost nothing.
constexpr std::size_t piece_bytes = std::size_t{256} * 1024;
constexpr const char* log_target = "pueue::daemon::network";

}  // namespace

Session::Session(
    asio::io_context& loop,
    SessionId id,
    std::unique_ptr<Stream> stream,
    SessionFsm fsm,
    const SubmitCommand& submit,
    Logger& logger,
    Patience patience
)
    : id_(id),
      stream_(std::move(stream)),
      fsm_(fsm),
      submit_(submit),
      logger_(logger),
      frames_(0),
      loop_(loop),
      news_(loop),
      patience_(patience),
      deadline_(loop) {}

asio::awaitable<void> Session::run() {
    set_deadline(patience_.handshake, "Client didn't complete the handshake within 10s.");
    const Result<> connected = co_await stream_->handshake();
    if (connected.has_error()) {
        logger_.warn(log_target, connected.error().text);
        stream_->close();
        co_return;
    }
    SessionAction next = fsm_.start();
    for (;;) {
        if (const auto* read = std::get_if<ReadFrame>(&next)) {
            const Result<Bytes> frame = co_await read_frame(*read);
            if (frame.has_error()) {
                break;
            }
            const bool was_trusted = fsm_.is_trusted();
            next = fsm_.on_frame(frame.value());
            if (fsm_.is_trusted() && !was_trusted) {
                lift_deadline();
            }
        } else if (const auto* write = std::get_if<WriteFrame>(&next)) {
            const Result<> written = co_await write_frame(write->payload);
            if (written.has_error()) {
                break;
            }
            next = fsm_.on_written();
        } else if (auto* submit = std::get_if<Submit>(&next)) {
            submit_(id_, std::move(submit->command));
            const std::weak_ptr<Session> weak = weak_from_this();
            stream_->when_peer_closes([weak] {
                if (const std::shared_ptr<Session> self = weak.lock()) {
                    self->peer_closed();
                }
            });
            Bytes reply = co_await wait_for_answer();
            if (is_closed_) {
                break;
            }
            next = fsm_.on_reply(std::move(reply));
        } else {
            const Close close = std::get<Close>(next);
            if (!close.warning.empty()) {
                logger_.warn(log_target, close.warning);
            }
            boost::system::error_code ec;
            lift_deadline();
            deadline_.expires_after(close.delay);
            co_await deadline_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            break;
        }
    }
    stream_->close();
}

asio::awaitable<Result<Bytes>> Session::read_frame(ReadFrame limits) {
    frames_.limit(limits.bytes_max, limits.kept_bytes_max);
    for (;;) {
        Result<std::optional<Bytes>> next = frames_.next();
        if (next.has_error()) {
            logger_.error(
                log_target,
                "Client requested message size of " + std::to_string(frames_.announced()) +
                    ", but only " + std::to_string(limits.bytes_max) + " is allowed."
            );
            co_return std::move(next).error();
        }
        if (next.value()) {
            co_return std::move(*next.value());
        }
        // A stranger is under the handshake's deadline all the time.
        const bool must_go_on = fsm_.is_trusted() && frames_.is_inside_frame();
        if (must_go_on) {
            set_deadline(patience_.progress, "Client stopped in the middle of a request.");
        }
        const std::span<char> room = frames_.room();
        const Result<std::size_t> arrived = co_await stream_->read_some(room.data(), room.size());
        if (must_go_on) {
            lift_deadline();
        }
        if (arrived.has_error()) {
            co_return arrived.error();
        }
        frames_.filled(arrived.value());
    }
}

// In pieces, each of which has to get out in time.
asio::awaitable<Result<>> Session::write_frame(ByteView payload) {
    const bool is_long = payload.size() > piece_bytes;
    const std::array<char, 8> header = wire::frame_header(payload.size());
    for (bool is_first = true; is_first || !payload.empty(); is_first = false) {
        const ByteView piece = payload.substr(0, piece_bytes);
        payload.remove_prefix(piece.size());
        if (is_long) {
            set_deadline(patience_.progress, "Client stopped reading in the middle of a reply.");
        }
        Result<> written;
        if (is_first) {
            written = co_await stream_->write_frame(header, piece);
        } else {
            written = co_await stream_->write(piece);
        }
        if (is_long) {
            lift_deadline();
        }
        if (written.has_error()) {
            co_return written;
        }
    }
    co_return Result<>();
}

asio::awaitable<Bytes> Session::wait_for_answer() {
    while (!answer_ && !is_closed_) {
        if (followed_) {
            const bool goes_on = co_await show_log();
            if (!goes_on) {
                close();
            }
        } else {
            co_await wait_for_news();
        }
    }
    Bytes payload = answer_ ? std::move(*answer_) : Bytes();
    answer_.reset();
    followed_.reset();
    last_word_.reset();
    co_return payload;
}

// Once through the log, as far as it goes.
asio::awaitable<bool> Session::show_log() {
    // Looked at first: whatever was written before the end is in the file by now.
    const bool is_last = last_word_.has_value();
    if (followed_->is_gone()) {
        answer_ = wire::encode_response(wire::SuccessResponse{
            "Pueue: Log file has gone away. Has the task been removed?"});
        co_return true;
    }
    while (std::optional<std::string> text = followed_->read(is_last)) {
        wire::StreamResponse piece;
        piece.logs.emplace(followed_->task(), std::move(*text));
        const Bytes payload = wire::encode_response(std::move(piece));
        const std::array<char, 8> header = wire::frame_header(payload.size());
        const Result<> written = co_await stream_->write_frame(header, payload);
        if (written.has_error() || is_closed_) {
            co_return false;
        }
    }
    if (const int error = followed_->error(); error != 0) {
        answer_ = wire::encode_response(wire::FailureResponse{
            "Pueue Error: " + describe_os_error(error)});
    } else if (is_last) {
        answer_ = std::move(last_word_);
    } else {
        co_await wait_for_news();
    }
    co_return true;
}

asio::awaitable<void> Session::wait_for_news() {
    boost::system::error_code ec;
    while (!std::exchange(has_news_, false)) {
        news_.expires_at(std::chrono::steady_clock::time_point::max());
        co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

void Session::wake() {
    has_news_ = true;
    news_.cancel();
}

void Session::answer(Bytes payload) {
    answer_ = std::move(payload);
    wake();
}

void Session::follow(FollowedLog log) {
    const auto on_change = [this] { wake(); };
    followed_ = std::make_unique<LogFollower>(loop_, std::move(log), on_change);
    wake();
}

void Session::end_follow(bool is_removed) {
    if (followed_) {
        last_word_ = is_removed ? wire::encode_response(wire::FailureResponse{
                                      "Pueue: The followed task has been removed."})
                                : wire::encode_response(wire::CloseResponse{});
        wake();
    }
}

// Who only shut down its sending side still wants its answer; a log nobody reads has no end.
void Session::peer_closed() {
    if (followed_) {
        close();
    }
}

void Session::close() {
    is_closed_ = true;
    stream_->close();
    deadline_.cancel();
    wake();
}

void Session::set_deadline(std::chrono::milliseconds time, std::string warning) {
    const std::uint64_t number = ++deadline_number_;
    const std::weak_ptr<Session> weak = weak_from_this();
    deadline_.expires_after(time);
    deadline_.async_wait(
        [weak, number, warning = std::move(warning)](const boost::system::error_code& ec) {
            const std::shared_ptr<Session> self = weak.lock();
            // One that was lifted while this was on its way here does not count.
            if (!ec && self && self->deadline_number_ == number) {
                self->logger_.warn(log_target, warning);
                self->stream_->close();
            }
        }
    );
}

void Session::lift_deadline() {
    ++deadline_number_;
    deadline_.cancel();
}

}  // namespace pueue::server
