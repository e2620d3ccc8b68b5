// Tables that fit a terminal: the column widths and the wrapping of the original's tables, exactly,
// since scripts and eyes compare them. Pure text; frames are drawn by whoever knows which.
#pragma once

#include "client/style.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pueue::client {

struct Cell {
    std::string text;  ///< newlines are hard breaks
    Color color = Color::none;
    bool bold = false;
};
using TableRow = std::vector<Cell>;

/// Breaks a line that is wider than `width` columns: between words if possible, inside them if not.
[[nodiscard]] std::vector<std::string> wrap_line(std::string_view line, std::size_t width);

/// The width of each column. `available` is what all of them may take together, without padding
/// and frame; none: as wide as they like. All rows have the same number of cells.
[[nodiscard]] std::vector<std::size_t> column_widths(
    const std::vector<TableRow>& rows, std::optional<std::size_t> available
);

/// The lines of a cell in a column of this width, at most `lines_max` of them, the last one marked
/// if there were more.
[[nodiscard]] std::vector<std::string> cell_lines(
    std::string_view text, std::size_t width, std::optional<std::size_t> lines_max
);

/// Text and blanks up to the width.
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);
[[nodiscard]] std::string pad_left(std::string_view text, std::size_t width);

/// The status table: a rule above and below, a double one under the first row, single ones between
/// the others; ends with a newline. `terminal_width` none: never wrapped.
[[nodiscard]] std::string draw_ruled_table(
    const std::vector<TableRow>& rows,
    std::optional<std::size_t> terminal_width,
    std::optional<std::size_t> row_lines_max,
    const Style& style
);

}  // namespace pueue::client
