#include "daemon/state_file/restore.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace pueue::state_file {

namespace {

using Groups = std::map<std::string, Group, std::less<>>;
using Restored = decltype(core::TaskImported::status);

struct Restore {
    WallTime now;

    Restored operator()(const Locked&) const { return Stashed{}; }
    Restored operator()(const Stashed& stashed) const { return stashed; }
    Restored operator()(const Queued& queued) const { return queued; }
    Restored operator()(const Running& running) const {
        return Done{running.enqueued_at, running.start, now, Killed{}};
    }
    Restored operator()(const Paused& paused) const {
        return Done{paused.enqueued_at, paused.start, now, Killed{}};
    }
    Restored operator()(const Done& done) const { return done; }
};

// Of this process alone: whatever ran before under this id is nobody's.
RunId make_run_id(const Now& now, TaskId id) {
    RunId run{now.random};
    for (std::size_t i = 0; i < sizeof id.value; ++i) {
        run.value[15 - i] ^= static_cast<std::uint8_t>(id.value >> (8 * i));
    }
    return run;
}

TaskSpecPtr in_group(const TaskSpec& spec, std::string group) {
    TaskSpec moved = spec;
    moved.group = std::move(group);
    return std::make_shared<const TaskSpec>(std::move(moved));
}

core::TaskImported import_task(const Task& task, Groups& groups, const Now& now) {
    core::TaskImported imported{
        task.id,
        make_run_id(now, task.id),
        task.created_at,
        task.spec,
        std::visit(Restore{now.wall}, static_cast<const TaskStatus::variant&>(task.status))};
    if (!groups.contains(task.spec->group)) {
        groups.try_emplace(default_group);
        imported.spec = in_group(*task.spec, default_group);
    }
    if (std::holds_alternative<Queued>(imported.status)) {
        groups.find(imported.spec->group)->second.status = GroupStatus::paused;
    }
    return imported;
}

}  // namespace

std::vector<core::Record> import_records(const Content& content, const Now& now) {
    Groups groups = content.groups;
    std::vector<core::Record> tasks;
    tasks.reserve(content.tasks.size());
    for (const auto& [id, task] : content.tasks) {
        tasks.emplace_back(import_task(task, groups, now));
    }
    std::vector<core::Record> records{core::StateReplaced{}};
    records.reserve(1 + 2 * groups.size() + tasks.size());
    for (const auto& [name, group] : groups) {
        records.emplace_back(core::GroupAdded{name, group.parallel_tasks});
        if (group.status != GroupStatus::running) {
            records.emplace_back(core::GroupStatusSet{name, group.status});
        }
    }
    std::move(tasks.begin(), tasks.end(), std::back_inserter(records));
    return records;
}

}  // namespace pueue::state_file
