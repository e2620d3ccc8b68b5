#include "client/delay_expression.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace pueue::client::delay {

namespace {

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

// "am" or "pm" in any case. Upper case after a date makes the original panic.
std::optional<bool> is_afternoon(const Token& token) {
    const std::string word = token.is_word() ? lower(token.text) : "";
    if (word != "am" && word != "pm") {
        return std::nullopt;
    }
    return word == "pm";
}

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
            return MonthAndDay{month, 1, direction};  // Compat: passed over [client/delay-more.tsv]
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
        return MonthAndDay{
            *month, number.value, direction};  // Compat: likewise [client/delay-more.tsv]
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
            // Compat: a time behind a unit needs minutes: "1d 3pm" is none [client/delay.tsv].
            Tokens ahead = tokens_;
            ahead.take();
            const Token separator = ahead.take();
            return separator.is(':') || separator.is('.') ? day : std::nullopt;
        }
        if (next.kind != Token::Kind::end) {
            tokens_.take();  // Compat: one mark, or whatever, is passed over [client/delay.tsv]
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
            read.hour += *afternoon ? noon : 0;  // Compat: 12am is noon [client/delay.tsv]
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
        // Compat: without a colon the last two digits are minutes, so +02 is two of them
        // [client/delay.tsv].
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

}  // namespace

std::optional<Expression> parse_expression(std::string_view text) {
    return ExpressionParser(text).run();
}

}  // namespace pueue::client::delay
