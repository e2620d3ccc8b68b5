#include "client/delay.hpp"

#include "client/cli/values.hpp"
#include "protocol/base/local_time.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <variant>

namespace pueue::client {

namespace {

constexpr std::int64_t seconds_per_day = 86400;
constexpr int noon = 12;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// A number of at most four digits, a word, a punctuation mark. Anything else ends the text that is
// looked at, and is a mistake only where something was expected.
struct Token {
    enum class Kind { end, number, word, mark, unknown };
    Kind kind = Kind::end;
    std::string_view text;
    int value = 0;

    [[nodiscard]] bool is(char mark) const { return kind == Kind::mark && text[0] == mark; }
    [[nodiscard]] bool is_number() const { return kind == Kind::number; }
    [[nodiscard]] bool is_word() const { return kind == Kind::word; }
};

class Tokens {
  public:
    explicit Tokens(std::string_view text) : rest_(text) {}

    [[nodiscard]] Token peek() const {
        std::string_view rest = rest_;
        return scan(rest);
    }
    Token take() { return scan(rest_); }
    bool take(char mark) {
        const bool there = peek().is(mark);
        if (there) {
            take();
        }
        return there;
    }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    static Token scan(std::string_view& rest) {
        constexpr std::size_t digits_max = 4;
        while (rest.starts_with(' ')) {
            rest.remove_prefix(1);
        }
        if (rest.empty()) {
            return {};
        }
        Token token{Token::Kind::unknown, rest.substr(0, 1), 0};
        std::size_t size = 1;
        if (is_digit(rest[0])) {
            token.kind = Token::Kind::number;
            size = 0;
            while (size < rest.size() && size < digits_max && is_digit(rest[size])) {
                token.value = token.value * 10 + (rest[size++] - '0');
            }
        } else if (is_letter(rest[0])) {
            token.kind = Token::Kind::word;
            while (size < rest.size() && is_letter(rest[size])) {
                ++size;
            }
        } else if (std::string_view("-/:.,+").find(rest[0]) != std::string_view::npos) {
            token.kind = Token::Kind::mark;
        }
        token.text = rest.substr(0, size);
        rest.remove_prefix(size);
        return token;
    }

    std::string_view rest_;
};

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
        return std::int64_t{hour} * 3600 + minute * 60 + second;
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

std::optional<int> month_by_name(std::string_view word) {
    constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
    const std::string start = lower(word.substr(0, 3));
    for (std::size_t i = 0; start.size() == 3 && i < names.size(); i += 3) {
        if (names.substr(i, 3) == start) {
            return static_cast<int>(i / 3) + 1;
        }
    }
    return std::nullopt;
}

std::optional<int> weekday_by_name(std::string_view word) {
    constexpr std::string_view names = "montuewedthufrisatsun";
    const std::string start = lower(word.substr(0, 3));
    for (std::size_t i = 0; start.size() == 3 && i < names.size(); i += 3) {
        if (names.substr(i, 3) == start) {
            return static_cast<int>(i / 3);
        }
    }
    return std::nullopt;
}

// One letter alone, or two letters and whatever follows them.
std::optional<Day> units(std::string_view word, std::int64_t count) {
    const std::string text = lower(word);
    const auto matches = [&](std::string_view start) {
        return text == start.substr(0, 1) || text.starts_with(start);
    };
    if (text.starts_with("mo")) {
        return Months{count};
    }
    if (matches("se")) {
        return Seconds{count};
    }
    if (matches("mi")) {
        return Seconds{count * 60};
    }
    if (matches("ho")) {
        return Seconds{count * 3600};
    }
    if (matches("da")) {
        return Days{count};
    }
    if (matches("we")) {
        return Days{count * 7};
    }
    if (matches("ye")) {
        return Months{count * 12};
    }
    return std::nullopt;
}

Day negated(const Day& day) {
    if (const auto* seconds = std::get_if<Seconds>(&day)) {
        return Seconds{-seconds->count};
    }
    if (const auto* days = std::get_if<Days>(&day)) {
        return Days{-days->count};
    }
    return Months{-std::get<Months>(day).count};
}

// The hour of a twelve-hour clock.
int hour_of_half(int hour, bool afternoon) {
    if (hour == noon) {
        return afternoon ? noon : 0;
    }
    return afternoon ? hour + noon : hour;
}

// "am" or "pm" in any case. Compat: upper case after a date makes the original panic.
std::optional<bool> is_afternoon(const Token& token) {
    const std::string word = token.is_word() ? lower(token.text) : "";
    if (word != "am" && word != "pm") {
        return std::nullopt;
    }
    return word == "pm";
}

struct Expression {
    Day day = Days{0};
    std::optional<TimeOfDay> time;
};

// Every function returns nothing where the text makes no sense.
class ExpressionParser {
  public:
    explicit ExpressionParser(std::string_view text) : tokens_(text) {}

    std::optional<Expression> run() {
        Expression out;
        const auto day = read_day(out);
        if (!day) {
            return std::nullopt;
        }
        out.day = *day;
        if (!out.time && !read_time(out.time)) {
            return std::nullopt;
        }
        return out;
    }

  private:
    // Sets out.time if the text is a time of today.
    std::optional<Day> read_day(Expression& out) {
        const Token first = tokens_.take();
        if (first.is('-')) {
            const Token count = tokens_.take();
            return count.is_number() ? read_units(count.value, true) : std::nullopt;
        }
        if (first.is_number()) {
            return read_after_number(first, Direction::none, out);
        }
        return first.is_word() ? read_after_word(first.text, out) : std::nullopt;
    }

    std::optional<Day> read_after_word(std::string_view word, Expression& out) {
        const std::string name = lower(word);
        if (name == "now" || name == "today") {
            return Days{0};
        }
        if (name == "tomorrow") {
            return Days{1};
        }
        if (name == "yesterday") {
            return Days{-1};
        }
        const Direction direction = name == "next"   ? Direction::next
                                    : name == "last" ? Direction::last
                                    : name == "this" ? Direction::here
                                                     : Direction::none;
        if (direction == Direction::none) {
            return read_named_day(word, direction);
        }
        const Token next = tokens_.take();
        if (next.is_number()) {
            return read_after_number(next, direction, out);
        }
        return next.is_word() ? read_named_day(next.text, direction) : std::nullopt;
    }

    std::optional<Day> read_named_day(std::string_view word, Direction direction) {
        if (const auto month = month_by_name(word)) {
            return read_after_month(*month, direction);
        }
        if (const auto weekday = weekday_by_name(word)) {
            return Weekday{*weekday, direction};
        }
        const int count = direction == Direction::next ? 1 : direction == Direction::last ? -1 : 0;
        return units(word, count);
    }

    // MONTH [DAY [, YEAR]]
    std::optional<Day> read_after_month(int month, Direction direction) {
        const Token next = tokens_.take();
        if (!next.is_number()) {
            return MonthAndDay{month, 1, direction};  // Compat: whatever it was is passed over
        }
        const int day = next.value;
        if (!tokens_.take(',')) {
            return MonthAndDay{month, day, direction};
        }
        const Token year = tokens_.take();
        if (!year.is_number()) {
            return std::nullopt;
        }
        return ExactDate{{year.value, month, day}};
    }

    std::optional<Day> read_after_number(
        const Token& number, Direction direction, Expression& out
    ) {
        const Token next = tokens_.peek();
        const bool directed = direction != Direction::none;
        switch (next.kind) {
            case Token::Kind::end:
                return directed ? std::nullopt
                                : std::optional<Day>(ExactDate{{number.value, 1, 1}});
            case Token::Kind::word:
                return read_number_and_word(number, direction, out);
            case Token::Kind::mark:
                break;
            case Token::Kind::number:
            case Token::Kind::unknown:
                return std::nullopt;
        }
        if (next.is('/')) {
            return read_month_slash_day(number.value, direction);
        }
        if (directed) {
            return std::nullopt;
        }
        if (next.is('-')) {
            return read_year_month_day(number.value);
        }
        if (next.is(':') || next.is('.')) {
            return read_clock(number.value, out.time) ? std::optional<Day>(Days{0}) : std::nullopt;
        }
        return std::nullopt;
    }

    std::optional<Day> read_number_and_word(
        const Token& number, Direction direction, Expression& out
    ) {
        const Token word = tokens_.peek();
        if (const auto afternoon = is_afternoon(word)) {
            tokens_.take();
            out.time = TimeOfDay{hour_of_half(number.value, *afternoon), 0, 0, 0, {}};
            return Days{0};
        }
        const auto month = month_by_name(word.text);
        if (!month) {
            return read_units(number.value, false);
        }
        tokens_.take();
        const Token year = tokens_.take();
        if (year.is_number()) {
            return ExactDate{{year.value, *month, number.value}};
        }
        return MonthAndDay{*month, number.value, direction};  // Compat: as above
    }

    // UNIT [ago], and what must not follow it.
    std::optional<Day> read_units(std::int64_t count, bool negative) {
        const Token word = tokens_.take();
        auto day = word.is_word() ? units(word.text, count) : std::nullopt;
        if (!day) {
            return std::nullopt;
        }
        if (negative) {
            return negated(*day);
        }
        const Token next = tokens_.peek();
        if (next.is_word()) {
            tokens_.take();
            const bool ago = !negative && lower(next.text) == "ago";
            return ago ? std::optional(negated(*day)) : std::nullopt;
        }
        if (next.is_number()) {
            // Compat: a time behind a unit needs minutes: "1d 3pm" is none.
            Tokens ahead = tokens_;
            ahead.take();
            const Token separator = ahead.take();
            return separator.is(':') || separator.is('.') ? day : std::nullopt;
        }
        if (next.kind != Token::Kind::end) {
            tokens_.take();  // Compat: one mark, or whatever, is passed over
        }
        return day;
    }

    std::optional<Day> read_year_month_day(int year) {
        tokens_.take();
        const Token month = tokens_.take();
        if (!month.is_number() || !tokens_.take('-')) {
            return std::nullopt;
        }
        const Token day = tokens_.take();
        return day.is_number() ? std::optional<Day>(ExactDate{{year, month.value, day.value}})
                               : std::nullopt;
    }

    // M/D[/Y], the American way.
    std::optional<Day> read_month_slash_day(int month, Direction direction) {
        tokens_.take();
        const Token day = tokens_.take();
        if (!day.is_number()) {
            return std::nullopt;
        }
        if (!tokens_.take('/')) {
            return MonthAndDay{month, day.value, direction};
        }
        const Token year = tokens_.take();
        if (!year.is_number()) {
            return std::nullopt;
        }
        constexpr int last_of_this_century = 40;
        const bool is_short = year.value < 100;
        const int century = year.value > last_of_this_century ? 1900 : 2000;
        return ExactDate{{is_short ? century + year.value : year.value, month, day.value}};
    }

    // True if there is a time or nothing; false if there is something else.
    bool read_time(std::optional<TimeOfDay>& time) {
        Token hour = tokens_.take();
        if (hour.kind == Token::Kind::end || hour.kind == Token::Kind::unknown) {
            return true;
        }
        if (hour.is_word() && hour.text == "T") {
            hour = tokens_.take();
            if (hour.kind == Token::Kind::end) {
                return true;
            }
        }
        return hour.is_number() && read_clock(hour.value, time);
    }

    // Behind the hour.
    bool read_clock(int hour, std::optional<TimeOfDay>& time) {
        TimeOfDay read;
        read.hour = hour;
        const Token next = tokens_.take();
        bool valid = false;
        if (next.is(':')) {
            valid = read_formal(read);
        } else if (next.is('.')) {
            valid = read_informal(read);
        } else if (const auto afternoon = is_afternoon(next)) {
            read.hour += *afternoon ? noon : 0;  // Compat: 12am is noon here, 12pm midnight
            valid = true;
        }
        valid = valid && read.minute < 60 && read.second < 60;
        time = read;
        return valid;
    }

    // H.M [am|pm]
    bool read_informal(TimeOfDay& time) {
        const Token minute = tokens_.take();
        if (!minute.is_number()) {
            return false;
        }
        time.minute = minute.value;
        const Token suffix = tokens_.peek();
        if (!suffix.is_word()) {
            return suffix.kind != Token::Kind::mark && suffix.kind != Token::Kind::number;
        }
        return read_half(time);
    }

    bool read_half(TimeOfDay& time) {
        const auto afternoon = is_afternoon(tokens_.take());
        if (!afternoon) {
            return false;
        }
        time.hour = hour_of_half(time.hour, *afternoon);
        return true;
    }

    // H:M[:S[.FRACTION]] [am|pm|Z|±ZONE]
    bool read_formal(TimeOfDay& time) {
        const Token minute = tokens_.take();
        if (!minute.is_number()) {
            return false;
        }
        time.minute = minute.value;
        Token next = tokens_.peek();
        if (next.is(':')) {
            tokens_.take();
            const Token second = tokens_.take();
            if (!second.is_number()) {
                return false;
            }
            time.second = second.value;
            if (tokens_.take('.')) {
                const Token fraction = tokens_.take();
                if (!fraction.is_number()) {
                    return false;
                }
                time.microsecond = fraction.value;
            }
            next = tokens_.peek();
            if (next.is('+') || next.is('-')) {
                return read_zone(time);
            }
        }
        if (next.is_word()) {
            if (lower(next.text) == "z") {
                time.zone_minutes = 0;
                return true;
            }
            return read_half(time);
        }
        return next.kind == Token::Kind::end || next.kind == Token::Kind::unknown;
    }

    bool read_zone(TimeOfDay& time) {
        const int sign = tokens_.take().is('-') ? -1 : 1;
        const Token first = tokens_.take();
        if (!first.is_number()) {
            return false;
        }
        // Compat: without a colon the last two digits are minutes, so +02 is two of them.
        int minutes = first.value / 100 * 60 + first.value % 100;
        if (tokens_.take(':')) {
            const Token second = tokens_.take();
            if (!second.is_number()) {
                return false;
            }
            minutes = first.value * 60 + second.value;
        }
        time.zone_minutes = sign * minutes;
        return true;
    }

    Tokens tokens_;
};

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
    // from the offset at midnight. Both show only on days when the clock changes.
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
    const auto expression = ExpressionParser(text).run();
    const auto time = expression ? Resolver(now).resolve(*expression) : std::nullopt;
    if (!time) {
        return invalid("could not parse as seconds or date expression");
    }
    return *time;
}

}  // namespace pueue::client
