#include "tests/sim/oracle.hpp"

#include "tests/sim/workload.hpp"
#include "tests/support/describe.hpp"

#include <algorithm>
#include <iterator>

namespace pueue::sim {

namespace {

/// The group whose existence or size the request changes.
const std::string* group_of(const core::Command& command) {
    if (const auto* add = std::get_if<core::GroupAdd>(&command)) {
        return &add->name;
    }
    if (const auto* remove = std::get_if<core::GroupRemove>(&command)) {
        return &remove->name;
    }
    const auto* parallel = std::get_if<core::Parallel>(&command);
    return parallel == nullptr ? nullptr : &parallel->group;
}

bool meets(const std::set<TaskId>& some, const std::vector<TaskId>& others) {
    return std::any_of(others.begin(), others.end(), [&](TaskId id) { return some.contains(id); });
}

std::string list(const std::vector<TaskId>& ids) {
    std::string text;
    for (const TaskId id : ids) {
        text += (text.empty() ? "" : ", ") + std::to_string(id.value);
    }
    return text;
}

}  // namespace

void Oracle::sent(SessionId session, const core::Command& command) {
    const Index index = requests_.size();
    requests_.push_back(command);
    open_.emplace(session, index);
    if (const auto* add = std::get_if<core::Add>(&command)) {
        tasks_.emplace(mark_of(add->spec), AddedTask{index, std::nullopt, 0, false});
    }
    if (const std::string* group = group_of(command)) {
        groups_.erase(*group);
    }
}

void Oracle::answered(SessionId session, const core::Answer& answer, const State* shown) {
    const auto found = open_.find(session);
    if (found == open_.end()) {
        findings_.add("each request is answered once: " + describe(answer));
        return;
    }
    const Index request = found->second;
    open_.erase(found);
    if (const auto* added = std::get_if<core::AddedTaskReply>(&answer)) {
        note_added(request, *added);
    } else if (const auto* success = std::get_if<core::SuccessReply>(&answer)) {
        note_removed(request, *success);
        note_group(request);
    } else if (shown != nullptr) {
        note_shown(request, *shown);
    }
}

bool Oracle::owes_answers() const {
    return std::any_of(open_.begin(), open_.end(), [&](const auto& entry) {
        return !std::holds_alternative<core::Follow>(requests_[entry.second]);
    });
}

void Oracle::note_added(Index request, const core::AddedTaskReply& reply) {
    const auto* add = std::get_if<core::Add>(&requests_[request]);
    if (add == nullptr) {
        findings_.add("only an add is answered with an id");
        return;
    }
    AddedTask& task = tasks_.at(mark_of(add->spec));
    task.id = reply.id;
    task.answered = requests_.size();
}

void Oracle::note_removed(Index request, const core::SuccessReply& reply) {
    const auto* remove = std::get_if<core::Remove>(&requests_[request]);
    if (remove == nullptr || reply.text != "Tasks removed from list: " + list(remove->tasks)) {
        return;
    }
    for (auto& [mark, task] : tasks_) {
        if (!task.id || task.answered > request) {
            continue;
        }
        const Whereabouts where = whereabouts(task, request);
        if (where.ids.size() == 1 && meets(where.ids, remove->tasks)) {
            task.is_removed = true;
        }
    }
}

void Oracle::note_group(Index request) {
    const std::string* group = group_of(requests_[request]);
    if (group == nullptr) {
        return;
    }
    const auto is_about_it = [&](const core::Command& later) {
        const std::string* other = group_of(later);
        return other != nullptr && *other == *group;
    };
    if (std::none_of(
            requests_.begin() + static_cast<std::ptrdiff_t>(request) + 1,
            requests_.end(),
            is_about_it
        )) {
        groups_[*group] = request;
    }
}

Oracle::Whereabouts Oracle::whereabouts(const AddedTask& task, Index end) const {
    Whereabouts where{{*task.id}, false};
    // What is added while its group is being reset goes with the rest.
    const auto over = without_reset_.lower_bound(task.asked);
    const Index first = over == without_reset_.begin() ? 0 : *std::prev(over);
    for (Index i = first; i < task.asked; ++i) {
        where.may_be_gone = where.may_be_gone || std::holds_alternative<core::Reset>(requests_[i]);
    }
    for (Index i = task.asked + 1; i < end; ++i) {
        const core::Command& command = requests_[i];
        if (const auto* change = std::get_if<core::Switch>(&command)) {
            if (meets(where.ids, {change->first, change->second})) {
                where.ids.insert({change->first, change->second});
            }
        } else if (const auto* remove = std::get_if<core::Remove>(&command)) {
            where.may_be_gone = where.may_be_gone || meets(where.ids, remove->tasks);
        } else if (std::holds_alternative<core::Clean>(command) || std::holds_alternative<core::Reset>(command)) {
            where.may_be_gone = true;
        }
    }
    return where;
}

void Oracle::note_shown(Index request, const State& state) {
    check(state);
    for (const auto& [id, task] : state.tasks) {
        const auto* done = task.status.get_if<Done>();
        if (done != nullptr && !std::holds_alternative<DependencyFailed>(done->result)) {
            results_.insert_or_assign({task.run, task.attempts}, done->result);
        }
    }
    const auto is_resetting = [](const auto& entry) {
        return entry.second.status == GroupStatus::reset;
    };
    if (std::none_of(state.groups.begin(), state.groups.end(), is_resetting)) {
        without_reset_.insert(request);
    }
}

void Oracle::check(const State& state) const {
    check_tasks(state);
    check_groups(state);
    check_results(state);
}

void Oracle::check_tasks(const State& state) const {
    std::map<std::string, TaskId> present;
    std::set<RunId> runs;
    for (const auto& [id, task] : state.tasks) {
        const std::string mark = mark_of(*task.spec);
        findings_.expect(tasks_.contains(mark), "nothing appears unasked: " + mark);
        findings_.expect(present.emplace(mark, id).second, "nothing is added twice: " + mark);
        findings_.expect(runs.insert(task.run).second, "no two tasks share a run: " + mark);
    }
    for (const auto& [mark, task] : tasks_) {
        if (!task.id) {
            continue;
        }
        const Whereabouts where = whereabouts(task, requests_.size());
        const auto found = present.find(mark);
        if (found == present.end()) {
            findings_.expect(where.may_be_gone, "nothing acknowledged is lost: " + mark);
            continue;
        }
        findings_.expect(!task.is_removed, "what was removed stays away: " + mark);
        findings_.expect(
            where.ids.contains(found->second), "a task keeps the id it was given: " + mark
        );
    }
}

void Oracle::check_groups(const State& state) const {
    for (const auto& [name, request] : groups_) {
        const Group* group = state.group(name);
        const core::Command& command = requests_[request];
        if (std::holds_alternative<core::GroupRemove>(command)) {
            findings_.expect(group == nullptr, "a removed group stays away: " + name);
            continue;
        }
        findings_.expect(group != nullptr, "no group is lost: " + name);
        const auto* parallel = std::get_if<core::Parallel>(&command);
        findings_.expect(
            parallel == nullptr || group == nullptr ||
                group->parallel_tasks == parallel->parallel_tasks,
            "the slots of a group are what was acknowledged: " + name
        );
    }
}

void Oracle::check_results(const State& state) const {
    for (const auto& [id, task] : state.tasks) {
        const auto shown = results_.find({task.run, task.attempts});
        if (shown == results_.end()) {
            continue;
        }
        // Restarted, it may wait or fail with a dependency; both are before its next attempt.
        const auto* done = task.status.get_if<Done>();
        const bool is_same = done == nullptr || done->result == shown->second ||
                             std::holds_alternative<DependencyFailed>(done->result);
        findings_.expect(
            !has_process(task) && is_same,
            "a result that was shown is not taken back: " + describe(task)
        );
    }
}

}  // namespace pueue::sim
