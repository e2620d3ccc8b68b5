#include "daemon/core/handlers.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/texts.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace pueue::core {

namespace {

bool has_open_dependents(const Step& step, TaskId id) {
    const auto dependents = step.indexes().dependents().of(id);
    return std::any_of(dependents.begin(), dependents.end(), [&](TaskId dependent) {
        return !is_done(*step.state().task(dependent));
    });
}

/// Those of `wanted` that cannot go, because a task that is not Done and would stay waits for them,
/// directly or through others of `wanted`.
///
/// The contract defines it by recursion, along dependents and against a list that shrinks as ids
/// fail. Since a failure never spares anybody, the result does not depend on the order, and it can
/// be found from the other end: from what holds somebody up directly, back along the dependencies.
std::set<TaskId> held_back(const Step& step, const std::set<TaskId>& wanted) {
    const State& state = step.state();
    std::set<TaskId> held;
    std::vector<TaskId> unvisited;
    const auto hold = [&](TaskId id) {
        if (held.insert(id).second) {
            unvisited.push_back(id);
        }
    };
    for (const TaskId id : wanted) {
        for (const TaskId dependent : step.indexes().dependents().of(id)) {
            if (!is_done(*state.task(dependent)) && !wanted.contains(dependent)) {
                hold(id);
            }
        }
    }
    while (!unvisited.empty()) {
        const Task& task = *state.task(unvisited.back());
        unvisited.pop_back();
        if (is_done(task)) {
            continue;
        }
        for (const TaskId dependency : task.spec->dependencies) {
            if (wanted.contains(dependency)) {
                hold(dependency);
            }
        }
    }
    return held;
}

void remove(Step& step, std::vector<TaskId> ids) {
    if (!ids.empty()) {
        RemoveLogs logs;
        for (const TaskId id : ids) {
            add_logs_of(*step.state().task(id), logs);
        }
        step.record(TasksRemoved{std::move(ids)});
        step.act(std::move(logs));
    }
}

}  // namespace

void handle(Step& step, SessionId session, const Remove& request) {
    const auto has_no_process = [](const Task& task) { return !has_process(task); };
    Divided divided = divide(step.state(), request.tasks, has_no_process);
    std::set<TaskId> going(divided.matching.begin(), divided.matching.end());
    const std::set<TaskId> held = held_back(step, going);
    const auto first_held =
        std::stable_partition(divided.matching.begin(), divided.matching.end(), [&](TaskId id) {
            return !held.contains(id);
        });
    divided.others.insert(divided.others.end(), first_held, divided.matching.end());
    divided.matching.erase(first_held, divided.matching.end());
    std::erase_if(going, [&](TaskId id) { return held.contains(id); });
    remove(step, {going.begin(), going.end()});
    step.answer_change(session, id_list("Tasks removed from list", divided));
}

void handle(Step& step, SessionId session, const Clean& clean) {
    std::vector<TaskId> ids;
    for (const auto& [id, task] : step.state().tasks) {
        const bool is_wanted = is_done(task) && (!clean.successful_only || has_succeeded(task)) &&
                               (!clean.group || task.spec->group == *clean.group);
        if (is_wanted && !has_open_dependents(step, id)) {
            ids.push_back(id);
        }
    }
    remove(step, std::move(ids));
    std::string text = "All";
    text += clean.successful_only ? " successfully" : "";
    text += " finished tasks have been removed";
    text += clean.group ? " from group '" + *clean.group + "'" : "";
    step.answer_change(session, SuccessReply{std::move(text)});
}

}  // namespace pueue::core
