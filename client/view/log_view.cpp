#include "client/view/log_view.hpp"

#include "client/text/width.hpp"
#include "client/view/table.hpp"
#include "client/view/task_times.hpp"
#include "protocol/base/local_time.hpp"
#include "protocol/base/time_format.hpp"

#include <algorithm>
#include <variant>
#include <vector>

namespace pueue::client {

namespace {

struct StatusCell {
    Cell operator()(const Success&) const {
        return {"completed successfully", Color::green, false};
    }
    Cell operator()(const Failed& failed) const {
        return {"failed with exit code " + std::to_string(failed.exit_code), Color::red, false};
    }
    Cell operator()(const FailedToSpawn&) const { return {"Failed to spawn", Color::red, false}; }
    Cell operator()(const Killed&) const { return {"killed by system or user", Color::red, false}; }
    Cell operator()(const Errored&) const {
        return {"some IO error.\n Check daemon log.", Color::red, false};
    }
    Cell operator()(const DependencyFailed&) const {
        return {"dependency failed", Color::red, false};
    }
};

Cell status_cell(const Task& task) {
    if (const auto* done = task.status.get_if<Done>()) {
        return std::visit(StatusCell{}, done->result);
    }
    if (task.status.is<Running>()) {
        return {"running", Color::yellow, false};
    }
    return {"paused", Color::white, false};
}

std::string repeat(std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += piece;
    }
    return out;
}

std::optional<std::size_t> less(std::optional<std::size_t> width, std::size_t frame) {
    if (!width) {
        return std::nullopt;
    }
    return *width > frame ? *width - frame : 0;
}

std::string look_of(const Cell& cell, const std::string& padded, const Style& style) {
    return cell.bold ? style.bold(padded, cell.color) : style.paint(padded, cell.color);
}

// │ Task 0:    completed successfully │
std::string draw_box(const Task& task, const LogLook& look) {
    const TableRow row = {
        {"Task " + std::to_string(task.id.value) + ": ", Color::none, true}, status_cell(task)};
    const auto widths = column_widths({row}, less(look.width, 7));
    const std::string rule = repeat("─", widths[0] + widths[1] + 5);
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        cells.push_back(cell_lines(row[i].text, widths[i], std::nullopt));
        height = std::max(height, cells.back().size());
    }
    std::string out = "┌" + rule + "┐\n";
    for (std::size_t line = 0; line < height; ++line) {
        out += "│";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool has_text = line < cells[i].size();
            const std::string padded =
                " " + pad_right(has_text ? cells[i][line] : "", widths[i]) + " ";
            out += i == 0 ? "" : " ";
            out += has_text ? look_of(row[i], padded, look.style) : padded;
        }
        out += "│\n";
    }
    return out + "└" + rule + "┘\n";
}

std::string rfc2822(const WallTime& time) {
    return format_time("%a, %-d %b %Y %H:%M:%S %z", to_local(time)).value_or("");
}

std::vector<TableRow> details(const Task& task) {
    std::vector<TableRow> rows;
    const auto add = [&](std::string_view name, std::string value) {
        rows.push_back(
            {{std::string(name), Color::none, true}, {std::move(value), Color::none, false}}
        );
    };
    add("Command:", task.spec->command);
    add("Path:", task.spec->path);
    if (task.spec->label) {
        add("Label:", *task.spec->label);
    }
    if (const auto start = start_of(task)) {
        add("Start:", rfc2822(*start));
    }
    if (const auto end = end_of(task)) {
        add("End:", rfc2822(*end));
    }
    return rows;
}

std::string draw_details(const Task& task, const LogLook& look) {
    const auto rows = details(task);
    const auto widths = column_widths(rows, less(look.width, 2));
    std::string out;
    for (const TableRow& row : rows) {
        const auto names = cell_lines(row[0].text, widths[0], std::nullopt);
        const auto values = cell_lines(row[1].text, widths[1], std::nullopt);
        for (std::size_t line = 0; line < std::max(names.size(), values.size()); ++line) {
            const bool has_name = line < names.size();
            const std::string name = pad_left(has_name ? names[line] : "", widths[0]);
            out += look.out_is_terminal && has_name ? look.style.bold(name) : name;
            out += " " + pad_right(line < values.size() ? values[line] : "", widths[1]) + " \n";
        }
    }
    return out;
}

}  // namespace

std::string draw_log_header(const Task& task, const LogLook& look) {
    return draw_box(task, look) + draw_details(task, look);
}

}  // namespace pueue::client
