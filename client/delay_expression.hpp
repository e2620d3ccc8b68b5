// What a text of --delay says, before it is known what time it is: a day, and perhaps a time. The
// grammar is that of the original's date parser, oddities included; each has a remark where it is.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace pueue::client::delay {

struct Date {
    int year = 0;
    int month = 1;
    int day = 1;
};

struct TimeOfDay {
    int hour = 0;
    int minute = 0;
    int second = 0;
    int microsecond = 0;
    std::optional<int> zone_minutes;  ///< east of Greenwich

    [[nodiscard]] std::int64_t seconds() const {
        return std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second;
    }
};

enum class Direction { none, next, last, here };

// What the text says about the day, before it is known what time it says.
struct ExactDate {
    Date date;
};
struct MonthAndDay {  ///< of this year, or the next or last time it comes
    int month;
    int day;
    Direction direction;
};
struct Weekday {
    int day;  ///< 0 is Monday
    Direction direction;
};
struct Seconds {
    std::int64_t count;
};
struct Days {
    std::int64_t count;
};
struct Months {
    std::int64_t count;
};
using Day = std::variant<ExactDate, MonthAndDay, Weekday, Seconds, Days, Months>;

struct Expression {
    Day day = Days{0};
    std::optional<TimeOfDay> time;
};

/// Nothing if the text makes no sense. Whether the day exists is not looked at.
[[nodiscard]] std::optional<Expression> parse_expression(std::string_view text);

}  // namespace pueue::client::delay
