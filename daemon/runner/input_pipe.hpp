// The write end of one task's standard input. Inputs are written one after the other, as far as the
// pipe takes them and then when it has room again; a task that does not read delays only its
// senders.
#pragma once

#include "daemon/runner/runner.hpp"
#include "protocol/base/fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pueue::runner {

class InputPipe {
  public:
    /// Called once for each input: everything is in the pipe, or this is the system's answer in
    /// Rust's Debug form.
    using Sent = std::function<void(std::optional<std::string> error)>;

    InputPipe(boost::asio::io_context& loop, UniqueFd write_end);
    /// What is not written yet is reported as a broken pipe.
    ~InputPipe();
    InputPipe(const InputPipe&) = delete;
    InputPipe& operator=(const InputPipe&) = delete;

    void send(std::string input, Sent sent);

  private:
    struct Input {
        std::string rest;
        Sent sent;
    };

    void write();
    void wait_for_room();
    void finish_first(std::optional<std::string> error);

    boost::asio::posix::stream_descriptor pipe_;
    std::deque<Input> inputs_;
    bool waits_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace pueue::runner
