#include "daemon/core/handlers.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/signals.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

namespace pueue::core {

namespace {

/// The task whose present process this is; none if the process belongs to the past or to nobody.
const Task* owner_of(const Step& step, const AttemptKey& key) {
    const Task* task = step.state().task(key.task);
    return task != nullptr && has_process(*task) && task->key() == key ? task : nullptr;
}

/// The task whose next attempt this would be. It has run, and the record of its start is lost: the
/// power went before it was durable.
const Task* owner_without_record(const Step& step, const AttemptKey& key) {
    const Task* task = step.state().task(key.task);
    const bool is_next = task != nullptr && !has_process(*task) && !is_done(*task) &&
                         task->run == key.run && task->attempts.value + 1 == key.attempt.value;
    return is_next ? task : nullptr;
}

void finish(Step& step, const Task& task, const ChildExited& exited) {
    if (exited.lost) {
        finish(step, task, Errored{});
    } else if (exited.signaled) {
        finish(step, task, Killed{});
    } else if (exited.value == 0) {
        finish(step, task, Success{});
    } else {
        finish(step, task, Failed{exited.value});
    }
}

void take_exit(Step& step, const ChildExited& exited) {
    if (const Task* task = owner_of(step, exited.key)) {
        finish(step, *task, exited);
    } else if (const Task* unrecorded = owner_without_record(step, exited.key)) {
        record_start(step, *unrecorded);
        finish(step, *unrecorded, exited);
    }
}

/// An attempt that lives has not ended: that exit is from before the power went, when the same
/// attempt ran for a daemon that could not put its start on record.
void take_exits(
    Step& step, const std::vector<ChildExited>& exits, const std::set<AttemptKey>& alive
) {
    std::optional<std::uint64_t> newest;
    for (const ChildExited& exited : exits) {
        if (!alive.contains(exited.key)) {
            take_exit(step, exited);
        }
        newest = std::max(newest.value_or(0), exited.sequence);
    }
    if (newest) {
        step.act(AcknowledgeExit{*newest});
    }
}

/// The process lives. Signals that were decided may have been lost on the way, with the connection
/// or with the daemon before this one, so those that can be repeated are.
void adopt(Step& step, const Task& task) {
    step.situation().pending.started(task.key());
    if (step.situation().killing.contains(task.key())) {
        step.act(SignalTask{task.key(), sigkill});
    } else if (task.status.is<Paused>()) {
        step.act(SignalTask{task.key(), sigstop});
    } else if (task.attempt->was_paused) {
        step.act(SignalTask{task.key(), sigcont});
    }
}

/// Whoever would have started it does not know it, so it has not run.
void withdraw(Step& step, const Task& task) {
    const AttemptKey key = task.key();
    step.record(AttemptWithdrawn{task.id});
    step.situation().pending.withdrawn(key);
}

/// Requires: it is not among the living.
bool has_never_run(const Task& task, const KeeperReport& report) {
    return task.attempt->keeper == report.keeper || report.nothing_lost;
}

/// Stays Paused: withdrawn, it would soon run, which nobody asked for.
void start_again_paused(Step& step, const Task& task) {
    step.act(StartAttempt{task.key(), task.attempt->worker});
    step.act(SignalTask{task.key(), sigstop});
}

void reconcile(Step& step, const Task& task, const KeeperReport& report, bool is_alive) {
    const bool is_dying = step.situation().killing.contains(task.key());
    if (is_alive) {
        adopt(step, task);
    } else if (is_dying) {
        finish(step, task, Killed{});
    } else if (!has_never_run(task, report)) {
        finish_lost(step, task);
    } else if (task.status.is<Paused>()) {
        start_again_paused(step, task);
    } else {
        withdraw(step, task);
    }
}

/// Keeper and processes are gone: what waits does not go on unasked, and edits are forgotten.
void stop_after_loss(Step& step) {
    for (const auto& [name, group] : step.state().groups) {
        if (step.indexes().group(name).queued > 0) {
            set_group_status(step, name, GroupStatus::paused);
        }
    }
    for (const auto& [id, task] : step.state().tasks) {
        if (task.status.is<Locked>()) {
            step.record(TaskStashed{id, std::nullopt});
        }
    }
}

/// The task that was wished for, whatever its id is by now.
const Task* find(const State& state, const PendingReplies::Wish& wish) {
    const Task* task = state.task(wish.task);
    if (task != nullptr && task->run == wish.run) {
        return task;
    }
    for (const auto& [id, other] : state.tasks) {
        if (other.run == wish.run) {
            return &other;
        }
    }
    return nullptr;
}

void grant_wishes(Step& step) {
    step.situation().pending.grant_wishes(
        [&](const PendingReplies::Wish& wish) -> std::optional<AttemptKey> {
            const Task* task = find(step.state(), wish);
            if (task == nullptr || has_process(*task) || is_done(*task)) {
                return std::nullopt;
            }
            return start(step, *task);
        }
    );
}

/// A daemon may have ended between the record of a restart and what belongs to it.
void finish_rotations(Step& step) {
    for (const auto& [id, task] : step.state().tasks) {
        if (!has_process(task) && !is_done(task)) {
            rotate_log(step, task);
        }
    }
}

}  // namespace

void handle(Step& step, const ChildStarted& started) {
    step.situation().pending.started(started.key);
}

void handle(Step& step, const StartFailed& failed) {
    if (const Task* task = owner_of(step, failed.key)) {
        finish(step, *task, FailedToSpawn{failed.reason});
    }
}

void handle(Step& step, const ChildExited& exited) {
    take_exit(step, exited);
    // Also what we do not know, or know already: the keeper repeats it until it is told to stop.
    step.act(AcknowledgeExit{exited.sequence});
}

void handle(Step& step, const KeeperReport& report) {
    const State& state = step.state();
    if (state.groups.empty()) {
        step.record(GroupAdded{default_group, 1});
    }
    const std::set<AttemptKey> alive(report.alive.begin(), report.alive.end());
    take_exits(step, report.exits, alive);
    const std::vector<TaskId> open(step.indexes().live().begin(), step.indexes().live().end());
    for (const TaskId id : open) {
        const Task& task = *state.task(id);
        reconcile(step, task, report, alive.contains(task.key()));
    }
    if (state.keeper != report.keeper) {
        if (state.keeper != KeeperId{} && !report.nothing_lost) {
            stop_after_loss(step);
        }
        step.record(KeeperAdopted{report.keeper});
    }
    finish_rotations(step);
    step.situation().has_keeper = true;
    grant_wishes(step);
}

void handle(Step& step, const KeeperLost& /*lost*/) {
    step.situation().has_keeper = false;
}

}  // namespace pueue::core
