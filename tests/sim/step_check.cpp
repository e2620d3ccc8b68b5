#include "tests/sim/step_check.hpp"

#include "daemon/core/apply.hpp"
#include "daemon/core/invariants.hpp"
#include "tests/support/describe.hpp"

#include <algorithm>
#include <string>

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

std::string name_of(TaskId id) {
    return "task " + std::to_string(id.value);
}

}  // namespace

void StepCheck::note_forced(const core::Event& event, const core::Decision& made) {
    forced_.clear();
    if (std::holds_alternative<core::KeeperReport>(event)) {
        forced_ = asked_for_;
    }
    const auto* request = std::get_if<core::ClientRequest>(&event);
    if (request == nullptr) {
        return;
    }
    if (const auto* start = std::get_if<core::Start>(&request->command)) {
        if (const auto* ids = std::get_if<std::vector<TaskId>>(&start->tasks)) {
            forced_.insert(ids->begin(), ids->end());
        }
    } else if (const auto* restart = std::get_if<core::Restart>(&request->command)) {
        for (const core::FieldsOf& one : restart->tasks) {
            if (restart->start_immediately) {
                forced_.insert(one.task);
            }
        }
    } else if (const auto* add = std::get_if<core::Add>(&request->command)) {
        for (const core::Record& record : made.records) {
            const auto* added = std::get_if<core::TaskAdded>(&record);
            if (added != nullptr && add->start_immediately) {
                forced_.insert(added->id);
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
    note_forced(event, made);
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
    if (forced_.contains(started.id)) {
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
