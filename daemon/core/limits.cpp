#include "daemon/core/limits.hpp"

#include "daemon/core/identity.hpp"

#include <algorithm>
#include <vector>

namespace pueue::core {

namespace {

bool is_exempt(const Step& step, const std::string& group) {
    const std::vector<std::string>& groups = step.situation().policy.limits.exempt_groups;
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

bool is_failure(const TaskResult& result) {
    return std::holds_alternative<Failed>(result) ||
           std::holds_alternative<FailedToSpawn>(result) || std::holds_alternative<Errored>(result);
}

/// The failures since the last success, within the interval, that were not forgiven.
std::uint32_t counted_failures(const Task& task, std::int64_t since) {
    const std::vector<EndedAttempt> ended = ended_attempts(task);
    std::uint32_t failures = 0;
    for (auto attempt = ended.rbegin(); attempt != ended.rend(); ++attempt) {
        if (attempt->number <= task.forgiven || attempt->end.seconds < since ||
            std::holds_alternative<Success>(attempt->result)) {
            break;
        }
        failures += is_failure(attempt->result) ? 1U : 0U;
    }
    return failures;
}

std::string minutes(std::uint32_t seconds) {
    return seconds % 60 == 0 ? std::to_string(seconds / 60) + " minutes"
                             : std::to_string(seconds) + " seconds";
}

std::string way_out(const Task& task, const std::string& limit) {
    const std::string id = std::to_string(task.id.value);
    return " (" + limit + "). To try once more: `pueue start --force-attempt " + id +
           "`, or add it as a new task";
}

}  // namespace

std::optional<std::string> objection_to_add(const Step& step, const core::Add& add) {
    const LimitSettings& limits = step.situation().policy.limits;
    const std::string& group = add.spec.group;
    if (is_exempt(step, group)) {
        return std::nullopt;
    }
    const std::uint64_t tasks = step.indexes().group(group).tasks;
    if (limits.max_tasks_per_group != 0 && tasks >= limits.max_tasks_per_group) {
        return "Group " + group + " has " + std::to_string(tasks) +
               " tasks, which is all it may have (max_tasks_per_group). `pueue clean -g " + group +
               "` removes those that are done";
    }
    const bool is_limited = limits.max_open_per_identity != 0 && add.spec.label;
    const std::size_t open =
        is_limited ? open_runs(step, group, *add.spec.label).size() : std::size_t{0};
    if (is_limited && open >= limits.max_open_per_identity) {
        return *add.spec.label + " is under way " + std::to_string(open) +
               " times, which is all it may be (max_open_per_identity)";
    }
    return std::nullopt;
}

std::optional<std::string> objection_to_restart(const Step& step, const Task& task) {
    const LimitSettings& limits = step.situation().policy.limits;
    if (is_exempt(step, task.spec->group)) {
        return std::nullopt;
    }
    const std::string name = "Task " + std::to_string(task.id.value);
    if (limits.maximum_attempts != 0 && task.attempts.value >= limits.maximum_attempts) {
        return name + " has had " + std::to_string(task.attempts.value) + " attempts" +
               way_out(task, "maximum_attempts");
    }
    if (limits.start_limit_burst == 0) {
        return std::nullopt;
    }
    const std::int64_t since =
        step.now().wall.seconds - std::int64_t{limits.start_limit_interval_seconds};
    const std::uint32_t failures = counted_failures(task, since);
    if (failures < limits.start_limit_burst) {
        return std::nullopt;
    }
    return name + " has failed " + std::to_string(failures) + " times within " +
           minutes(limits.start_limit_interval_seconds) + way_out(task, "start_limit_burst");
}

}  // namespace pueue::core
