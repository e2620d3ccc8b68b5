#include "tests/sim/workload.hpp"

#include <iterator>
#include <utility>

namespace pueue::sim {

namespace {

constexpr const char* mark_name = "MARK";

const std::vector<std::string> group_names{"a", "b", "c"};

const std::vector<core::SignalName> signals{
    {2, "sigint"}, {9, "sigkill"}, {15, "sigterm"}, {18, "sigcont"}, {19, "sigstop"}};

bool is_waiting(const Task& task) {
    return task.status.is<Queued>() || task.status.is<Stashed>();
}

bool is_startable(const Task& task) {
    return is_waiting(task) || task.status.is<Paused>();
}

}  // namespace

EnvironmentPtr marked_environment(std::uint64_t mark) {
    const std::string value = std::to_string(mark);
    return Environment::of({{mark_name, value}, {"HOME", "/tmp"}});
}

std::string mark_of(const TaskSpec& spec) {
    for (const auto& [name, value] : spec.environment->variables()) {
        if (name == mark_name) {
            return std::string(value);
        }
    }
    return "none";
}

template <class Predicate>
TaskSelection Workload::selection(const State& state, const Predicate& suits) {
    const std::uint64_t kind = random_.below(10);
    if (kind == 9) {
        return AllTasks{};
    }
    if (kind > 6) {
        return some_group(state);
    }
    std::vector<TaskId> suitable;
    for (const auto& [id, task] : state.tasks) {
        if (suits(task)) {
            suitable.push_back(id);
        }
    }
    std::vector<TaskId> ids = some_ids(state);
    if (!suitable.empty()) {
        ids.push_back(random_.pick(suitable));
    }
    return ids;
}

core::Command Workload::next(const State& state, const WallTime& now) {
    const std::uint64_t kind = random_.below(100);
    // Kept small, so that the slow checks stay quick and groups run empty at times.
    const bool is_crowded = state.tasks.size() > 40;
    if (kind < 35) {
        return is_crowded ? clear(state) : add(state, now);
    }
    if (kind < 50) {
        return change_waiting(state, now);
    }
    if (kind < 68) {
        return control(state);
    }
    if (kind < 78) {
        return edit(state);
    }
    if (kind < 86) {
        return arrange_groups(state);
    }
    return kind < 91 ? clear(state) : look(state);
}

core::Command Workload::add(const State& state, const WallTime& now) {
    core::Add add;
    add.spec.command = add.spec.original_command = "run";
    add.spec.path = "/tmp";
    add.spec.environment = marked_environment(++adds_);
    add.spec.group = some_group(state);
    add.spec.label = "label";
    add.spec.priority = static_cast<std::int32_t>(random_.below(5)) - 2;
    if (random_.percent(40)) {
        add.spec.dependencies = some_ids(state);
    }
    add.stashed = random_.percent(10);
    add.enqueue_at = random_.percent(10) ? soon(now) : std::nullopt;
    add.start_immediately = random_.percent(10);
    return add;
}

core::Command Workload::change_waiting(const State& state, const WallTime& now) {
    const std::optional<WallTime> time = random_.percent(40) ? soon(now) : std::nullopt;
    switch (random_.below(4)) {
        case 0:
            return core::Stash{selection(state, is_waiting), time, "soon"};
        case 1:
            return core::Enqueue{selection(state, is_waiting), time, "soon"};
        case 2:
            return core::Switch{some_id(state), some_id(state)};
        default:
            return core::Restart{new_fields(state), random_.percent(20), random_.percent(20)};
    }
}

core::Command Workload::control(const State& state) {
    switch (random_.below(6)) {
        case 0:
        case 1:
            return core::Start{selection(state, is_startable)};
        case 2:
            return core::Pause{selection(state, has_process), random_.percent(20)};
        case 3:
            return core::Kill{selection(state, has_process), std::nullopt};
        case 4:
            return core::Kill{selection(state, has_process), random_.pick(signals)};
        default:
            return core::Send{some_id(state), "input"};
    }
}

core::Command Workload::edit(const State& state) {
    switch (random_.below(5)) {
        case 0:
            return core::EditRequest{some_ids(state)};
        case 1:
            return core::EditRestore{some_ids(state)};
        case 2:
            return core::EditedTasks{new_fields(state)};
        case 3:
            return core::EnvSet{some_id(state), "EXTRA", "value"};
        default:
            return core::EnvUnset{some_id(state), "EXTRA"};
    }
}

core::Command Workload::arrange_groups(const State& state) {
    switch (random_.below(4)) {
        case 0:
            return core::GroupAdd{random_.pick(group_names), random_.below(4)};
        case 1:
            return core::GroupRemove{some_group(state)};
        default:
            return core::Parallel{some_group(state), random_.below(5)};
    }
}

core::Command Workload::clear(const State& state) {
    const std::uint64_t kind = random_.below(20);
    if (kind < 12) {
        return core::Remove{some_ids(state)};
    }
    if (kind < 16) {
        core::Clean clean{random_.percent(30), std::nullopt};
        if (random_.percent(30)) {
            clean.group = some_group(state);
        }
        return clean;
    }
    if (kind < 18) {
        return core::Reset{std::vector<std::string>{some_group(state)}};
    }
    return core::Reset{};
}

core::Command Workload::look(const State& state) {
    const std::uint64_t kind = random_.below(40);
    if (kind == 0) {
        return core::Shutdown{random_.percent(50)};
    }
    if (kind < 3) {
        return core::GroupList{};
    }
    if (kind < 6) {
        return core::Log{selection(state, is_done), false, std::nullopt};
    }
    if (kind < 8) {
        return core::Follow{selection(state, has_process), std::nullopt};
    }
    return core::Status{};
}

TaskId Workload::some_id(const State& state) {
    if (state.tasks.empty() || random_.percent(4)) {
        return TaskId{state.next_task_id.value + random_.below(3)};
    }
    return std::next(
               state.tasks.begin(), static_cast<std::ptrdiff_t>(random_.below(state.tasks.size()))
    )
        ->first;
}

std::vector<TaskId> Workload::some_ids(const State& state) {
    std::vector<TaskId> ids;
    const std::uint64_t count = random_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
        ids.push_back(some_id(state));
    }
    return ids;
}

std::string Workload::some_group(const State& state) {
    if (state.groups.empty() || random_.percent(3)) {
        return "nowhere";
    }
    return std::next(
               state.groups.begin(), static_cast<std::ptrdiff_t>(random_.below(state.groups.size()))
    )
        ->first;
}

std::vector<core::FieldsOf> Workload::new_fields(const State& state) {
    std::vector<core::FieldsOf> all;
    for (const TaskId id : some_ids(state)) {
        EditableFields fields{"edited", "edited", "/tmp", std::nullopt, 0};
        fields.priority = static_cast<std::int32_t>(random_.below(5)) - 2;
        all.push_back({id, fields});
    }
    return all;
}

std::optional<WallTime> Workload::soon(const WallTime& now) {
    WallTime time = now;
    time.seconds += static_cast<std::int64_t>(random_.below(90)) - 5;
    return time;
}

}  // namespace pueue::sim
