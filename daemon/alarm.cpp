#include "daemon/alarm.hpp"

#include "protocol/base/result.hpp"

#include <boost/asio/buffer.hpp>

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

namespace pueue {

namespace {

int make_timer() {
    const int fd = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    PUEUE_CHECK(fd >= 0);
    return fd;
}

}  // namespace

WallAlarm::WallAlarm(boost::asio::io_context& loop, std::function<void()> ring)
    : timer_(loop, make_timer()), ring_(std::move(ring)) {}

void WallAlarm::set(std::optional<WallTime> time) {
    if (time == time_) {
        return;
    }
    time_ = time;
    itimerspec spec{};
    if (time) {
        // A zero time would switch the timer off, and the kernel knows no years beyond 64-bit
        // nanoseconds.
        constexpr std::int64_t seconds_max =
            std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
        spec.it_value.tv_sec = std::clamp<std::int64_t>(time->seconds, 0, seconds_max);
        spec.it_value.tv_nsec = std::min<std::uint32_t>(time->nanoseconds, 999'999'999);
        if (time->seconds <= 0) {
            spec.it_value.tv_nsec = std::max<std::int64_t>(spec.it_value.tv_nsec, 1);
        }
    }
    const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    PUEUE_CHECK(::timerfd_settime(timer_.native_handle(), flags, &spec, nullptr) == 0);
    if (time) {
        wait();
    }
}

void WallAlarm::wait() {
    if (std::exchange(waiting_, true)) {
        return;
    }
    const auto on_ready = [this](const boost::system::error_code& ec) {
        waiting_ = false;
        if (ec) {
            return;
        }
        // Empty the descriptor. ECANCELED: the clock was set; whoever asked looks at it again.
        const ssize_t n = ::read(timer_.native_handle(), &expirations_, sizeof expirations_);
        if (n < 0 && errno == EAGAIN) {
            if (time_) {
                wait();
            }
            return;
        }
        time_.reset();
        ring_();
    };
    timer_.async_wait(boost::asio::posix::stream_descriptor::wait_read, on_ready);
}

DeadlineAlarm::DeadlineAlarm(boost::asio::io_context& loop, std::function<void()> ring)
    : timer_(loop), ring_(std::move(ring)) {}

void DeadlineAlarm::set(std::optional<Instant> time) {
    if (time == time_) {
        return;
    }
    time_ = time;
    if (!time) {
        timer_.cancel();
        return;
    }
    // Instant and steady_clock are both CLOCK_MONOTONIC.
    const auto at = std::chrono::steady_clock::time_point(time->since_boot);
    timer_.expires_at(at);
    timer_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec) {
            time_.reset();
            ring_();
        }
    });
}

}  // namespace pueue
