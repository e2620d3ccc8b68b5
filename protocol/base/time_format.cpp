#include "protocol/base/time_format.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pueue {

namespace {

constexpr std::array<std::string_view, 7> weekdays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months = {
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December"};

enum class Padding { zero, blank, none };

struct IsoWeek {
    std::int64_t year;
    int week;
};

bool is_leap(std::int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// Week 1 is the one with the year's first Thursday.
IsoWeek iso_week(const LocalTime& time) {
    const int weekday = (time.weekday + 6) % 7;  // 0 is Monday
    const int thursday = time.day_of_year - weekday + 3;
    const int days = is_leap(time.year) ? 366 : 365;
    if (thursday < 1) {
        return {time.year - 1, (thursday + (is_leap(time.year - 1) ? 366 : 365) - 1) / 7 + 1};
    }
    if (thursday > days) {
        return {time.year + 1, 1};
    }
    return {time.year, (thursday - 1) / 7 + 1};
}

std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
    return ((a % b) + b) % b;
}

std::string padded(std::int64_t value, std::size_t width, Padding padding, bool plus = false) {
    const std::string sign = value < 0 ? "-" : plus ? "+" : "";
    const std::string digits = std::to_string(value < 0 ? -value : value);
    const std::size_t taken = sign.size() + digits.size();
    if (padding == Padding::none || taken >= width) {
        return sign + digits;
    }
    const std::string fill(width - taken, padding == Padding::zero ? '0' : ' ');
    return padding == Padding::zero ? sign + fill + digits : fill + sign + digits;
}

std::string two(int value) {
    return padded(value, 2, Padding::zero);
}

class Formatter {
  public:
    Formatter(std::string_view format, const LocalTime& time) : rest_(format), time_(time) {}

    std::optional<std::string> run() {
        while (!rest_.empty()) {
            const std::size_t percent = rest_.find('%');
            out_ += rest_.substr(0, percent);
            if (percent == std::string_view::npos) {
                break;
            }
            rest_.remove_prefix(percent + 1);
            if (!specifier()) {
                return std::nullopt;
            }
        }
        return std::move(out_);
    }

  private:
    char take() {
        if (rest_.empty()) {
            return '\0';
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    bool take_text(std::string_view text) {
        if (!rest_.starts_with(text)) {
            return false;
        }
        rest_.remove_prefix(text.size());
        return true;
    }

    bool specifier() {
        if (dotted_fraction() || counted_fraction() || colon_offset()) {
            return true;
        }
        const char c = take();
        if (c == '-' || c == '_' || c == '0') {
            // Padding can be changed for numbers only.
            padding_ = c == '-' ? Padding::none : c == '_' ? Padding::blank : Padding::zero;
            return number(take());
        }
        padding_.reset();
        return number(c) || text(c) || composite(c);
    }

    bool dotted_fraction() {
        if (take_text(".f")) {
            const std::uint32_t n = time_.nanosecond;
            if (n != 0) {
                fraction(n % 1'000'000 == 0 ? 3 : n % 1'000 == 0 ? 6 : 9, ".");
            }
            return true;
        }
        for (const std::size_t digits : {3U, 6U, 9U}) {
            if (take_text("." + std::to_string(digits) + "f")) {
                fraction(digits, ".");
                return true;
            }
        }
        return false;
    }

    bool counted_fraction() {
        for (const std::size_t digits : {3U, 6U, 9U}) {
            if (take_text(std::to_string(digits) + "f")) {
                fraction(digits, "");
                return true;
            }
        }
        return false;
    }

    void fraction(std::size_t digits, std::string_view dot) {
        out_ += dot;
        out_ += padded(time_.nanosecond, 9, Padding::zero).substr(0, digits);
    }

    bool colon_offset() {
        if (take_text(":::z")) {
            const int hours = std::abs(time_.offset) / 3600;
            out_ += (time_.offset < 0 ? "-" : "+") + two(hours);
            return true;
        }
        if (take_text("::z")) {
            offset(":", true);
            return true;
        }
        if (take_text(":z")) {
            offset(":", false);
            return true;
        }
        return false;
    }

    // Rounded to the minute unless seconds are wanted.
    void offset(std::string_view colon, bool with_seconds) {
        const int seconds = std::abs(time_.offset);
        const int minutes = with_seconds ? seconds / 60 : (seconds + 30) / 60;
        out_ += time_.offset < 0 ? '-' : '+';
        out_ += two(minutes / 60);
        out_ += colon;
        out_ += two(minutes % 60);
        if (with_seconds) {
            out_ += colon;
            out_ += two(seconds % 60);
        }
    }

    void put(std::int64_t value, std::size_t width, Padding otherwise = Padding::zero) {
        out_ += padded(value, width, padding_.value_or(otherwise));
    }

    void put_year(std::int64_t year) {
        const bool plus = year > 9999;
        const Padding padding = padding_.value_or(Padding::zero);
        out_ += padded(year, year < 0 || plus ? 5 : 4, padding, plus);
    }

    [[nodiscard]] int hour_of_twelve() const {
        const int hour = time_.hour % 12;
        return hour == 0 ? 12 : hour;
    }

    bool date_number(char c) {
        const int monday_based = (time_.weekday + 6) % 7;
        switch (c) {
            case 'Y':
                put_year(time_.year);
                return true;
            case 'G':
                put_year(iso_week(time_).year);
                return true;
            case 'C':
                put((time_.year - floor_mod(time_.year, 100)) / 100, 2);
                return true;
            case 'y':
                put(floor_mod(time_.year, 100), 2);
                return true;
            case 'g':
                put(floor_mod(iso_week(time_).year, 100), 2);
                return true;
            case 'q':
                put((time_.month - 1) / 3 + 1, 1);
                return true;
            case 'm':
                put(time_.month, 2);
                return true;
            case 'd':
                put(time_.day, 2);
                return true;
            case 'e':
                put(time_.day, 2, Padding::blank);
                return true;
            case 'j':
                put(time_.day_of_year, 3);
                return true;
            case 'U':
                put((time_.day_of_year + 6 - time_.weekday) / 7, 2);
                return true;
            case 'W':
                put((time_.day_of_year + 6 - monday_based) / 7, 2);
                return true;
            case 'V':
                put(iso_week(time_).week, 2);
                return true;
            case 'u':
                put(monday_based + 1, 1);
                return true;
            case 'w':
                put(time_.weekday, 1);
                return true;
            default:
                return false;
        }
    }

    bool number(char c) {
        if (date_number(c)) {
            return true;
        }
        switch (c) {
            case 'H':
                put(time_.hour, 2);
                return true;
            case 'k':
                put(time_.hour, 2, Padding::blank);
                return true;
            case 'I':
                put(hour_of_twelve(), 2);
                return true;
            case 'l':
                put(hour_of_twelve(), 2, Padding::blank);
                return true;
            case 'M':
                put(time_.minute, 2);
                return true;
            case 'S':
                put(time_.second, 2);
                return true;
            case 'f':
                put(time_.nanosecond, 9);
                return true;
            case 's':
                put(time_.unix_seconds, 1);
                return true;
            default:
                return false;
        }
    }

    bool text(char c) {
        const std::string_view weekday = weekdays[static_cast<std::size_t>(time_.weekday)];
        const std::string_view month = months[static_cast<std::size_t>(time_.month - 1)];
        switch (c) {
            case 'A':
                out_ += weekday;
                return true;
            case 'a':
                out_ += weekday.substr(0, 3);
                return true;
            case 'B':
                out_ += month;
                return true;
            case 'b':
            case 'h':
                out_ += month.substr(0, 3);
                return true;
            case 'p':
                out_ += time_.hour < 12 ? "AM" : "PM";
                return true;
            case 'P':
                out_ += time_.hour < 12 ? "am" : "pm";
                return true;
            case 'z':
                offset("", false);
                return true;
            case 'Z':
                offset(":", time_.offset % 60 != 0);
                return true;
            case 'n':
                out_ += '\n';
                return true;
            case 't':
                out_ += '\t';
                return true;
            case '%':
                out_ += '%';
                return true;
            default:
                return false;
        }
    }

    bool composite(char c) {
        switch (c) {
            case 'D':
            case 'x':
                return inner("%m/%d/%y");
            case 'F':
                return inner("%Y-%m-%d");
            case 'R':
                return inner("%H:%M");
            case 'T':
            case 'X':
                return inner("%H:%M:%S");
            case 'c':
                return inner("%a %b %e %H:%M:%S %Y");
            case 'r':
                return inner("%I:%M:%S %p");
            case 'v':
                return inner("%e-%b-%Y");
            case '+':
                return inner("%Y-%m-%dT%H:%M:%S%.f%:z");
            default:
                return false;
        }
    }

    bool inner(std::string_view format) {
        const auto text = Formatter(format, time_).run();
        out_ += text.value_or("");
        return text.has_value();
    }

    std::string_view rest_;
    const LocalTime& time_;
    std::optional<Padding> padding_;
    std::string out_;
};

}  // namespace

std::optional<std::string> format_time(std::string_view format, const LocalTime& time) {
    return Formatter(format, time).run();
}

}  // namespace pueue
