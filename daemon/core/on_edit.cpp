#include "daemon/core/handlers.hpp"
#include "daemon/core/texts.hpp"

#include <utility>

namespace pueue::core {

namespace {

bool waits_unlocked(const Task& task) {
    return task.status.is<Queued>() || task.status.is<Stashed>();
}

/// Why the environment of a task cannot be changed; none if it can.
std::optional<Answer> env_objection(const State& state, TaskId id) {
    const Task* task = state.task(id);
    if (task == nullptr) {
        return FailureReply{"No task with id " + std::to_string(id.value)};
    }
    if (!waits_unlocked(*task)) {
        return FailureReply{"You can only edit stashed or queued tasks"};
    }
    return std::nullopt;
}

}  // namespace

void handle(Step& step, SessionId session, const Switch& request) {
    const Task* first = step.state().task(request.first);
    const Task* second = step.state().task(request.second);
    if (first == nullptr || second == nullptr || !waits_unlocked(*first) ||
        !waits_unlocked(*second)) {
        step.answer_change(session, FailureReply{"Tasks have to be either queued or stashed."});
        return;
    }
    if (first == second) {
        step.answer_change(session, FailureReply{"You cannot switch a task with itself."});
        return;
    }
    step.record(TasksSwitched{request.first, request.second});
    step.answer_change(session, SuccessReply{"Tasks have been switched"});
}

// Here and in EditedTasks, what was done before the first objection stays done.
void handle(Step& step, SessionId session, const EditRequest& request) {
    for (const TaskId id : request.tasks) {
        const Task* task = step.state().task(id);
        if (task == nullptr) {
            step.answer_change(session, FailureReply{"No task with this id."});
            return;
        }
        if (!waits_unlocked(*task)) {
            step.answer_change(session, FailureReply{"You can only edit a queued/stashed task"});
            return;
        }
        step.record(TaskLocked{id});
    }
    step.answer_change(session, EditReply{request.tasks});
}

void handle(Step& step, SessionId session, const EditedTasks& edited) {
    for (const FieldsOf& one : edited.tasks) {
        const std::string id = std::to_string(one.task.value);
        const Task* task = step.state().task(one.task);
        if (task == nullptr) {
            step.answer_change(session, FailureReply{"Task to edit has gone away: " + id});
            return;
        }
        if (!task->status.is<Locked>()) {
            step.answer_change(session, FailureReply{"Task " + id + " is no longer locked."});
            return;
        }
        step.record(TaskEdited{one.task, one.fields});
        step.record(TaskUnlocked{one.task});
    }
    step.answer_change(session, SuccessReply{"All tasks have been updated"});
}

void handle(Step& step, SessionId session, const EditRestore& restore) {
    std::string problems;
    for (const TaskId id : restore.tasks) {
        const Task* task = step.state().task(id);
        if (task == nullptr) {
            problems += "\nNo task with id " + std::to_string(id.value) + "! Cannot be unlocked.";
        } else if (!task->status.is<Locked>()) {
            problems += "\nTask " + std::to_string(id.value) + " isn't locked! Cannot be unlocked";
        } else {
            step.record(TaskUnlocked{id});
        }
    }
    if (!problems.empty()) {
        step.answer_change(session, FailureReply{"Some tasks couldn't be unlocked:" + problems});
        return;
    }
    step.answer_change(
        session,
        SuccessReply{
            "The requested task ids have been restored their previous state: [" +
            joined(restore.tasks) + "]"}
    );
}

void handle(Step& step, SessionId session, const EnvSet& set) {
    if (auto failure = env_objection(step.state(), set.task)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    step.record(VariableSet{set.task, set.name, set.value});
    step.answer_change(session, SuccessReply{"Environment variable set."});
}

void handle(Step& step, SessionId session, const EnvUnset& unset) {
    if (auto failure = env_objection(step.state(), unset.task)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    if (!step.state().task(unset.task)->spec->environment->contains(unset.name)) {
        step.answer_change(
            session, FailureReply{"No environment variable with key '" + unset.name + "' found."}
        );
        return;
    }
    step.record(VariableUnset{unset.task, unset.name});
    step.answer_change(session, SuccessReply{"Environment variable unset."});
}

}  // namespace pueue::core
