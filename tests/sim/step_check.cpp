#include "tests/sim/step_check.hpp"

#include "daemon/core/apply.hpp"
#include "daemon/core/invariants.hpp"
#include "tests/support/describe.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace pueue::sim {

namespace {

bool is_met(const State& state, TaskId dependency) {
    const Task* task = state.task(dependency);
    return task == nullptr || has_succeeded(*task);
}

std::uint64_t attempts_in(const State& state, const std::string& group) {
    std::uint64_t attempts = 0;
    for (const auto& [id, task] : state.tasks) {
        attempts += has_process(task) && task.spec->group == group ? 1U : 0U;
    }
    return attempts;
}

bool may_start(const State& state, const Task& task) {
    const Group& group = *state.group(task.spec->group);
    const std::vector<TaskId>& dependencies = task.spec->dependencies;
    return task.status.is<Queued>() && group.status == GroupStatus::running &&
           (group.parallel_tasks == 0 || attempts_in(state, task.spec->group) < group.parallel_tasks
           ) &&
           std::all_of(dependencies.begin(), dependencies.end(), [&](TaskId id) {
               return is_met(state, id);
           });
}

WorkerId smallest_free_worker(const State& state, const std::string& group) {
    std::set<WorkerId> taken;
    for (const auto& [id, task] : state.tasks) {
        if (task.attempt && task.spec->group == group) {
            taken.insert(task.attempt->worker);
        }
    }
    WorkerId worker;
    while (taken.contains(worker)) {
        ++worker.value;
    }
    return worker;
}

/// The attempts that a request is to end, if it succeeds.
std::vector<AttemptKey> to_end(const core::Command& command, const State& state) {
    const auto* kill = std::get_if<core::Kill>(&command);
    const auto* reset = std::get_if<core::Reset>(&command);
    const auto is_meant = [&](const Task& task) {
        if (reset != nullptr) {
            return !reset->groups ||
                   std::find(reset->groups->begin(), reset->groups->end(), task.spec->group) !=
                       reset->groups->end();
        }
        if (const auto* ids = std::get_if<std::vector<TaskId>>(&kill->tasks)) {
            return std::find(ids->begin(), ids->end(), task.id) != ids->end();
        }
        const auto* group = std::get_if<std::string>(&kill->tasks);
        return group == nullptr || *group == task.spec->group;
    };
    std::vector<AttemptKey> keys;
    if (reset == nullptr && (kill == nullptr || kill->signal)) {
        return keys;
    }
    for (const auto& [id, task] : state.tasks) {
        if (has_process(task) && is_meant(task)) {
            keys.push_back(task.key());
        }
    }
    return keys;
}

/// The attempts that a request is to begin, if it succeeds.
std::vector<AttemptKey> to_start(const core::Command& command, const State& state) {
    std::vector<AttemptKey> keys;
    const auto* start = std::get_if<core::Start>(&command);
    const auto* ids = start == nullptr ? nullptr : std::get_if<std::vector<TaskId>>(&start->tasks);
    if (ids == nullptr) {
        return keys;
    }
    for (const TaskId id : *ids) {
        const Task* task = state.task(id);
        if (task != nullptr && !has_process(*task) && !is_done(*task)) {
            keys.push_back({id, AttemptNumber{task->attempts.value + 1}, task->run});
        }
    }
    return keys;
}

/// Whether a task still waits to be given this attempt.
bool waits_for(const State& state, const AttemptKey& key) {
    return std::any_of(state.tasks.begin(), state.tasks.end(), [&](const auto& entry) {
        const Task& task = entry.second;
        return task.run == key.run && !is_done(task) && task.attempts < key.attempt;
    });
}

bool is_open(const State& state, const AttemptKey& key) {
    const Task* task = state.task(key.task);
    return task != nullptr && has_process(*task) && task->key() == key;
}

std::string name_of(TaskId id) {
    return "task " + std::to_string(id.value);
}

}  // namespace

void StepCheck::begin_life() {
    promises_.clear();
    killed_.clear();
    asked_for_.clear();
}

void StepCheck::note_promise(
    const core::ClientRequest& request, const State& before, const Now& now
) {
    promises_[request.session] = {
        to_start(request.command, before), to_end(request.command, before), now.instant};
}

void StepCheck::note_kills(const core::Event& event, const core::Decision& made) {
    const auto* request = std::get_if<core::ClientRequest>(&event);
    const auto* kill = request == nullptr ? nullptr : std::get_if<core::Kill>(&request->command);
    if (kill != nullptr && kill->signal) {
        return;  // a signal as any other; it may be lost
    }
    for (const core::Action& action : made.actions) {
        const auto* signal = std::get_if<core::SignalTask>(&action);
        if (signal != nullptr && signal->signal == 9) {
            killed_.insert(signal->key);
        }
    }
}

void StepCheck::check_answers(const core::Decision& made, const State& after, const Now& now) {
    for (const core::Action& action : made.actions) {
        const auto* reply = std::get_if<core::Reply>(&action);
        if (reply == nullptr) {
            continue;
        }
        const auto found = promises_.find(reply->session);
        findings_.expect(found != promises_.end(), "nobody is answered who has not asked");
        if (found == promises_.end()) {
            continue;
        }
        const Promise promise = std::move(found->second);
        promises_.erase(found);
        const bool is_late =
            now.instant.since_boot - promise.asked.since_boot >= std::chrono::seconds(10);
        if (is_late || !std::holds_alternative<core::SuccessReply>(reply->answer)) {
            continue;
        }
        for (const AttemptKey& key : promise.started) {
            findings_.expect(
                !waits_for(after, key), describe(key) + " has begun before that is answered"
            );
        }
        for (const AttemptKey& key : promise.ended) {
            findings_.expect(
                !is_open(after, key), describe(key) + " is over before that is answered"
            );
        }
    }
}

void StepCheck::note_forced(
    const core::Event& event, const State& before, const core::Decision& made
) {
    forced_.clear();
    if (const auto* report = std::get_if<core::KeeperReport>(&event)) {
        forced_ = asked_for_;
        for (const core::ChildExited& exit : report->exits) {
            forced_.insert(exit.key.run);  // it has run; only the record is missing
        }
    }
    const auto* request = std::get_if<core::ClientRequest>(&event);
    if (request == nullptr) {
        return;
    }
    const auto force = [&](TaskId id) {
        if (const Task* task = before.task(id)) {
            forced_.insert(task->run);
        }
    };
    if (const auto* start = std::get_if<core::Start>(&request->command)) {
        if (const auto* ids = std::get_if<std::vector<TaskId>>(&start->tasks)) {
            std::for_each(ids->begin(), ids->end(), force);
        }
    } else if (const auto* restart = std::get_if<core::Restart>(&request->command)) {
        for (const core::FieldsOf& one : restart->tasks) {
            if (restart->start_immediately) {
                force(one.task);
            }
        }
    } else if (const auto* add = std::get_if<core::Add>(&request->command)) {
        for (const core::Record& record : made.records) {
            const auto* added = std::get_if<core::TaskAdded>(&record);
            if (added != nullptr && add->start_immediately) {
                forced_.insert(added->run);
            }
        }
    }
    asked_for_.insert(forced_.begin(), forced_.end());
}

void StepCheck::step(
    const core::Event& event,
    const Now& now,
    const State& before,
    const core::Decision& made,
    const core::Scheduler& after
) {
    note_forced(event, before, made);
    note_kills(event, made);
    if (const auto* request = std::get_if<core::ClientRequest>(&event)) {
        note_promise(*request, before, now);
    }
    check_answers(made, after.state(), now);
    State folded = before;
    for (const core::Record& record : made.records) {
        if (!core::applicable(folded, record)) {
            findings_.add("each record can follow the one before: " + describe(record));
            return;
        }
        std::visit([&](const auto& one) { check(folded, one); }, record);
        core::apply(folded, record);
    }
    findings_.expect(folded == after.state(), "the state is the fold of the records");
    for (const std::string& broken : core::broken_invariants(after, now.wall)) {
        findings_.add(broken);
    }
}

void StepCheck::check(const State& state, const core::AttemptStarted& started) {
    const Task& task = *state.task(started.id);
    findings_.expect(
        started.worker == smallest_free_worker(state, task.spec->group),
        name_of(started.id) + " gets the smallest free worker number"
    );
    if (forced_.contains(task.run)) {
        return;
    }
    findings_.expect(may_start(state, task), name_of(started.id) + " starts only when it may");
    for (const auto& [id, other] : state.tasks) {
        const bool is_better = other.spec->priority > task.spec->priority ||
                               (other.spec->priority == task.spec->priority && id < started.id);
        findings_.expect(
            !is_better || !may_start(state, other),
            name_of(started.id) + " starts before no better one, " + name_of(id)
        );
    }
}

void StepCheck::check(const State& state, const core::AttemptWithdrawn& withdrawn) {
    const AttemptKey key = state.task(withdrawn.id)->key();
    const bool has_run = host_.runs(key) || host_.remembers_exit_of(key);
    findings_.expect(!has_run, describe(key) + " is withdrawn only if it never ran");
}

void StepCheck::check(const State& state, const core::TaskFinished& finished) {
    const Task& task = *state.task(finished.id);
    if (std::holds_alternative<DependencyFailed>(finished.result)) {
        const std::vector<TaskId>& ids = task.spec->dependencies;
        findings_.expect(
            std::any_of(
                ids.begin(),
                ids.end(),
                [&](TaskId id) { return state.task(id) != nullptr && has_failed(*state.task(id)); }
            ),
            name_of(finished.id) + " fails only with a dependency"
        );
        return;
    }
    const AttemptKey key = task.key();
    findings_.expect(!host_.runs(key), describe(key) + " is not called finished while it runs");
    const TaskResult* truth = host_.result(key);
    const bool is_true = truth != nullptr && *truth == finished.result;
    // A failed start is told once; if that is lost, nobody knows better.
    const bool may_be_killed =
        truth == nullptr || host_.was_lost(key) || std::holds_alternative<FailedToSpawn>(*truth);
    findings_.expect(
        is_true || (may_be_killed && std::holds_alternative<Killed>(finished.result)),
        describe(key) + " ends as it ended, not as " + describe(finished.result)
    );
}

}  // namespace pueue::sim
