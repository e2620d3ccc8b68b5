#include "daemon/core/scheduler.hpp"

#include "daemon/core/handlers.hpp"
#include "daemon/core/operations.hpp"

#include <algorithm>
#include <utility>

namespace pueue::core {

namespace {

/// Whether a request can be granted without a new record. A kill can: a process that fills the disk
/// must be stopped although the disk is full.
bool needs_store(const Command& command) {
    const auto is_any = [&]<class... Commands>(const std::variant<Commands...>*) {
        return (std::holds_alternative<Commands>(command) || ...);
    };
    return !is_any(
        static_cast<const std::variant<Status, Log, Follow, GroupList, Send, Kill, Shutdown>*>(
            nullptr
        )
    );
}

}  // namespace

void handle(Step& step, const ClientRequest& request) {
    const std::optional<std::string>& failure = step.situation().store_failure;
    if (failure && needs_store(request.command)) {
        step.answer_read(request.session, FailureReply{"Nothing was changed. " + *failure});
        return;
    }
    std::visit(
        [&](const auto& command) { handle(step, request.session, command); }, request.command
    );
}

void handle(Step& step, const ClientGone& gone) {
    step.situation().pending.forget(gone.session);
    step.situation().followers.erase(gone.session);
    step.situation().spectators.erase(gone.session);
}

void handle(Step& step, const InputSent& sent) {
    const std::string id = std::to_string(sent.task.value);
    step.answer_read(
        sent.session,
        sent.error ? Answer(FailureReply{
                         "Failed to send input to task " + id + " with err " + *sent.error})
                   : Answer(SuccessReply{"Message is being send to the process."})
    );
}

void handle(Step& /*step*/, const AlarmRang& /*rang*/) {
    // settle() looks at the time after every event.
}

void handle(Step& step, const StopRequested& requested) {
    begin_ending(step, 0, requested.keeps_tasks);
}

void handle(Step& step, const StoreFailed& failed) {
    step.situation().store_failure = failed.reason;
}

void handle(Step& step, const StoreRecovered& /*recovered*/) {
    step.situation().store_failure.reset();
}

namespace {

void complete_resets(Step& step) {
    const State& state = step.state();
    for (const std::string& name : step.indexes().groups_to_clear()) {
        std::vector<TaskId> ids;
        RemoveLogs logs;
        for (const auto& [id, task] : state.tasks) {
            if (task.spec->group == name) {
                ids.push_back(id);
                add_logs_of(task, logs);
            }
        }
        if (!ids.empty()) {
            step.record(TasksRemoved{std::move(ids)});
        }
        if (!logs.earlier.empty()) {
            // The others stay, as in the original; but the next task with this id must not find
            // attempts of a stranger.
            step.act(RemoveLogs{{}, std::move(logs.earlier)});
        }
        step.record(GroupStatusSet{name, GroupStatus::running});
    }
    if (!state.resetting_everything) {
        return;
    }
    const bool goes_on =
        std::any_of(state.groups.begin(), state.groups.end(), [](const auto& entry) {
            return entry.second.status == GroupStatus::reset;
        });
    if (goes_on) {
        return;
    }
    if (state.tasks.empty()) {
        step.record(IdsRestarted{});
    } else {
        step.record(FullResetSet{false});
    }
}

void release_delayed(Step& step) {
    const WallTime now = step.now().wall;
    for (auto next = step.indexes().next_delayed(); next && next->until <= now;
         next = step.indexes().next_delayed()) {
        step.record(TaskEnqueued{next->id, now});
    }
}

void trim_history(Step& step) {
    const std::map<RunId, ClosedRun>& history = step.state().history;
    const HistorySettings& settings = step.situation().policy.history;
    const std::int64_t oldest = step.now().wall.seconds - std::int64_t{settings.retention_seconds};
    std::vector<RunId> forgotten;
    for (const auto& [run, closed] : history) {
        if (history.size() - forgotten.size() <= settings.max_records &&
            closed.end.seconds >= oldest) {
            break;
        }
        forgotten.push_back(run);
    }
    if (!forgotten.empty()) {
        step.record(HistoryForgotten{std::move(forgotten)});
    }
}

/// Level by level, as the original does tick by tick.
void fail_dependents(Step& step) {
    for (auto doomed = step.indexes().doomed(); !doomed.empty(); doomed = step.indexes().doomed()) {
        for (const TaskId id : doomed) {
            finish(step, *step.state().task(id), DependencyFailed{});
        }
    }
}

void fill_slots(Step& step) {
    if (!step.situation().has_keeper) {
        return;
    }
    for (auto next = step.indexes().next_to_start(); next; next = step.indexes().next_to_start()) {
        start(step, *step.state().task(*next));
    }
}

void give_answers(Step& step) {
    for (Promise& promise : step.situation().pending.take_due(step.now().instant)) {
        step.answer_change(promise.session, std::move(promise.answer));
    }
}

/// A process that was sent SIGKILL and is still there when patience ends is left to the keeper: the
/// next daemon adopts it.
bool can_exit(const Step& step) {
    const Situation& situation = step.situation();
    if (situation.ending->keeps_tasks) {
        return true;
    }
    const std::set<TaskId>& live = step.indexes().live();
    const bool is_patient = step.now().instant < situation.ending->patience_ends;
    return std::all_of(live.begin(), live.end(), [&](TaskId id) {
        return !is_patient && situation.killing.contains(step.state().task(id)->key());
    });
}

void announce_exit(Step& step) {
    Ending& ending = *step.situation().ending;
    if (!ending.is_announced && can_exit(step)) {
        ending.is_announced = true;
        const bool leaves_tasks = ending.keeps_tasks || !step.indexes().live().empty();
        step.act(ExitDaemon{ending.exit_code, leaves_tasks});
    }
}

void settle(Step& step) {
    const bool is_ending = step.situation().ending.has_value();
    if (is_ending || step.situation().store_failure) {
        give_answers(step);
        attend_followers(step);
        if (is_ending) {
            announce_exit(step);
        }
        return;
    }
    complete_resets(step);
    trim_history(step);
    release_delayed(step);
    fail_dependents(step);
    fill_slots(step);
    give_answers(step);
    attend_followers(step);
}

}  // namespace

Scheduler::Scheduler(State recovered, Policy policy)
    : situation_(std::make_unique<Situation>(Ledger(std::move(recovered)), policy)) {}

Scheduler::~Scheduler() = default;

Decision Scheduler::step(const Event& event, const Now& now) noexcept {
    Step step(*situation_, now);
    std::visit([&](const auto& happened) { handle(step, happened); }, event);
    settle(step);
    return step.take_decision();
}

const State& Scheduler::state() const noexcept {
    return situation_->ledger.state();
}

std::optional<WallTime> Scheduler::next_alarm() const noexcept {
    const auto next = indexes().next_delayed();
    return next && !situation_->ending && has_store() ? std::optional(next->until) : std::nullopt;
}

std::optional<Instant> Scheduler::next_deadline() const noexcept {
    std::optional<Instant> deadline = situation_->pending.next_deadline();
    const auto& ending = situation_->ending;
    if (ending && !ending->is_announced) {
        deadline = std::min(deadline.value_or(ending->patience_ends), ending->patience_ends);
    }
    return deadline;
}

const Indexes& Scheduler::indexes() const noexcept {
    return situation_->ledger.indexes();
}

bool Scheduler::has_keeper() const noexcept {
    return situation_->has_keeper;
}

bool Scheduler::is_ending() const noexcept {
    return situation_->ending.has_value();
}

bool Scheduler::has_store() const noexcept {
    return !situation_->store_failure;
}

}  // namespace pueue::core
