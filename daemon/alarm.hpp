// Two timers that exist only while something is due. The wall alarm follows the wall clock even
// when it is set: a task stashed until 17:00 starts when the clock says 17:00, not after the hours
// that were left before somebody corrected the clock.
#pragma once

#include "protocol/base/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <optional>

namespace pueue {

class WallAlarm {
  public:
    /// `ring` is called on the loop when the time has come, and when the wall clock was set.
    WallAlarm(boost::asio::io_context& loop, std::function<void()> ring);

    /// Replaces the earlier time; none switches the alarm off. The past rings at once.
    void set(std::optional<WallTime> time);

  private:
    void wait();

    boost::asio::posix::stream_descriptor timer_;
    std::function<void()> ring_;
    std::optional<WallTime> time_;
    std::uint64_t expirations_ = 0;
    bool waiting_ = false;
};

class DeadlineAlarm {
  public:
    DeadlineAlarm(boost::asio::io_context& loop, std::function<void()> ring);

    void set(std::optional<Instant> time);

  private:
    boost::asio::steady_timer timer_;
    std::function<void()> ring_;
    std::optional<Instant> time_;
};

}  // namespace pueue
