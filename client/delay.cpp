#include "client/delay.hpp"

#include "client/cli/values.hpp"
#include "client/delay_expression.hpp"
#include "protocol/base/local_time.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <variant>

namespace pueue::client {

namespace {

using namespace delay;

constexpr std::int64_t seconds_per_day = 86400;

int days_in_month(std::int64_t year, int month) {
    const std::int64_t next = seconds_of_civil(year, month + 1, 1);
    return static_cast<int>((next - seconds_of_civil(year, month, 1)) / seconds_per_day);
}

bool exists(const Date& date) {
    return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= days_in_month(date.year, date.month);
}

// Local clock readings, as seconds since 1970 with the zone left out.
class Resolver {
  public:
    explicit Resolver(const WallTime& now)
        : now_(now), local_(to_local(now)), civil_now_(now.seconds + local_.offset) {}

    [[nodiscard]] std::optional<WallTime> resolve(const Expression& expression) const {
        if (const auto* seconds = std::get_if<Seconds>(&expression.day)) {
            return WallTime{now_.seconds + seconds->count, now_.nanoseconds};
        }
        const auto midnight = midnight_of(expression.day, expression.time.value_or(TimeOfDay{}));
        if (!midnight) {
            return std::nullopt;
        }
        if (!expression.time && std::holds_alternative<Days>(expression.day)) {
            const std::int64_t civil = *midnight + time_of_day();
            return WallTime{civil - local_offset(civil), now_.nanoseconds};
        }
        return instant(*midnight, expression.time.value_or(TimeOfDay{}));
    }

  private:
    [[nodiscard]] std::int64_t time_of_day() const {
        return ((civil_now_ % seconds_per_day) + seconds_per_day) % seconds_per_day;
    }
    [[nodiscard]] std::int64_t today() const { return civil_now_ - time_of_day(); }

    // Compat: the original looks the offset up as if the local time were UTC, and measures a zone
    // from the offset at midnight. Both show only on days when the clock changes
    // [client/delay-dst.tsv].
    static WallTime instant(std::int64_t midnight, const TimeOfDay& time) {
        const std::int64_t civil = midnight + time.seconds();
        std::int64_t seconds = civil - local_offset(civil);
        if (time.zone_minutes) {
            // The midnight before it, that is: an hour above 23 is one of a later day.
            seconds += local_offset(midnight + time.hour / 24 * seconds_per_day) -
                       std::int64_t{*time.zone_minutes} * 60;
        }
        return {seconds, static_cast<std::uint32_t>(time.microsecond) * 1000};
    }

    [[nodiscard]] std::optional<std::int64_t> midnight_of(const Day& day, const TimeOfDay& time)
        const {
        if (const auto* exact = std::get_if<ExactDate>(&day)) {
            return midnight_of_date(exact->date);
        }
        if (const auto* named = std::get_if<MonthAndDay>(&day)) {
            return midnight_of_named(*named);
        }
        if (const auto* weekday = std::get_if<Weekday>(&day)) {
            return midnight_of_weekday(*weekday, time);
        }
        if (const auto* days = std::get_if<Days>(&day)) {
            return today() + days->count * seconds_per_day;
        }
        return midnight_in_months(std::get<Months>(day).count);
    }

    static std::optional<std::int64_t> midnight_of_date(const Date& date) {
        if (!exists(date)) {
            return std::nullopt;
        }
        return seconds_of_civil(date.year, date.month, date.day);
    }

    // Shifts a year only when it has to.
    [[nodiscard]] std::optional<std::int64_t> midnight_of_named(const MonthAndDay& named) const {
        Date date{static_cast<int>(local_.year), named.month, named.day};
        const auto this_year = midnight_of_date(date);
        if (!this_year) {
            return std::nullopt;
        }
        if (named.direction == Direction::next && *this_year < today()) {
            ++date.year;
        } else if (named.direction == Direction::last && *this_year > today()) {
            --date.year;
        }
        return midnight_of_date(date);
    }

    [[nodiscard]] std::optional<std::int64_t> midnight_of_weekday(
        const Weekday& weekday, const TimeOfDay& time
    ) const {
        const int today_weekday = (local_.weekday + 6) % 7;
        int days = weekday.day - today_weekday;
        const bool last = weekday.direction == Direction::last;
        const bool time_passed = time.seconds() < time_of_day();
        if (days == 0) {
            // Of today's two candidates the time of the day decides, if it is one of a day.
            if (time.seconds() >= seconds_per_day) {
                return std::nullopt;
            }
            days = last ? (time_passed ? 0 : -7) : (time_passed ? 7 : 0);
        } else if (last && days > 0) {
            days -= 7;
        } else if (!last && days < 0) {
            days += 7;
        }
        return today() + days * seconds_per_day;
    }

    [[nodiscard]] std::optional<std::int64_t> midnight_in_months(std::int64_t months) const {
        const std::int64_t month_count = local_.year * 12 + (local_.month - 1) + months;
        const std::int64_t month = ((month_count % 12) + 12) % 12;
        const std::int64_t year = (month_count - month) / 12;
        Date date{static_cast<int>(year), static_cast<int>(month) + 1, local_.day};
        date.day = std::min(date.day, days_in_month(date.year, date.month));
        return midnight_of_date(date);
    }

    WallTime now_;
    LocalTime local_;
    std::int64_t civil_now_;
};

Result<WallTime> after_seconds(std::int64_t seconds, const WallTime& now) {
    // What the original can hold, in milliseconds; and the end of its calendar, where it panics.
    constexpr std::int64_t duration_max = std::numeric_limits<std::int64_t>::max() / 1000;
    constexpr std::int64_t calendar_max = 8'210'266'876'799;
    constexpr std::int64_t calendar_min = -8'334'601'228'800;
    const bool fits = seconds >= -duration_max && seconds <= duration_max &&
                      now.seconds + seconds >= calendar_min &&
                      now.seconds + seconds <= calendar_max;
    if (!fits) {
        return invalid("Failed to get timedelta from " + std::to_string(seconds) + " seconds");
    }
    return WallTime{now.seconds + seconds, now.nanoseconds};
}

}  // namespace

Result<WallTime> parse_delay(std::string_view text, const WallTime& now) {
    if (const auto seconds = cli::parse_signed(text); seconds.has_value()) {
        return after_seconds(*seconds, now);
    }
    const auto expression = parse_expression(text);
    const auto time = expression ? Resolver(now).resolve(*expression) : std::nullopt;
    if (!time) {
        return invalid("could not parse as seconds or date expression");
    }
    return *time;
}

}  // namespace pueue::client
