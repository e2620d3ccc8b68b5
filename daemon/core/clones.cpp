#include "daemon/core/clones.hpp"

#include "daemon/core/identity.hpp"
#include "daemon/core/limits.hpp"

#include <utility>

namespace pueue::core {

namespace {

/// Whether a client that was shown the task would send this environment.
bool was_shown(const Environment& sent, const Task& task) {
    if (!visible_worker(task)) {
        return sent == *task.spec->environment;
    }
    return sent.contains(worker_variable) && sent.contains(group_variable);
}

}  // namespace

const Task* copied_by(Step& step, SessionId session, const core::Add& add) {
    const auto spectator = step.situation().spectators.find(session);
    if (spectator == step.situation().spectators.end() || add.is_copy || !add.has_priority ||
        add.enqueue_at || !add.spec.dependencies.empty()) {
        return nullptr;
    }
    const Task* task = step.indexes().twins().find(
        step.state(),
        add.spec,
        spectator->second,
        [&](const Task& twin) { return was_shown(*add.spec.environment, twin); }
    );
    if (task != nullptr) {
        spectator->second = task->id;
    }
    return task;
}

bool restarts_in_place(const Step& step, const Task& task) {
    const CloneRequests configured = step.situation().policy.clone_requests;
    return wishes(step, *task.spec, task.options).restart.value_or(configured) ==
           CloneRequests::in_place;
}

void restart_by_copy(Step& step, SessionId session, const Task& task, const core::Add& copy) {
    const bool is_paused = step.state().group(task.spec->group)->status == GroupStatus::paused;
    AddedTaskReply reply{task.id, std::nullopt, is_paused, AddOutcome::restarted};
    ForcedStarts starts;
    const auto limit = is_done(task) ? objection_to_restart(step, task) : std::nullopt;
    if (limit && step.situation().policy.limits.on_trip == OnTrip::fail) {
        step.answer_change(session, FailureReply{*limit});
        return;
    }
    if (limit || !is_done(task)) {
        reply.outcome = AddOutcome::existing;
        reply.warning = limit.value_or("");
    } else {
        const TaskSpec& spec = copy.spec;
        restart(
            step,
            {reply.id, {spec.original_command, spec.command, spec.path, spec.label, spec.priority}},
            copy.stashed
        );
        if (copy.start_immediately) {
            force_start(step, reply.id, starts);
        }
    }
    answer_after(step, session, std::move(reply), std::move(starts));
}

}  // namespace pueue::core
