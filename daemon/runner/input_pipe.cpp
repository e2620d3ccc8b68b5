#include "daemon/runner/input_pipe.hpp"

#include "daemon/runner/rust_error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace pueue::runner {

namespace asio = boost::asio;

InputPipe::InputPipe(asio::io_context& loop, UniqueFd write_end) : pipe_(loop) {
    // The read end is another file description: the task does not notice.
    ::fcntl(write_end.get(), F_SETFL, O_WRONLY | O_NONBLOCK);
    pipe_.assign(write_end.release());
}

InputPipe::~InputPipe() {
    while (!inputs_.empty()) {
        finish_first(rust_debug_os_error(EPIPE));
    }
}

void InputPipe::send(std::string input, Sent sent) {
    // Compat: nothing to write is a success even if nobody can read it
    // [send-to-a-closed-pipe].
    inputs_.push_back({std::move(input), std::move(sent)});
    if (!waits_) {
        write();
    }
}

void InputPipe::write() {
    while (!inputs_.empty()) {
        std::string& rest = inputs_.front().rest;
        if (rest.empty()) {
            finish_first(std::nullopt);
            continue;
        }
        const ssize_t n = ::write(pipe_.native_handle(), rest.data(), rest.size());
        if (n >= 0) {
            rest.erase(0, static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            wait_for_room();
            return;
        } else if (errno != EINTR) {
            finish_first(rust_debug_os_error(errno));
        }
    }
}

void InputPipe::wait_for_room() {
    waits_ = true;
    const std::weak_ptr<int> weak = alive_;
    const auto on_room = [this, weak](const boost::system::error_code& ec) {
        if (ec || weak.expired()) {
            return;
        }
        waits_ = false;
        write();
    };
    pipe_.async_wait(asio::posix::stream_descriptor::wait_write, on_room);
}

void InputPipe::finish_first(std::optional<std::string> error) {
    const Sent sent = std::move(inputs_.front().sent);
    inputs_.pop_front();
    sent(std::move(error));
}

}  // namespace pueue::runner
