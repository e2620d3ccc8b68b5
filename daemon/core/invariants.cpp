#include "daemon/core/invariants.hpp"

#include "daemon/core/indexes.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace pueue::core {

namespace {

class Findings {
  public:
    /// Notes the rule down unless it holds.
    void expect(bool holds, std::string_view rule, std::string_view subject) {
        if (!holds) {
            found_.push_back(std::string(subject) + ": " + std::string(rule));
        }
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(found_); }

  private:
    std::vector<std::string> found_;
};

std::string name_of(TaskId id) {
    return "task " + std::to_string(id.value);
}

bool can_be_locked(const Locked& locked) {
    const TaskStatus* previous = locked.previous_status.get();
    return previous != nullptr && (previous->is<Queued>() || previous->is<Stashed>());
}

/// The earlier attempts have consecutive numbers up to the newest one that is over, unless that is
/// the one the task is Done with.
bool counts_attempts(const Task& task) {
    std::uint32_t next = 0;
    for (const EndedAttempt& ended : task.earlier) {
        if (next != 0 && ended.number.value != next) {
            return false;
        }
        next = ended.number.value + 1;
    }
    return task.earlier.empty() || task.attempts.value == next ||
           (task.attempts.value + 1 == next && !has_process(task));
}

void check_task(const State& state, TaskId id, const Task& task, Findings& findings) {
    const std::string name = name_of(id);
    findings.expect(task.id == id, "is filed under its own id", name);
    findings.expect(id < state.next_task_id, "has an id that was given out", name);
    if (task.spec == nullptr) {
        findings.expect(false, "has a specification", name);
        return;
    }
    findings.expect(task.spec->environment != nullptr, "has an environment", name);
    findings.expect(state.group(task.spec->group) != nullptr, "is in a group that exists", name);
    const std::vector<TaskId>& ids = task.spec->dependencies;
    findings.expect(
        std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end(),
        "has dependencies in order and once each",
        name
    );
    findings.expect(
        has_process(task) == task.attempt.has_value(), "has an attempt while it runs", name
    );
    findings.expect(!task.attempt || task.attempts.value > 0, "has counted its attempt", name);
    findings.expect(counts_attempts(task), "has earlier attempts in order", name);
    const auto* locked = task.status.get_if<Locked>();
    findings.expect(
        locked == nullptr || can_be_locked(*locked), "was Queued or Stashed before its lock", name
    );
}

void check_workers(const State& state, Findings& findings) {
    std::set<std::pair<std::string_view, WorkerId>> taken;
    for (const auto& [id, task] : state.tasks) {
        if (task.attempt && task.spec) {
            const bool is_new = taken.emplace(task.spec->group, task.attempt->worker).second;
            findings.expect(is_new, "has a worker number of its own", name_of(id));
        }
    }
}

bool is_doomed(const State& state, const Task& task) {
    const std::vector<TaskId>& ids = task.spec->dependencies;
    return std::any_of(ids.begin(), ids.end(), [&](TaskId id) {
        return standing(state, id) == Standing::failed;
    });
}

bool is_unblocked(const State& state, const Task& task) {
    const std::vector<TaskId>& ids = task.spec->dependencies;
    return std::all_of(ids.begin(), ids.end(), [&](TaskId id) {
        const Standing one = standing(state, id);
        return one == Standing::absent || one == Standing::succeeded;
    });
}

std::uint64_t attempts_in(const State& state, const std::string& group) {
    std::uint64_t attempts = 0;
    for (const auto& [id, task] : state.tasks) {
        attempts += has_process(task) && task.spec->group == group ? 1U : 0U;
    }
    return attempts;
}

/// The groups in which a ready task would start.
std::set<std::string_view> open_groups(const State& state) {
    std::set<std::string_view> names;
    for (const auto& [name, group] : state.groups) {
        const std::uint64_t slots = group.parallel_tasks;
        if (group.status == GroupStatus::running &&
            (slots == 0 || attempts_in(state, name) < slots)) {
            names.insert(name);
        }
    }
    return names;
}

bool is_due(const Task& task, const WallTime& now) {
    const auto* stashed = task.status.get_if<Stashed>();
    return stashed != nullptr && stashed->enqueue_at && *stashed->enqueue_at <= now;
}

}  // namespace

std::vector<std::string> broken_invariants(const State& state) {
    Findings findings;
    for (const auto& [id, task] : state.tasks) {
        check_task(state, id, task, findings);
    }
    check_workers(state, findings);
    return findings.take();
}

// Looks at State alone, so that a mistake in the indexes cannot hide what it causes.
std::vector<std::string> unsettled(const State& state, const WallTime& now, bool has_keeper) {
    Findings findings;
    for (const auto& [name, group] : state.groups) {
        const bool is_over = group.status == GroupStatus::reset && attempts_in(state, name) == 0;
        findings.expect(!is_over, "is reset while something runs in it", "group " + name);
    }
    const std::set<std::string_view> open = open_groups(state);
    for (const auto& [id, task] : state.tasks) {
        findings.expect(!is_due(task, now), "is enqueued when its time has come", name_of(id));
        if (!task.status.is<Queued>()) {
            continue;
        }
        const std::string& group = task.spec->group;
        const bool could_start = has_keeper && open.contains(group) && is_unblocked(state, task);
        findings.expect(!could_start, "does not wait beside a free slot", name_of(id));
        const bool is_hopeless =
            state.group(group)->status != GroupStatus::paused && is_doomed(state, task);
        findings.expect(!is_hopeless, "does not wait for what has failed", name_of(id));
    }
    return findings.take();
}

std::vector<std::string> broken_invariants(const Scheduler& scheduler, const WallTime& now) {
    const State& state = scheduler.state();
    std::vector<std::string> of_state = broken_invariants(state);
    if (!of_state.empty()) {
        return of_state;
    }
    if (scheduler.indexes() != Indexes::of(state)) {
        return {"indexes: equal what the state says"};
    }
    if (scheduler.is_ending() || !scheduler.has_store()) {
        return {};
    }
    return unsettled(state, now, scheduler.has_keeper());
}

}  // namespace pueue::core
