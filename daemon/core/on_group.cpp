#include "daemon/core/handlers.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/texts.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace pueue::core {

namespace {

bool names_every_group(const State& state, const std::vector<std::string>& names) {
    return std::all_of(state.groups.begin(), state.groups.end(), [&](const auto& entry) {
        return std::find(names.begin(), names.end(), entry.first) != names.end();
    });
}

/// Why the group cannot be removed; none if it can.
std::optional<Answer> objection(const Step& step, const std::string& group) {
    if (auto failure = missing_group(step.state(), group)) {
        return failure;
    }
    if (group == default_group) {
        return FailureReply{"You cannot delete the default group"};
    }
    if (step.indexes().group(group).tasks > 0) {
        return FailureReply{"You cannot remove a group, if there're still tasks in it."};
    }
    return std::nullopt;
}

}  // namespace

void handle(Step& step, SessionId session, const GroupAdd& add) {
    if (step.state().group(add.name) != nullptr) {
        step.answer_change(session, FailureReply{"Group \"" + add.name + "\" already exists"});
        return;
    }
    step.record(GroupAdded{add.name, add.parallel_tasks.value_or(1)});
    step.answer_change(session, SuccessReply{"New group \"" + add.name + "\" has been created"});
}

void handle(Step& step, SessionId session, const GroupRemove& remove) {
    if (auto failure = objection(step, remove.name)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    step.record(GroupRemoved{remove.name});
    step.answer_change(session, SuccessReply{"Group \"" + remove.name + "\" has been removed"});
}

void handle(Step& step, SessionId session, const GroupList& /*list*/) {
    step.answer_read(session, GroupsReply{});
}

void handle(Step& step, SessionId session, const Parallel& parallel) {
    if (auto failure = missing_group(step.state(), parallel.group)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    if (step.state().group(parallel.group)->parallel_tasks != parallel.parallel_tasks) {
        step.record(ParallelSet{parallel.group, parallel.parallel_tasks});
    }
    step.answer_change(
        session,
        SuccessReply{"Parallel tasks setting for group \"" + parallel.group + "\" adjusted"}
    );
}

// The groups lose their tasks, and their status, when nothing runs in them any more: settle().
void handle(Step& step, SessionId session, const Reset& reset) {
    std::vector<std::string> names;
    if (reset.groups) {
        names = *reset.groups;
    } else {
        for (const auto& [name, group] : step.state().groups) {
            names.push_back(name);
        }
    }
    for (const std::string& name : names) {
        if (step.state().group(name) == nullptr) {
            step.answer_change(session, FailureReply{"Group '" + name + "' doesn't exist."});
            return;
        }
    }
    if (names_every_group(step.state(), names) && !step.state().resetting_everything) {
        step.record(FullResetSet{true});
    }
    std::vector<AttemptKey> dying;
    for (const std::string& name : names) {
        set_group_status(step, name, GroupStatus::reset);
        for (const TaskId id : step.indexes().group(name).live) {
            kill(step, *step.state().task(id));
            dying.push_back(step.state().task(id)->key());
        }
    }
    answer_when_ended(step, session, SuccessReply{"Everything is being reset right now."}, dying);
}

}  // namespace pueue::core
