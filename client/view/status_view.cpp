#include "client/view/status_view.hpp"

#include "client/view/table.hpp"
#include "client/view/task_times.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace pueue::client {

namespace {

using Tasks = std::vector<const Task*>;

constexpr std::array<std::pair<Column, std::string_view>, 10> headers = {{
    {Column::id, "Id"},
    {Column::status, "Status"},
    {Column::priority, "Prio"},
    {Column::enqueue_at, "Enqueue At"},
    {Column::dependencies, "Deps"},
    {Column::label, "Label"},
    {Column::command, "Command"},
    {Column::path, "Path"},
    {Column::start, "Start"},
    {Column::end, "End"},
}};

struct StatusCell {
    Cell operator()(const Locked&) const { return {"Locked", Color::white, false}; }
    Cell operator()(const Stashed&) const { return {"Stashed", Color::yellow, false}; }
    Cell operator()(const Queued&) const { return {"Queued", Color::yellow, false}; }
    Cell operator()(const Running&) const { return {"Running", Color::green, false}; }
    Cell operator()(const Paused&) const { return {"Paused", Color::white, false}; }
    Cell operator()(const Done& done) const { return std::visit(*this, done.result); }

    Cell operator()(const Success&) const { return {"Success", Color::green, false}; }
    Cell operator()(const Failed& failed) const {
        return {"Failed (" + std::to_string(failed.exit_code) + ")", Color::red, false};
    }
    Cell operator()(const FailedToSpawn&) const { return {"Failed to spawn", Color::red, false}; }
    Cell operator()(const Killed&) const { return {"Killed", Color::red, false}; }
    Cell operator()(const Errored&) const { return {"Errored", Color::red, false}; }
    Cell operator()(const DependencyFailed&) const {
        return {"Dependency failed", Color::red, false};
    }
};

Cell status_cell(const TaskStatus& status) {
    return std::visit(
        StatusCell{},
        static_cast<const std::variant<Locked, Stashed, Queued, Running, Paused, Done>&>(status)
    );
}

// The columns that always show, and of the others those that have something to say here.
std::vector<Column> usual_columns(const Tasks& tasks) {
    const auto any = [&](auto&& holds) { return std::any_of(tasks.begin(), tasks.end(), holds); };
    std::vector<Column> columns = {Column::id, Column::status};
    if (any([](const Task* task) { return task->spec->priority != 0; })) {
        columns.push_back(Column::priority);
    }
    if (any([](const Task* task) { return enqueue_at_of(*task).has_value(); })) {
        columns.push_back(Column::enqueue_at);
    }
    if (any([](const Task* task) { return !task->spec->dependencies.empty(); })) {
        columns.push_back(Column::dependencies);
    }
    if (any([](const Task* task) { return task->spec->label.has_value(); })) {
        columns.push_back(Column::label);
    }
    columns.insert(columns.end(), {Column::command, Column::path, Column::start, Column::end});
    return columns;
}

class StatusWriter {
  public:
    StatusWriter(
        const State& state, const Query& query, const StatusLook& look, const TimeView& times
    )
        : state_(state), query_(query), look_(look), times_(times) {}

    StatusText all() {
        if (state_.tasks.empty()) {
            const Group* group = state_.group(default_group);
            const std::string headline = group == nullptr ? "" : headline_of(default_group);
            return {headline + "\nTask list is empty. Add tasks with `pueue add -- [cmd]`\n", ""};
        }
        std::map<std::string_view, Tasks> by_group;
        for (const Task* task : matching(std::nullopt)) {
            by_group[task->spec->group].push_back(task);
        }
        if (by_group.empty()) {
            return {"\n", ""};
        }
        const std::string_view last = by_group.rbegin()->first;
        std::string out;
        if (const auto first = by_group.find(default_group); first != by_group.end()) {
            out += block(first->first, first->second);
            out += by_group.size() > 1 ? "\n" : "";
        }
        for (const auto& [name, tasks] : by_group) {
            if (name != default_group) {
                out += block(name, tasks);
                // Compat: the last of all groups ends the output, even if `default` is that one
                // and has been printed already [status-blank-lines-between-groups].
                out += name == last ? "" : "\n";
            }
        }
        return {out, ""};
    }

    StatusText one(const std::string& name) {
        if (state_.group(name) == nullptr) {
            return {"\n", "There exists no group \"" + name + "\"\n"};
        }
        const Tasks tasks = matching(name);
        if (tasks.empty()) {
            return {
                headline_of(name) + "Task list is empty. Add tasks with `pueue add -g " + name +
                    " -- [cmd]`\n",
                ""};
        }
        return {block(name, tasks), ""};
    }

  private:
    [[nodiscard]] Tasks matching(const std::optional<std::string>& group) const {
        Tasks tasks;
        for (const auto& [id, task] : state_.tasks) {
            if (!group || task.spec->group == *group) {
                tasks.push_back(&task);
            }
        }
        return query_.apply(std::move(tasks));
    }

    [[nodiscard]] std::string headline_of(std::string_view name) const {
        // No daemon has a task in a group it does not have; if one had, its tasks would still show.
        const Group* group = state_.group(name);
        return group == nullptr ? "" : group_headline(name, *group, look_.style) + "\n";
    }

    [[nodiscard]] std::string block(std::string_view name, const Tasks& tasks) const {
        return headline_of(name) + table(tasks);
    }

    [[nodiscard]] std::string table(const Tasks& tasks) const {
        const auto wanted = query_.columns() ? *query_.columns() : usual_columns(tasks);
        std::vector<Column> columns;
        std::vector<TableRow> rows(1);
        for (const auto& [column, header] : headers) {
            if (std::find(wanted.begin(), wanted.end(), column) != wanted.end()) {
                columns.push_back(column);
                rows.front().push_back({std::string(header), Color::none, false});
            }
        }
        for (const Task* task : tasks) {
            TableRow row;
            for (const Column column : columns) {
                row.push_back(cell(*task, column));
            }
            rows.push_back(std::move(row));
        }
        std::optional<std::size_t> lines_max;
        if (look_.settings.max_status_lines) {
            lines_max = *look_.settings.max_status_lines;
        }
        return draw_ruled_table(rows, look_.width, lines_max, look_.style);
    }

    [[nodiscard]] Cell cell(const Task& task, Column column) const {
        const TaskSpec& spec = *task.spec;
        switch (column) {
            case Column::id:
                return {std::to_string(task.id.value), Color::none, false};
            case Column::status:
                return status_cell(task.status);
            case Column::priority:
                return {std::to_string(spec.priority), Color::none, false};
            case Column::enqueue_at: {
                const auto time = enqueue_at_of(task);
                return {time ? times_.coming(*time) : "", Color::none, false};
            }
            case Column::dependencies:
                return {dependencies(spec), Color::none, false};
            case Column::label:
                return {spec.label.value_or(""), Color::none, false};
            case Column::command:
                return {
                    look_.settings.show_expanded_aliases ? spec.command : spec.original_command,
                    Color::none,
                    false};
            case Column::path:
                return {spec.path, Color::none, false};
            case Column::start: {
                const auto time = start_of(task);
                return {time ? times_.past(*time) : "", Color::none, false};
            }
            case Column::end:
                break;
        }
        const auto time = end_of(task);
        return {time ? times_.past(*time) : "", Color::none, false};
    }

    static std::string dependencies(const TaskSpec& spec) {
        std::string list;
        for (const TaskId id : spec.dependencies) {
            list += (list.empty() ? "" : ", ") + std::to_string(id.value);
        }
        return list;
    }

    const State& state_;
    const Query& query_;
    const StatusLook& look_;
    const TimeView& times_;
};

}  // namespace

std::string group_headline(std::string_view name, const Group& group, const Style& style) {
    std::string status;
    switch (group.status) {
        case GroupStatus::running:
            status = style.paint("running", Color::green);
            break;
        case GroupStatus::paused:
            status = style.paint("paused", Color::yellow);
            break;
        case GroupStatus::reset:
            status = style.paint("resetting", Color::red);
            break;
    }
    return style.bold("Group \"" + std::string(name) + "\"") + " (" +
           std::to_string(group.parallel_tasks) + " parallel): " + status;
}

StatusText draw_status(
    const State& state,
    const Query& query,
    const std::optional<std::string>& only_group,
    const StatusLook& look,
    const TimeView& times
) {
    StatusWriter writer(state, query, look, times);
    return only_group ? writer.one(*only_group) : writer.all();
}

}  // namespace pueue::client
