#include "daemon/core/handlers.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/selection.hpp"
#include "daemon/core/texts.hpp"

#include <algorithm>
#include <utility>

namespace pueue::core {

namespace {

/// The selected tasks that have a process: of ids in the given order, else ascending.
std::vector<TaskId> with_process(const Step& step, const TaskSelection& selection) {
    std::vector<TaskId> ids;
    if (const auto* given = std::get_if<std::vector<TaskId>>(&selection)) {
        std::copy_if(given->begin(), given->end(), std::back_inserter(ids), [&](TaskId id) {
            const Task* task = step.state().task(id);
            return task != nullptr && has_process(*task);
        });
        return ids;
    }
    const auto* group = std::get_if<std::string>(&selection);
    const std::set<TaskId>& live =
        group == nullptr ? step.indexes().live() : step.indexes().group(*group).live;
    return {live.begin(), live.end()};
}

/// Sets the status of the selected groups; ids select none.
void set_selected_groups(Step& step, const TaskSelection& selection, GroupStatus status) {
    if (const auto* group = std::get_if<std::string>(&selection)) {
        set_group_status(step, *group, status);
    } else if (std::holds_alternative<AllTasks>(selection)) {
        set_all_group_statuses(step, status);
    }
}

bool has_queued_tasks(const Step& step, const std::string& group) {
    const GroupIndex& index = step.indexes().group(group);
    return index.queued > 0 || index.delayed > 0;
}

/// Whoever kills a whole group does not want its next task to start.
// Compat: one group with queued tasks makes `kill --all` pause every group [kill].
void pause_before_kill(Step& step, const TaskSelection& selection) {
    if (const auto* group = std::get_if<std::string>(&selection)) {
        if (has_queued_tasks(step, *group)) {
            set_group_status(step, *group, GroupStatus::paused);
        }
    } else if (std::holds_alternative<AllTasks>(selection)) {
        const auto& groups = step.state().groups;
        const bool any = std::any_of(groups.begin(), groups.end(), [&](const auto& entry) {
            return has_queued_tasks(step, entry.first);
        });
        if (any) {
            set_all_group_statuses(step, GroupStatus::paused);
        }
    }
}

void force_attempts(Step& step, const TaskSelection& selection) {
    const auto* ids = std::get_if<std::vector<TaskId>>(&selection);
    for (const TaskId id : ids == nullptr ? std::vector<TaskId>() : *ids) {
        const Task* task = step.state().task(id);
        if (task != nullptr && is_done(*task)) {
            const TaskSpec& spec = *task->spec;
            step.record(AttemptsForgiven{id});
            restart(
                step,
                {id, {spec.original_command, spec.command, spec.path, spec.label, spec.priority}},
                false
            );
        }
    }
}

SelectionTexts kill_texts(const Kill& kill) {
    const std::string group = selected_group(kill.tasks);
    if (kill.signal) {
        const std::string sending = "Sending signal " + kill.signal->name + " to all running tasks";
        return {"Tasks are being killed", sending + " of group " + group + ".", sending + "."};
    }
    return {
        "Tasks are being killed",
        "All tasks of group \"" + group + "\" are being killed. The group will also be paused!!!",
        "All tasks are being killed. All groups will be paused!!!",
    };
}

}  // namespace

void handle(Step& step, SessionId session, const Start& start) {
    if (auto failure = missing_selected_group(step.state(), start.tasks)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    if (start.force_attempt) {
        force_attempts(step, start.tasks);
    }
    const SelectionTexts texts{
        "Tasks have been started/resumed",
        "Group \"" + selected_group(start.tasks) + "\" is being resumed.",
        "All groups are being resumed.",
    };
    const auto can_be_started = [](const Task& task) {
        return task.status.is<Paused>() || task.status.is<Queued>() || task.status.is<Stashed>();
    };
    Answer answer = answer_to(step.state(), start.tasks, texts, can_be_started);
    if (std::holds_alternative<FailureReply>(answer)) {
        step.answer_change(session, std::move(answer));
        return;
    }
    ForcedStarts starts;
    if (const auto* ids = std::get_if<std::vector<TaskId>>(&start.tasks)) {
        // Compat: a Locked task does not count as startable, and yet it starts in good company
        // [start-pause].
        for (const TaskId id : *ids) {
            force_start(step, id, starts);
        }
    } else {
        set_selected_groups(step, start.tasks, GroupStatus::running);
        for (const TaskId id : with_process(step, start.tasks)) {
            resume(step, *step.state().task(id));
        }
    }
    answer_after(step, session, std::move(answer), std::move(starts));
}

void handle(Step& step, SessionId session, const Pause& pause) {
    if (auto failure = missing_selected_group(step.state(), pause.tasks)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    const SelectionTexts texts{
        "Tasks have been paused",
        "Group \"" + selected_group(pause.tasks) + "\" is being paused.",
        "All groups are being paused.",
    };
    const auto is_running = [](const Task& task) { return task.status.is<Running>(); };
    Answer answer = answer_to(step.state(), pause.tasks, texts, is_running);
    if (std::holds_alternative<SuccessReply>(answer)) {
        set_selected_groups(step, pause.tasks, GroupStatus::paused);
        if (!pause.wait) {
            for (const TaskId id : with_process(step, pause.tasks)) {
                core::pause(step, *step.state().task(id));
            }
        }
    }
    step.answer_change(session, std::move(answer));
}

void handle(Step& step, SessionId session, const Kill& kill) {
    if (auto failure = missing_selected_group(step.state(), kill.tasks)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    Answer answer = answer_to(step.state(), kill.tasks, kill_texts(kill), has_process);
    if (std::holds_alternative<FailureReply>(answer)) {
        step.answer_change(session, std::move(answer));
        return;
    }
    pause_before_kill(step, kill.tasks);
    std::vector<AttemptKey> dying;
    for (const TaskId id : with_process(step, kill.tasks)) {
        const Task& task = *step.state().task(id);
        if (kill.signal) {
            step.act(SignalTask{task.key(), kill.signal->number});
        } else {
            core::kill(step, task);
            dying.push_back(task.key());
        }
    }
    answer_when_ended(step, session, std::move(answer), dying);
}

void handle(Step& step, SessionId session, const Send& send) {
    const Task* task = step.state().task(send.task);
    if (task == nullptr || !has_process(*task)) {
        step.answer_change(session, FailureReply{"You can only send input to a running process."});
        return;
    }
    step.act(SendInput{session, task->key(), send.input});
}

void handle(Step& step, SessionId session, const Shutdown& shutdown) {
    // Not a change: whoever asks for the end gets the answer even when the disk has failed.
    step.answer_read(session, SuccessReply{"Daemon is shutting down"});
    begin_ending(step, shutdown.graceful ? 0 : 1, shutdown.keeps_tasks);
}

}  // namespace pueue::core
