#include "daemon/core/indexes.hpp"

#include "protocol/base/result.hpp"

#include <algorithm>

namespace pueue::core {

namespace {

/// Makes the name a member, or not.
void note(std::set<std::string, std::less<>>& names, const std::string& name, bool is_member) {
    if (is_member) {
        names.insert(name);
    } else if (!names.empty()) {
        names.erase(name);
    }
}

}  // namespace

Indexes Indexes::of(const State& state) {
    Indexes indexes;
    for (const auto& [name, group] : state.groups) {
        indexes.add_group(name);
        indexes.refresh_group(state, name);
    }
    for (const auto& [id, task] : state.tasks) {
        indexes.link(state, task);
        indexes.place(state, task);
    }
    for (const auto& [run, closed] : state.history) {
        indexes.remember(run, closed);
    }
    return indexes;
}

const GroupIndex& Indexes::group(const std::string& name) const {
    const auto found = groups_.find(name);
    PUEUE_CHECK(found != groups_.end());
    return found->second;
}

GroupIndex& Indexes::group_of(const Task& task) {
    const auto found = groups_.find(task.spec->group);
    PUEUE_CHECK(found != groups_.end());
    return found->second;
}

std::optional<TaskId> Indexes::next_to_start() const {
    return candidates_.empty() ? std::nullopt : std::optional(candidates_.begin()->id);
}

std::vector<TaskId> Indexes::doomed() const {
    std::vector<TaskId> ids;
    for (const std::string& name : groups_with_doomed_) {
        const std::set<TaskId>& some = group(name).doomed;
        ids.insert(ids.end(), some.begin(), some.end());
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::vector<std::string> Indexes::groups_to_clear() const {
    return {groups_to_clear_.begin(), groups_to_clear_.end()};
}

std::optional<Indexes::Delayed> Indexes::next_delayed() const {
    return delayed_.empty() ? std::nullopt : std::optional(*delayed_.begin());
}

void Indexes::add_group(const std::string& name) {
    groups_.emplace(name, GroupIndex{});
}

void Indexes::remove_group(const std::string& name) {
    groups_.erase(name);
    groups_to_clear_.erase(name);
}

void Indexes::refresh_group(const State& state, const std::string& name) {
    const auto found = groups_.find(name);
    PUEUE_CHECK(found != groups_.end());
    refresh(state, name, found->second);
}

void Indexes::refresh(const State& state, const std::string& name, GroupIndex& index) {
    const Group& group = *state.group(name);
    std::optional<StartOrder> candidate;
    const bool has_free_slot =
        group.parallel_tasks == 0 || index.workers.taken() < group.parallel_tasks;
    if (group.status == GroupStatus::running && has_free_slot && !index.ready.empty()) {
        candidate = *index.ready.begin();
    }
    if (candidate != index.candidate) {
        if (index.candidate) {
            candidates_.erase(*index.candidate);
        }
        if (candidate) {
            candidates_.insert(*candidate);
        }
        index.candidate = candidate;
    }
    note(groups_with_doomed_, name, group.status != GroupStatus::paused && !index.doomed.empty());
    note(groups_to_clear_, name, group.status == GroupStatus::reset && index.live.empty());
}

void Indexes::link(const State& state, const Task& task) {
    ++group_of(task).tasks;
    dependents_.link(state, task);
    twins_.link(task);
    labels_.link(task);
}

void Indexes::unlink(const Task& task) {
    --group_of(task).tasks;
    dependents_.unlink(task);
    twins_.unlink(task);
    labels_.unlink(task);
}

void Indexes::place(const State& state, const Task& task) {
    GroupIndex& index = group_of(task);
    if (task.status.is<Queued>()) {
        ++index.queued;
        const Unmet unmet = dependents_.unmet(task.id);
        if (unmet.failed > 0) {
            index.doomed.insert(task.id);
        } else if (unmet.open == 0) {
            index.ready.insert({task.spec->priority, task.id});
        }
    } else if (const auto* stashed = task.status.get_if<Stashed>()) {
        ++index.stashed;
        if (stashed->enqueue_at) {
            ++index.delayed;
            delayed_.insert({*stashed->enqueue_at, task.id});
        }
        return;
    } else if (has_process(task)) {
        index.live.insert(task.id);
        index.workers.take(task.attempt->worker);
        live_.insert(task.id);
    } else {
        twins_.place(task);
        return;
    }
    refresh(state, task.spec->group, index);
}

void Indexes::displace(const State& state, const Task& task) {
    GroupIndex& index = group_of(task);
    if (task.status.is<Queued>()) {
        --index.queued;
        index.doomed.erase(task.id);
        index.ready.erase({task.spec->priority, task.id});
    } else if (const auto* stashed = task.status.get_if<Stashed>()) {
        --index.stashed;
        if (stashed->enqueue_at) {
            --index.delayed;
            delayed_.erase({*stashed->enqueue_at, task.id});
        }
        return;
    } else if (has_process(task)) {
        index.live.erase(task.id);
        index.workers.give_back(task.attempt->worker);
        live_.erase(task.id);
    } else {
        twins_.displace(task);
        return;
    }
    refresh(state, task.spec->group, index);
}

void Indexes::shift_dependency(
    const State& state, const Task& dependent, Standing before, Standing after
) {
    displace(state, dependent);
    dependents_.shift(dependent.id, before, after);
    place(state, dependent);
}

}  // namespace pueue::core
