// The log of one task as a client that follows it gets it: what is there, then what is added, in
// bounded pieces. Woken by the file system, never by a clock.
#pragma once

#include "daemon/server/lossy_utf8.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/model/ids.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pueue::server {

/// An open log and where to begin in it.
struct FollowedLog {
    TaskId task;
    UniqueFd file;
    std::string path;
    std::uint64_t offset = 0;
};

class LogFollower {
  public:
    /// `changed` is called on the loop when the file may have grown or gone, until the end of this
    /// object.
    LogFollower(boost::asio::io_context& loop, FollowedLog log, std::function<void()> changed);
    ~LogFollower();
    LogFollower(const LogFollower&) = delete;
    LogFollower& operator=(const LogFollower&) = delete;

    /// The next piece of text; none at the present end. `is_last`: nothing will be added any more.
    [[nodiscard]] std::optional<std::string> read(bool is_last);
    /// errno, if the last read() ended because the file cannot be read.
    [[nodiscard]] int error() const { return error_; }
    /// Somebody removed the file.
    [[nodiscard]] bool is_gone() const;
    [[nodiscard]] TaskId task() const { return log_.task; }

  private:
    void watch();

    FollowedLog log_;
    std::function<void()> changed_;
    LossyUtf8 decoder_;
    int error_ = 0;
    std::unique_ptr<boost::asio::posix::stream_descriptor> events_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace pueue::server
