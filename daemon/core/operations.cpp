#include "daemon/core/operations.hpp"

#include "daemon/core/signals.hpp"
#include "protocol/base/result.hpp"

#include <utility>

namespace pueue::core {

namespace {

/// When the process of a task was started.
std::optional<WallTime> started_at(const Task& task) {
    if (const auto* running = task.status.get_if<Running>()) {
        return running->start;
    }
    if (const auto* paused = task.status.get_if<Paused>()) {
        return paused->start;
    }
    return std::nullopt;
}

/// The group's own setting comes first; with both set, only the group is paused.
void pause_on_failure(Step& step, const std::string& group) {
    const Policy& policy = step.situation().policy;
    if (policy.pause_group_on_failure) {
        set_group_status(step, group, GroupStatus::paused);
    } else if (policy.pause_all_on_failure) {
        set_all_group_statuses(step, GroupStatus::paused);
    }
}

}  // namespace

void set_group_status(Step& step, const std::string& group, GroupStatus status) {
    if (step.state().group(group)->status != status) {
        step.record(GroupStatusSet{group, status});
    }
}

void set_all_group_statuses(Step& step, GroupStatus status) {
    for (const auto& [name, group] : step.state().groups) {
        set_group_status(step, name, status);
    }
}

void record_start(Step& step, const Task& task) {
    const WallTime now = step.now().wall;
    const auto* queued = task.status.get_if<Queued>();
    const WorkerId worker = step.indexes().group(task.spec->group).workers.smallest_free();
    const AttemptNumber attempt{task.attempts.value + 1};
    step.record(AttemptStarted{task.id, attempt, worker, queued ? queued->enqueued_at : now, now});
}

AttemptKey start(Step& step, const Task& task) {
    PUEUE_CHECK(step.situation().has_keeper);
    record_start(step, task);
    step.act(StartAttempt{task.key(), task.attempt->worker});
    return task.key();
}

void force_start(Step& step, TaskId id, ForcedStarts& starts) {
    const Task* task = step.state().task(id);
    if (task == nullptr || is_done(*task)) {
        return;
    }
    if (has_process(*task)) {
        resume(step, *task);
    } else if (step.situation().has_keeper) {
        starts.begun.push_back(start(step, *task));
    } else {
        starts.wishes.push_back({id, task->run});
    }
}

void answer_after(Step& step, SessionId session, Answer answer, ForcedStarts starts) {
    Promise promise{session, std::move(answer)};
    step.situation().pending.wait(
        std::move(promise),
        PendingReplies::Until::started,
        starts.begun,
        std::move(starts.wishes),
        Instant{step.now().instant.since_boot + patience}
    );
}

void answer_when_ended(
    Step& step, SessionId session, Answer answer, const std::vector<AttemptKey>& attempts
) {
    Promise promise{session, std::move(answer)};
    step.situation().pending.wait(
        std::move(promise),
        PendingReplies::Until::ended,
        attempts,
        {},
        Instant{step.now().instant.since_boot + patience}
    );
}

void pause(Step& step, const Task& task) {
    if (!has_process(task)) {
        return;
    }
    if (task.status.is<Running>()) {
        step.record(TaskPaused{task.id});
    }
    step.act(SignalTask{task.key(), sigstop});
}

void resume(Step& step, const Task& task) {
    if (task.status.is<Paused>()) {
        step.record(TaskResumed{task.id});
        step.act(SignalTask{task.key(), sigcont});
    }
}

void kill(Step& step, const Task& task) {
    PUEUE_CHECK(has_process(task));
    step.situation().killing.insert(task.key());
    step.act(SignalTask{task.key(), sigkill});
}

namespace {

void end(Step& step, const Task& task, TaskResult result) {
    const WallTime now = step.now().wall;
    const bool never_ran = std::holds_alternative<FailedToSpawn>(result);
    const bool pauses = never_ran || std::holds_alternative<Failed>(result) ||
                        std::holds_alternative<Errored>(result);
    const std::optional<WallTime> started = started_at(task);
    const WallTime start = never_ran ? now : started.value_or(now);
    const AttemptKey key = task.key();
    step.record(TaskFinished{task.id, start, now, std::move(result)});
    step.situation().killing.erase(key);
    step.situation().pending.ended(key);
    if (pauses) {
        pause_on_failure(step, task.spec->group);
    }
    // A group that is being reset does not keep the output of what ends in it.
    if (started && step.state().group(task.spec->group)->status == GroupStatus::reset) {
        RemoveLogs logs;
        add_logs_of(task, logs);
        step.act(std::move(logs));
    }
}

}  // namespace

void finish(Step& step, const Task& task, TaskResult result) {
    end(step, task, std::move(result));
    if (step.situation().policy.has_callback) {
        const GroupIndex& group = step.indexes().group(task.spec->group);
        step.act(RunCallback{task, group.queued + group.delayed, group.stashed});
    }
}

void finish_lost(Step& step, const Task& task) {
    end(step, task, Killed{});
}

void add_logs_of(const Task& task, RemoveLogs& logs) {
    logs.ids.push_back(task.id);
    if (!task.earlier.empty()) {
        logs.earlier.push_back({task.id, task.attempts});
    }
}

void rotate_log(Step& step, const Task& task) {
    const std::optional<std::uint32_t> kept = step.situation().policy.earlier_logs;
    if (kept && !task.earlier.empty()) {
        step.act(RotateLog{task.id, task.earlier.back().number, *kept});
    }
}

void restart(Step& step, const FieldsOf& fields, bool stashed) {
    step.record(TaskRestarted{fields.task, fields.fields, step.now().wall, stashed});
    rotate_log(step, *step.state().task(fields.task));
}

void begin_ending(Step& step, int exit_code, bool keeps_tasks) {
    Situation& situation = step.situation();
    if (situation.ending) {
        return;
    }
    const Instant patience_ends{step.now().instant.since_boot + patience};
    situation.ending = Ending{exit_code, keeps_tasks, patience_ends, false};
    if (keeps_tasks) {
        return;
    }
    for (const TaskId id : step.indexes().live()) {
        kill(step, *step.state().task(id));
    }
}

}  // namespace pueue::core
