// Two kinds of time, and the text forms of one of them.
//
// `WallTime` is what people and files see; its range is chrono's (years to ±262142), which 64-bit
// nanoseconds cannot hold. `Instant` is for deadlines and never jumps. Both are values: nothing in
// this file but `read_clock` looks at a clock, and only the text functions look at the time zone.
#pragma once

#include "protocol/base/result.hpp"

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace pueue {

/// Seconds and nanoseconds since 1970-01-01T00:00:00Z. A leap second is kept the way chrono keeps
/// it: second 59 with `nanoseconds` from 1'000'000'000 to 1'999'999'999.
struct WallTime {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;

    auto operator<=>(const WallTime&) const = default;
};

/// CLOCK_MONOTONIC.
struct Instant {
    std::chrono::nanoseconds since_boot{0};

    auto operator<=>(const Instant&) const = default;
};

/// Everything of the moment that a decision may depend on. `random` is fresh in each `Now`.
struct Now {
    Instant instant;
    WallTime wall;
    std::array<std::uint8_t, 16> random{};
};

/// The real clocks and getrandom(2).
[[nodiscard]] Now read_clock();

/// `2026-11-24T18:14:17.5+01:00` in the local zone as chrono prints it: 0, 3, 6 or 9 digits of
/// fraction, the offset rounded to a minute, `Z` when it is zero. A time beyond chrono's range
/// becomes the nearest one in it. Contract: pueued 2.2.
[[nodiscard]] std::string to_rfc3339(const WallTime& time);

/// How far the local zone is ahead of UTC. Remembers the hour it was asked about last, so that the
/// times of 50,000 tasks do not cost 150,000 look-ups in the zone's tables.
class LocalOffset {
  public:
    /// In seconds. `seconds` counts from 1970-01-01T00:00:00Z.
    [[nodiscard]] std::int32_t at(std::int64_t seconds);

  private:
    std::int64_t hour_ = 0;
    std::int32_t offset_ = 0;
    bool is_known_ = false;
};

/// Appends what to_rfc3339 returns.
void append_rfc3339(std::string& to, const WallTime& time, LocalOffset& local);

/// The relaxed form that both 4.0.4 programs accept (pueued 2.2). Error: invalid, with chrono's
/// text.
[[nodiscard]] Result<WallTime> from_rfc3339(std::string_view text);

}  // namespace pueue
