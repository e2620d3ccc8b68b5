#include "client/view/table.hpp"

#include "client/text/width.hpp"

#include <algorithm>
#include <deque>

namespace pueue::client {

namespace {

// A line with no more than this many free columns is full.
constexpr std::size_t unusable_columns = 2;
// Content this much narrower than its column gives the rest to the others.
constexpr std::size_t worth_saving = 3;

std::size_t minus(std::size_t a, std::size_t b) {
    return a > b ? a - b : 0;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

// As many whole graphemes as fit.
std::string_view fitting_prefix(std::string_view text, std::size_t width) {
    std::size_t bytes = 0;
    std::size_t used = 0;
    while (bytes < text.size()) {
        const std::size_t next = first_grapheme(text.substr(bytes));
        used += display_width(text.substr(bytes, next));
        if (used > width) {
            break;
        }
        bytes += next;
    }
    return text.substr(0, bytes);
}

// The widths are decided column by column; `left` is what the undecided ones share.
class WidthSolver {
  public:
    WidthSolver(const std::vector<TableRow>& rows, std::size_t available)
        : rows_(rows), left_(available), widths_(rows.front().size(), 0) {}

    std::vector<std::size_t> run() {
        undecided_ = widths_.size();
        for (std::size_t column = 0; column < widths_.size(); ++column) {
            natural_.push_back(natural(column));
        }
        while (undecided_ > 0 && left_ / undecided_ > 0 && fix_narrow_columns()) {
        }
        while (undecided_ > 0 && fix_columns_that_wrap_well()) {
        }
        share_the_rest();
        return widths_;
    }

  private:
    [[nodiscard]] std::size_t natural(std::size_t column) const {
        std::size_t widest = 1;
        for (const TableRow& row : rows_) {
            for (const std::string_view line : split(row[column].text, '\n')) {
                widest = std::max(widest, display_width(line));
            }
        }
        return widest;
    }

    void fix(std::size_t column, std::size_t width) {
        widths_[column] = width;
        left_ = minus(left_, width);
        --undecided_;
    }

    bool fix_narrow_columns() {
        bool any = false;
        for (std::size_t column = 0; column < widths_.size() && undecided_ > 0; ++column) {
            if (widths_[column] != 0) {
                continue;
            }
            if (natural_[column] <= left_ / undecided_) {
                fix(column, natural_[column]);
                any = true;
            }
        }
        return any;
    }

    bool fix_columns_that_wrap_well() {
        bool any = false;
        for (std::size_t column = 0; column < widths_.size() && undecided_ > 0; ++column) {
            if (widths_[column] != 0) {
                continue;
            }
            const std::size_t share = left_ / undecided_;
            const std::size_t longest = longest_piece(column, share);
            if (minus(share, longest) >= worth_saving) {
                fix(column, std::max<std::size_t>(longest, 1));
                any = true;
            }
        }
        return any;
    }

    [[nodiscard]] std::size_t longest_piece(std::size_t column, std::size_t width) const {
        std::size_t longest = 0;
        for (const TableRow& row : rows_) {
            for (const std::string_view line : split(row[column].text, '\n')) {
                for (const std::string& piece : wrap_line(line, width)) {
                    longest = std::max(longest, display_width(piece));
                }
            }
        }
        return longest;
    }

    void share_the_rest() {
        if (undecided_ == 0) {
            return;
        }
        left_ = std::max(left_, undecided_);
        const std::size_t share = left_ / undecided_;
        std::size_t surplus = left_ % undecided_;
        for (std::size_t& width : widths_) {
            if (width == 0) {
                width = share + (surplus > 0 ? 1 : 0);
                surplus = minus(surplus, 1);
            }
        }
    }

    const std::vector<TableRow>& rows_;
    std::size_t left_;
    std::size_t undecided_ = 0;
    std::vector<std::size_t> natural_;
    std::vector<std::size_t> widths_;  ///< 0: undecided
};

std::string repeat(std::string_view piece, std::size_t times) {
    std::string out;
    out.reserve(piece.size() * times);
    for (std::size_t i = 0; i < times; ++i) {
        out += piece;
    }
    return out;
}

void draw_row(
    std::string& out,
    const TableRow& row,
    const std::vector<std::size_t>& widths,
    std::optional<std::size_t> lines_max,
    const Style& style
) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        cells.push_back(cell_lines(row[i].text, widths[i], lines_max));
        height = std::max(height, cells.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += i == 0 ? "" : " ";
            const bool has_text = line < cells[i].size();
            const std::string padded =
                " " + pad_right(has_text ? cells[i][line] : "", widths[i]) + " ";
            out += has_text ? style.paint(padded, row[i].color) : padded;
        }
        out += "\n";
    }
}

}  // namespace

std::string pad_right(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(minus(width, display_width(text)), ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
    return std::string(minus(width, display_width(text)), ' ') + std::string(text);
}

std::vector<std::string> wrap_line(std::string_view line, std::size_t width) {
    if (display_width(line) <= width) {
        return {std::string(line)};
    }
    const auto parts = split(line, ' ');
    std::deque<std::string_view> words(parts.begin(), parts.end());
    std::vector<std::string> lines;
    std::string current;
    const auto emit = [&] {
        lines.push_back(current);
        current.clear();
    };
    const auto emit_if_full = [&] {
        if (display_width(current) > minus(width, unusable_columns)) {
            emit();
        }
    };
    while (!words.empty()) {
        const std::string_view word = words.front();
        words.pop_front();
        const std::size_t taken = display_width(current);
        const std::size_t blank = current.empty() ? 0 : 1;
        const std::size_t word_width = display_width(word);
        if (taken + blank + word_width <= width) {
            current += std::string(blank, ' ');
            current += word;
            emit_if_full();
        } else if (!current.empty() && minus(width, taken + 1) <= unusable_columns) {
            emit();
            words.push_front(word);
        } else if (word_width > width) {
            current += std::string(blank, ' ');
            std::string_view piece = fitting_prefix(word, minus(width, display_width(current)));
            if (piece.empty() && current.empty()) {
                piece = word.substr(0, first_grapheme(word));
            }
            current += piece;
            emit();
            if (piece.size() < word.size()) {
                words.push_front(word.substr(piece.size()));
            }
        } else {
            emit();
            current = word;
            emit_if_full();
        }
    }
    if (!current.empty()) {
        emit();
    }
    return lines;
}

std::vector<std::size_t> column_widths(
    const std::vector<TableRow>& rows, std::optional<std::size_t> available
) {
    if (available) {
        return WidthSolver(rows, *available).run();
    }
    std::vector<std::size_t> widths(rows.front().size(), 1);
    for (const TableRow& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            for (const std::string_view line : split(row[i].text, '\n')) {
                widths[i] = std::max(widths[i], display_width(line));
            }
        }
    }
    return widths;
}

std::vector<std::string> cell_lines(
    std::string_view text, std::size_t width, std::optional<std::size_t> lines_max
) {
    std::vector<std::string> lines;
    for (const std::string_view line : split(text, '\n')) {
        for (std::string& piece : wrap_line(line, width)) {
            lines.push_back(std::move(piece));
        }
    }
    if (lines_max && *lines_max > 0 && lines.size() > *lines_max) {
        constexpr std::string_view mark = "...";
        lines.resize(*lines_max);
        std::string& last = lines.back();
        if (display_width(last) + mark.size() > width) {
            last = fitting_prefix(last, minus(width, mark.size()));
        }
        last += mark;
    }
    return lines;
}

std::string draw_ruled_table(
    const std::vector<TableRow>& rows,
    std::optional<std::size_t> terminal_width,
    std::optional<std::size_t> row_lines_max,
    const Style& style
) {
    const std::size_t columns = rows.front().size();
    const std::size_t frame = 2 * columns + columns - 1;
    std::optional<std::size_t> available;
    if (terminal_width) {
        available = minus(*terminal_width, frame);
    }
    const auto widths = column_widths(rows, available);
    std::size_t total = frame;
    for (const std::size_t width : widths) {
        total += width;
    }
    const std::string rule = repeat("─", total) + "\n";
    std::string out = rule;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        draw_row(out, rows[i], widths, i == 0 ? std::nullopt : row_lines_max, style);
        out += i == 0 ? repeat("═", total) + "\n" : rule;
    }
    return rows.size() == 1 ? out + rule : out;
}

}  // namespace pueue::client
