#include "client/cli/values.hpp"
#include "client/text/utf8.hpp"
#include "client/view/query.hpp"
#include "client/view/task_times.hpp"
#include "protocol/base/local_time.hpp"

#include <array>
#include <string>
#include <utility>

namespace pueue::client {

namespace {

constexpr std::int64_t seconds_per_day = 86400;

struct NamedColumn {
    std::string_view name;
    Column column;
};
constexpr std::array<NamedColumn, 9> columns = {{
    {"id", Column::id},
    {"status", Column::status},
    {"command", Column::command},
    {"label", Column::label},
    {"path", Column::path},
    {"enqueue_at", Column::enqueue_at},
    {"dependencies", Column::dependencies},
    {"start", Column::start},
    {"end", Column::end},
}};

constexpr std::string_view expected_after_filters =
    "EOI, column_status, column_command, column_label, datetime_filter, order_by, or "
    "limit_condition";
constexpr std::string_view expected_status =
    "status_queued, status_stashed, status_paused, status_running, status_success, or "
    "status_failed";

enum class Comparison { equal, not_equal, less, greater, contains };

using StatusTest = bool (*)(const Task&);
struct NamedStatus {
    std::string_view name;
    StatusTest holds;
};
constexpr std::array<NamedStatus, 6> statuses = {{
    {"queued", [](const Task& task) { return task.status.is<Queued>(); }},
    {"stashed", [](const Task& task) { return task.status.is<Stashed>(); }},
    {"running", [](const Task& task) { return task.status.is<Running>(); }},
    {"paused", [](const Task& task) { return task.status.is<Paused>(); }},
    {"success", has_succeeded},
    {"failed", has_failed},
}};

std::optional<WallTime> time_of(const Task& task, Column column) {
    switch (column) {
        case Column::start:
            return start_of(task);
        case Column::end:
            return end_of(task);
        case Column::enqueue_at:
            return enqueue_at_of(task);
        case Column::id:
        case Column::status:
        case Column::priority:
        case Column::dependencies:
        case Column::label:
        case Column::command:
        case Column::path:
            break;
    }
    return std::nullopt;
}

struct Moment {
    std::string_view date;  ///< empty: none
    std::string_view time;  ///< empty: none
};

// The text of a moment once its shape is right. Its numbers may still be impossible.
class MomentReader {
  public:
    explicit MomentReader(std::string_view what) : what_("Expected " + std::string(what)) {}

    Reported<std::int64_t> midnight(std::string_view date) const {
        const int year = number(date.substr(0, 4));
        const int month = number(date.substr(5, 2));
        const int day = number(date.substr(8, 2));
        constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (month < 1 || month > 12 || day < 1 ||
            day > lengths[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0)) {
            return problem("input is out of range");
        }
        return seconds_of_civil(year, month, day);
    }

    Reported<std::int64_t> second_of_day(std::string_view time) const {
        const int hour = number(time.substr(0, 2));
        const int minute = number(time.substr(3, 2));
        if (hour > 23 || minute > 59) {
            return problem("input is out of range");
        }
        if (time.size() < 8) {
            return problem("premature end of input");
        }
        const int second = number(time.substr(6, 2));
        if (second > 60) {
            return problem("input is out of range");
        }
        return std::int64_t{hour} * 3600 + minute * 60 + second;
    }

  private:
    [[nodiscard]] Report problem(const char* detail) const { return Report{{what_, detail}, true}; }
    static int number(std::string_view digits) {
        int value = 0;
        for (const char c : digits) {
            value = value * 10 + (c - '0');
        }
        return value;
    }

    std::string what_;
};

// The instant at which a local clock shows it; civil seconds are as if the zone were UTC.
WallTime local_instant(std::int64_t civil) {
    const std::int64_t days =
        (civil - (((civil % seconds_per_day) + seconds_per_day) % seconds_per_day)) /
        seconds_per_day;
    return {
        instant_of_local(1970, 1, static_cast<int>(days) + 1, civil - days * seconds_per_day), 0};
}

bool compare(const WallTime& a, Comparison comparison, const WallTime& b) {
    switch (comparison) {
        case Comparison::equal:
            return a == b;
        case Comparison::not_equal:
            return a != b;
        case Comparison::less:
            return a < b;
        case Comparison::greater:
            return a > b;
        case Comparison::contains:
            break;
    }
    return false;
}

}  // namespace

// Two passes, as in the original: first the shape of the whole query, then what its numbers and
// dates mean. So a mistake in the shape is reported even behind an impossible date.
class QueryParser {
  public:
    QueryParser(std::string_view text, const WallTime& now) : text_(text), rest_(text), now_(now) {}

    Reported<Query> run() {
        skip_blanks();
        const std::string_view begin = rest_;
        CHECK_OK(read_columns());
        CHECK_OK(read_filters());
        CHECK_OK(read_order());
        CHECK_OK(read_limit());
        if (!rest_.empty()) {
            return mismatch(rest_ == begin ? "query" : expected_);
        }
        for (const auto& evaluate : later_) {
            CHECK_OK(evaluate(query_));
        }
        return std::move(query_);
    }

  private:
    void skip_blanks() {
        while (rest_.starts_with(' ')) {
            rest_.remove_prefix(1);
        }
    }

    bool take(std::string_view word) {
        if (rest_.size() < word.size()) {
            return false;
        }
        for (std::size_t i = 0; i < word.size(); ++i) {
            const char c = rest_[i];
            if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != word[i]) {
                return false;
            }
        }
        rest_.remove_prefix(word.size());
        skip_blanks();
        return true;
    }

    std::optional<Column> take_column() {
        for (const NamedColumn& named : columns) {
            if (take(named.name)) {
                return named.column;
            }
        }
        return std::nullopt;
    }

    Report mismatch(std::string_view expected) const {
        const std::size_t column = count_characters(text_.substr(0, text_.size() - rest_.size()));
        std::string line(text_.substr(0, text_.find('\n')));
        if (line.size() < text_.size()) {
            line += "\u240a";  // the newline, made visible
        }
        const std::string diagnostic = " --> 1:" + std::to_string(column + 1) + "\n  |\n1 | " +
                                       line + "\n  | " + std::string(column, ' ') +
                                       "^---\n  |\n  = expected " + std::string(expected);
        return Report{{"Failed to parse query", diagnostic}, true};
    }

    Reported<> read_columns() {
        if (!take("columns")) {
            return {};
        }
        if (!take("=")) {
            return mismatch("eq");
        }
        std::vector<Column> chosen;
        do {
            const auto column = take_column();
            if (!column) {
                return mismatch("column");
            }
            chosen.push_back(*column);
        } while (take(","));
        query_.columns_ = std::move(chosen);
        return {};
    }

    Reported<> read_filters() {
        expected_ = expected_after_filters;
        for (;;) {
            if (take("status")) {
                CHECK_OK(read_status_filter());
            } else if (take("label")) {
                CHECK_OK(read_text_filter(Column::label));
            } else if (take("command")) {
                CHECK_OK(read_text_filter(Column::command));
            } else if (take("start")) {
                CHECK_OK(read_time_filter(Column::start));
            } else if (take("end")) {
                CHECK_OK(read_time_filter(Column::end));
            } else if (take("enqueue_at")) {
                CHECK_OK(read_time_filter(Column::enqueue_at));
            } else {
                return {};
            }
        }
    }

    Reported<> read_status_filter() {
        const bool equal = take("=");
        if (!equal && !take("!=")) {
            return mismatch("eq or neq");
        }
        for (const NamedStatus& status : statuses) {
            if (take(status.name)) {
                query_.filters_.push_back([equal, holds = status.holds](const Task& task) {
                    return holds(task) == equal;
                });
                return {};
            }
        }
        return mismatch(expected_status);
    }

    // The text reaches to the end of the query.
    Reported<> read_text_filter(Column column) {
        Comparison comparison = Comparison::equal;
        if (take("!=")) {
            comparison = Comparison::not_equal;
        } else if (take("%=")) {
            comparison = Comparison::contains;
        } else if (!take("=")) {
            return mismatch("eq, neq, or contains");
        }
        const std::size_t end = rest_.find_last_not_of(' ') + 1;
        std::string operand(rest_.substr(0, end));
        rest_ = {};
        query_.filters_.push_back([column, comparison, operand](const Task& task) {
            if (column == Column::label && !task.spec->label) {
                return comparison == Comparison::not_equal;
            }
            const std::string& text =
                column == Column::label ? *task.spec->label : task.spec->command;
            if (comparison == Comparison::contains) {
                return text.find(operand) != std::string::npos;
            }
            return (text == operand) == (comparison == Comparison::equal);
        });
        return {};
    }

    Reported<> read_time_filter(Column column) {
        Comparison comparison = Comparison::equal;
        if (take("!=")) {
            comparison = Comparison::not_equal;
        } else if (take("<")) {
            comparison = Comparison::less;
        } else if (take(">")) {
            comparison = Comparison::greater;
        } else if (!take("=")) {
            return mismatch("eq, neq, lt, or gt");
        }
        Moment moment;
        moment.date = take_shape("dddd-dd-dd");
        moment.time = take_time();
        if (moment.date.empty() && moment.time.empty()) {
            return mismatch("datetime, date, or time");
        }
        later_.push_back([this, column, comparison, moment](Query& query) {
            return add_time_filter(query, column, comparison, moment);
        });
        return {};
    }

    std::string_view take_time() {
        const std::string_view long_form = take_shape("dd:dd:dd");
        return long_form.empty() ? take_shape("dd:dd") : long_form;
    }

    // d stands for a digit.
    std::string_view take_shape(std::string_view shape) {
        if (rest_.size() < shape.size()) {
            return {};
        }
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const bool digit = rest_[i] >= '0' && rest_[i] <= '9';
            if (shape[i] == 'd' ? !digit : rest_[i] != shape[i]) {
                return {};
            }
        }
        const std::string_view taken = rest_.substr(0, shape.size());
        rest_.remove_prefix(shape.size());
        skip_blanks();
        return taken;
    }

    Reported<> add_time_filter(
        Query& query, Column column, Comparison comparison, const Moment& moment
    ) const {
        if (moment.time.empty()) {
            return add_date_filter(query, column, comparison, moment.date);
        }
        const bool dated = !moment.date.empty();
        const MomentReader reader(
            dated ? "YYYY-MM-SS hh:mm:ss date time format" : "hh:mm:ss time format"
        );
        std::int64_t midnight = 0;
        if (dated) {
            TRY(midnight, reader.midnight(moment.date));
        } else {
            const LocalTime today = to_local(now_);
            midnight = seconds_of_civil(today.year, today.month, today.day);
        }
        TRY(const std::int64_t second, reader.second_of_day(moment.time));
        const WallTime operand = local_instant(midnight + second);
        query.filters_.push_back([column, comparison, operand](const Task& task) {
            const auto time = time_of(task, column);
            return time && compare(*time, comparison, operand);
        });
        return {};
    }

    static Reported<> add_date_filter(
        Query& query, Column column, Comparison comparison, std::string_view date
    ) {
        TRY(const std::int64_t midnight, MomentReader("YYYY-MM-SS date format").midnight(date));
        const WallTime begin = local_instant(midnight);
        const WallTime end = local_instant(midnight + seconds_per_day);
        query.filters_.push_back([column, comparison, begin, end](const Task& task) {
            const auto time = time_of(task, column);
            if (!time) {
                return false;
            }
            switch (comparison) {
                case Comparison::equal:
                    return *time > begin && *time < end;
                case Comparison::less:
                    return *time < begin;
                case Comparison::greater:
                    return *time > end;
                case Comparison::not_equal:  // Compat: never true [client/query.tsv]
                case Comparison::contains:
                    break;
            }
            return false;
        });
        return {};
    }

    Reported<> read_order() {
        if (!take("order_by")) {
            return {};
        }
        const auto column = take_column();
        if (!column) {
            return mismatch("column");
        }
        const bool descending = take("desc");
        const bool directed = descending || take("asc");
        query_.order_ = Query::Order{*column, descending};
        expected_ =
            directed ? "EOI or limit_condition" : "EOI, ascending, descending, or limit_condition";
        return {};
    }

    Reported<> read_limit() {
        const bool first = take("first");
        if (!first && !take("last")) {
            return {};
        }
        expected_ = "EOI";
        const std::string_view begin = rest_;
        std::size_t end = 0;
        for (std::size_t i = 0; i < begin.size(); ++i) {
            if (begin[i] >= '0' && begin[i] <= '9') {
                end = i + 1;
            } else if (begin[i] != ' ') {
                break;
            }
        }
        const std::string digits(begin.substr(0, end));
        rest_.remove_prefix(end);
        skip_blanks();
        later_.push_back([first, digits](Query& query) -> Reported<> {
            const auto count = cli::parse_unsigned(digits);
            if (count.has_error()) {
                return Report{
                    {"Expected a number 0 for limit condition", count.error().text}, true};
            }
            if (*count == 0) {
                return report("Expected a number >0 for limit condition");
            }
            query.limit_ = Query::Limit{first, *count};
            return {};
        });
        return {};
    }

    std::string_view text_;
    std::string_view rest_;
    WallTime now_;
    std::string_view expected_;
    Query query_;
    std::vector<std::function<Reported<>(Query&)>> later_;
};

Reported<Query> Query::parse(std::string_view text, const WallTime& now) {
    return QueryParser(text, now).run();
}

}  // namespace pueue::client
