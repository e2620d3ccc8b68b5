// Instants as people see them: the calendar and the clock of the local zone (TZ, else the
// system's).
#pragma once

#include "protocol/base/clock.hpp"

#include <cstdint>

namespace pueue {

struct LocalTime {
    std::int64_t year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;  ///< 60 in a leap second
    std::uint32_t nanosecond = 0;
    int weekday = 4;          ///< 0 is Sunday
    int day_of_year = 1;      ///< from 1
    std::int32_t offset = 0;  ///< seconds east of Greenwich
    std::int64_t unix_seconds = 0;

    [[nodiscard]] bool same_date(const LocalTime& other) const {
        return year == other.year && month == other.month && day == other.day;
    }
};

[[nodiscard]] LocalTime to_local(const WallTime& time);

/// The offset of the local zone at this instant, seconds east of Greenwich.
[[nodiscard]] std::int32_t local_offset(std::int64_t unix_seconds);

/// Seconds since 1970 of a date and time read as UTC; months and days may be out of range and carry
/// over.
[[nodiscard]] std::int64_t seconds_of_civil(
    std::int64_t year, int month, int day, std::int64_t second_of_day = 0
);

/// The instant at which a local clock shows this date and time: the first one if it shows it twice,
/// the end of the gap if it never does.
[[nodiscard]] std::int64_t instant_of_local(
    std::int64_t year, int month, int day, std::int64_t second_of_day
);

}  // namespace pueue
