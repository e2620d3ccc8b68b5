#include "protocol/base/local_time.hpp"

#include <time.h>

#include <algorithm>

namespace pueue {

namespace {

constexpr std::int64_t seconds_per_day = 86400;
constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;

// localtime_r need not look at TZ; the first use does.
void initialise_zone() {
    static const bool done = [] {
        ::tzset();
        return true;
    }();
    static_cast<void>(done);
}

}  // namespace

LocalTime to_local(const WallTime& time) {
    initialise_zone();
    const time_t seconds = time.seconds;
    std::tm local{};
    // Fails for years that do not fit an int only.
    if (::localtime_r(&seconds, &local) == nullptr) {
        return {};
    }
    LocalTime out;
    out.year = std::int64_t{local.tm_year} + 1900;
    out.month = local.tm_mon + 1;
    out.day = local.tm_mday;
    out.hour = local.tm_hour;
    out.minute = local.tm_min;
    const bool leap = time.nanoseconds >= nanoseconds_per_second;
    out.second = local.tm_sec + (leap ? 1 : 0);
    out.nanosecond = leap ? time.nanoseconds - nanoseconds_per_second : time.nanoseconds;
    out.weekday = local.tm_wday;
    out.day_of_year = local.tm_yday + 1;
    out.offset = static_cast<std::int32_t>(local.tm_gmtoff);
    out.unix_seconds = time.seconds;
    return out;
}

std::int32_t local_offset(std::int64_t unix_seconds) {
    return to_local({unix_seconds, 0}).offset;
}

std::int64_t seconds_of_civil(std::int64_t year, int month, int day, std::int64_t second_of_day) {
    std::tm civil{};
    civil.tm_year = static_cast<int>(year - 1900);
    civil.tm_mon = month - 1;
    civil.tm_mday = day;
    return ::timegm(&civil) + second_of_day;
}

std::int64_t instant_of_local(std::int64_t year, int month, int day, std::int64_t second_of_day) {
    const std::int64_t civil = seconds_of_civil(year, month, day, second_of_day);
    // No zone changes its offset twice within two days: it is the one before or the one after.
    const std::int32_t before = local_offset(civil - seconds_per_day);
    const std::int32_t after = local_offset(civil + seconds_per_day);
    const std::int64_t early = civil - std::max(before, after);
    const std::int64_t late = civil - std::min(before, after);
    if (early + local_offset(early) == civil) {
        return early;
    }
    if (late + local_offset(late) == civil) {
        return late;
    }
    // In a gap: the change itself is where the offset first differs from the one before.
    std::int64_t low = early;
    std::int64_t high = late;
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (local_offset(middle) == before ? low : high) = middle;
    }
    return high;
}

}  // namespace pueue
