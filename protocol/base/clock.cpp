#include "protocol/base/clock.hpp"

#include "protocol/base/local_time.hpp"

#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace pueue {

namespace {

constexpr std::int64_t seconds_per_hour = 3600;
constexpr std::int64_t seconds_per_day = 86400;
constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;

// The proleptic Gregorian calendar, for any year that 64-bit seconds can reach. Years are counted
// from March, so that the leap day is the last of its year; 400 of them are one era.
struct Date {
    std::int64_t year = 0;
    std::int64_t month = 1;
    std::int64_t day = 1;
};

constexpr std::int64_t days_per_era = 146097;
constexpr std::int64_t days_from_era_to_epoch = 719468;

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

constexpr std::int64_t days_since_epoch(const Date& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = floor_divide(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t month = (date.month + 9) % 12;
    const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * days_per_era + day_of_era - days_from_era_to_epoch;
}

constexpr Date date_of_days(std::int64_t days) {
    const std::int64_t shifted = days + days_from_era_to_epoch;
    const std::int64_t era = floor_divide(shifted, days_per_era);
    const std::int64_t day_of_era = shifted - era * days_per_era;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    Date date;
    date.day = day_of_year - (153 * month + 2) / 5 + 1;
    date.month = month < 10 ? month + 3 : month - 9;
    date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
}

static_assert(days_since_epoch({1970, 1, 1}) == 0);
static_assert(days_since_epoch({2000, 3, 1}) == 11017);
static_assert(date_of_days(-1).year == 1969 && date_of_days(-1).day == 31);

constexpr std::int64_t days_in_month(std::int64_t year, std::int64_t month) {
    const Date next = month == 12 ? Date{year + 1, 1, 1} : Date{year, month + 1, 1};
    return days_since_epoch(next) - days_since_epoch({year, month, 1});
}

// What chrono can hold.
constexpr std::int64_t year_min = -262143;
constexpr std::int64_t year_max = 262142;
constexpr std::int64_t seconds_min = days_since_epoch({year_min, 1, 1}) * seconds_per_day;
constexpr std::int64_t seconds_max = days_since_epoch({year_max + 1, 1, 1}) * seconds_per_day - 1;

// Writes `value` with at least `digits` digits.
void append_number(std::string& to, std::int64_t value, int digits) {
    char buffer[20];
    char* const end = buffer + sizeof buffer;
    char* begin = end;
    for (; value > 0 || digits > 0; value /= 10, --digits) {
        *--begin = static_cast<char>('0' + value % 10);
    }
    to.append(begin, end);
}

void append_year(std::string& to, std::int64_t year) {
    if (year < 0 || year > 9999) {
        to.push_back(year < 0 ? '-' : '+');
    }
    append_number(to, year < 0 ? -year : year, 4);
}

void append_fraction(std::string& to, std::uint32_t nanoseconds) {
    if (nanoseconds == 0) {
        return;
    }
    to.push_back('.');
    if (nanoseconds % 1'000'000 == 0) {
        append_number(to, nanoseconds / 1'000'000, 3);
    } else if (nanoseconds % 1'000 == 0) {
        append_number(to, nanoseconds / 1'000, 6);
    } else {
        append_number(to, nanoseconds, 9);
    }
}

void append_offset(std::string& to, std::int32_t offset) {
    if (offset == 0) {
        to.push_back('Z');
        return;
    }
    const std::int64_t minutes = ((offset < 0 ? -offset : offset) + 30) / 60;
    to.push_back(offset < 0 ? '-' : '+');
    append_number(to, minutes / 60, 2);
    to.push_back(':');
    append_number(to, minutes % 60, 2);
}

constexpr const char* out_of_range = "input is out of range";
constexpr const char* impossible = "no possible date and time matching input";
constexpr const char* invalid_character = "input contains invalid characters";
constexpr const char* too_short = "premature end of input";
constexpr const char* too_long = "trailing input";

// How long the blank at the front is, if there is one: Unicode's White_Space, in UTF-8.
std::size_t blank_bytes(std::string_view text) {
    constexpr std::string_view ascii = " \t\n\v\f\r";
    if (text.empty() || ascii.find(text.front()) != std::string_view::npos) {
        return text.empty() ? 0 : 1;
    }
    if (text.starts_with("\xc2\x85") || text.starts_with("\xc2\xa0")) {
        return 2;
    }
    if (text.size() >= 3 && text.starts_with("\xe2\x80")) {
        const auto last = static_cast<unsigned char>(text[2]);
        return last <= 0x8a || last == 0xa8 || last == 0xa9 || last == 0xaf ? 3 : 0;
    }
    constexpr std::array<std::string_view, 3> others = {
        "\xe1\x9a\x80", "\xe2\x81\x9f", "\xe3\x80\x80"};
    return std::ranges::any_of(others, [&](auto other) { return text.starts_with(other); }) ? 3 : 0;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// One text being read from the front. The first thing that is wrong is kept; everything after it
/// reads nothing.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    void skip_blanks();
    void expect(char c);
    /// 1 to `digits_max` digits.
    std::int64_t number(std::size_t digits_max, std::int64_t min, std::int64_t max);
    std::int64_t year();
    std::uint32_t fraction();
    std::int32_t offset();
    void separator();
    void end();

    /// The text of the first error, or none.
    [[nodiscard]] const char* error() const { return error_; }
    void fail(const char* error);

  private:
    std::int64_t digits(std::size_t digits_max);
    std::int64_t two_digits(char first_max);
    [[nodiscard]] bool take(std::string_view text);

    std::string_view rest_;
    const char* error_ = nullptr;
};

void Scanner::fail(const char* error) {
    if (error_ == nullptr) {
        error_ = error;
    }
    rest_ = {};
}

bool Scanner::take(std::string_view text) {
    if (!rest_.starts_with(text)) {
        return false;
    }
    rest_.remove_prefix(text.size());
    return true;
}

void Scanner::skip_blanks() {
    while (const std::size_t bytes = blank_bytes(rest_)) {
        rest_.remove_prefix(bytes);
    }
}

void Scanner::expect(char c) {
    if (rest_.empty()) {
        fail(too_short);
    } else if (!take(std::string_view(&c, 1))) {
        fail(invalid_character);
    }
}

std::int64_t Scanner::digits(std::size_t digits_max) {
    if (rest_.empty() || !is_digit(rest_.front())) {
        fail(rest_.empty() ? too_short : invalid_character);
        return 0;
    }
    std::int64_t value = 0;
    for (std::size_t i = 0; i < digits_max && !rest_.empty() && is_digit(rest_.front()); ++i) {
        const std::int64_t digit = rest_.front() - '0';
        if (value > (std::numeric_limits<std::int64_t>::max() - digit) / 10) {
            fail(out_of_range);
            return 0;
        }
        value = value * 10 + digit;
        rest_.remove_prefix(1);
    }
    return value;
}

std::int64_t Scanner::number(std::size_t digits_max, std::int64_t min, std::int64_t max) {
    skip_blanks();
    const std::int64_t value = digits(digits_max);
    if (value < min || value > max) {
        fail(out_of_range);
    }
    return value;
}

std::int64_t Scanner::year() {
    skip_blanks();
    constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
    const bool negative = take("-");
    const bool positive = !negative && take("+");
    const std::int64_t value = digits(negative || positive ? any : 4);
    if (value > std::numeric_limits<std::int32_t>::max()) {
        fail(out_of_range);
    }
    return negative ? -value : value;
}

void Scanner::separator() {
    if (!take("T") && !take("t") && !take(" ")) {
        fail(rest_.empty() ? too_short : invalid_character);
    }
}

std::uint32_t Scanner::fraction() {
    if (!take(".")) {
        return 0;
    }
    const std::size_t before = rest_.size();
    auto value = static_cast<std::uint32_t>(digits(9));
    for (std::size_t read = before - rest_.size(); read < 9; ++read) {
        value *= 10;
    }
    rest_.remove_prefix(std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
    return value;
}

// Digits of an offset are all or nothing, unlike the numbers before it.
std::int64_t Scanner::two_digits(char first_max) {
    if (rest_.size() < 2) {
        fail(too_short);
        return 0;
    }
    if (!is_digit(rest_[0]) || !is_digit(rest_[1])) {
        fail(invalid_character);
        return 0;
    }
    if (rest_[0] > first_max) {
        fail(out_of_range);
        return 0;
    }
    const std::int64_t value = (rest_[0] - '0') * 10 + (rest_[1] - '0');
    rest_.remove_prefix(2);
    return value;
}

std::int32_t Scanner::offset() {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    if (rest_.size() >= 3 && lower(rest_[0]) == 'u' && lower(rest_[1]) == 't' &&
        lower(rest_[2]) == 'c') {
        rest_.remove_prefix(3);
        return 0;
    }
    if (take("Z") || take("z")) {
        return 0;
    }
    const bool negative = take("-") || take("\xe2\x88\x92");
    if (!negative && !take("+")) {
        fail(rest_.empty() ? too_short : invalid_character);
        return 0;
    }
    const std::int64_t hours = two_digits('9');
    do {
        skip_blanks();
    } while (take(":"));
    const std::int64_t minutes = two_digits('5');
    const auto offset = static_cast<std::int32_t>(hours * 3600 + minutes * 60);
    return negative ? -offset : offset;
}

void Scanner::end() {
    skip_blanks();
    if (!rest_.empty()) {
        fail(too_long);
    }
}

}  // namespace

Now read_clock() {
    const auto read = [](clockid_t clock) {
        timespec time{};
        PUEUE_CHECK(::clock_gettime(clock, &time) == 0);
        return time;
    };
    Now now;
    const timespec monotonic = read(CLOCK_MONOTONIC);
    now.instant.since_boot =
        std::chrono::seconds(monotonic.tv_sec) + std::chrono::nanoseconds(monotonic.tv_nsec);
    const timespec wall = read(CLOCK_REALTIME);
    now.wall = {wall.tv_sec, static_cast<std::uint32_t>(wall.tv_nsec)};
    // Up to 256 bytes come whole once the kernel's generator is ready, which it is before any
    // daemon starts.
    PUEUE_CHECK(
        ::getrandom(now.random.data(), now.random.size(), 0) ==
        static_cast<ssize_t>(now.random.size())
    );
    return now;
}

std::int32_t LocalOffset::at(std::int64_t seconds) {
    const std::int64_t hour = floor_divide(seconds, seconds_per_hour);
    if (is_known_ && hour == hour_) {
        return offset_;
    }
    // Zones change at any second, so an hour may be remembered if both its ends agree.
    const std::int32_t first = local_offset(hour * seconds_per_hour);
    const std::int32_t last = local_offset(hour * seconds_per_hour + seconds_per_hour - 1);
    if (first != last) {
        return local_offset(seconds);
    }
    hour_ = hour;
    offset_ = first;
    is_known_ = true;
    return offset_;
}

void append_rfc3339(std::string& to, const WallTime& time, LocalOffset& local) {
    const std::int64_t utc = std::clamp(time.seconds, seconds_min, seconds_max);
    std::int32_t offset = local.at(utc);
    if (utc + offset < seconds_min || utc + offset > seconds_max) {
        // Local time would be a text that nobody can read back; the original crashes here.
        offset = 0;
    }
    const std::int64_t seconds = utc + offset;
    const std::int64_t days = floor_divide(seconds, seconds_per_day);
    const std::int64_t second_of_day = seconds - days * seconds_per_day;
    const bool is_leap_second = time.nanoseconds >= nanoseconds_per_second;
    const Date date = date_of_days(days);
    append_year(to, date.year);
    to.push_back('-');
    append_number(to, date.month, 2);
    to.push_back('-');
    append_number(to, date.day, 2);
    to.push_back('T');
    append_number(to, second_of_day / 3600, 2);
    to.push_back(':');
    append_number(to, second_of_day / 60 % 60, 2);
    to.push_back(':');
    append_number(to, second_of_day % 60 + (is_leap_second ? 1 : 0), 2);
    append_fraction(to, time.nanoseconds % nanoseconds_per_second);
    append_offset(to, offset);
}

std::string to_rfc3339(const WallTime& time) {
    std::string text;
    LocalOffset local;
    append_rfc3339(text, time, local);
    return text;
}

Result<WallTime> from_rfc3339(std::string_view text) {
    Scanner scanner(text);
    Date date;
    date.year = scanner.year();
    scanner.skip_blanks();
    scanner.expect('-');
    date.month = scanner.number(2, 1, 12);
    scanner.skip_blanks();
    scanner.expect('-');
    date.day = scanner.number(2, 1, 31);
    scanner.separator();
    const std::int64_t hour = scanner.number(2, 0, 23);
    scanner.skip_blanks();
    scanner.expect(':');
    const std::int64_t minute = scanner.number(2, 0, 59);
    scanner.skip_blanks();
    scanner.expect(':');
    const std::int64_t second = scanner.number(2, 0, 60);
    const std::uint32_t fraction = scanner.fraction();
    scanner.skip_blanks();
    const std::int32_t offset = scanner.offset();
    scanner.end();
    if (scanner.error() == nullptr) {
        const bool exists = date.year >= year_min && date.year <= year_max &&
                            date.day <= days_in_month(date.year, date.month);
        if (!exists || offset <= -seconds_per_day || offset >= seconds_per_day) {
            scanner.fail(out_of_range);
        }
    }
    if (scanner.error() != nullptr) {
        return invalid(scanner.error());
    }
    const bool is_leap_second = second == 60;
    WallTime time;
    time.seconds = days_since_epoch(date) * seconds_per_day + hour * 3600 + minute * 60 +
                   (is_leap_second ? 59 : second) - offset;
    time.nanoseconds = fraction + (is_leap_second ? nanoseconds_per_second : 0);
    if (time.seconds < seconds_min || time.seconds > seconds_max) {
        return invalid(impossible);
    }
    return time;
}

}  // namespace pueue
