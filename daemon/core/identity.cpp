#include "daemon/core/identity.hpp"

#include <algorithm>
#include <vector>

namespace pueue::core {

namespace {

struct Policies {
    ConflictPolicy conflict = ConflictPolicy::allow;
    ReusePolicy reuse = ReusePolicy::allow_duplicate;
    OnReject on_reject = OnReject::fail;
};

/// The site's policies are for labels that are keys; what rules or the task itself say counts for
/// every label.
Policies policies_for(const Step& step, const core::Add& add) {
    const IdentitySettings& site = step.situation().policy.identity;
    Policies policies;
    if (site.is_key(*add.spec.label)) {
        policies.conflict = site.id_conflict_policy;
        policies.reuse = site.id_reuse_policy;
    }
    const TaskOptions wished = wishes(step, add.spec, add.options);
    policies.conflict = wished.id_conflict_policy.value_or(policies.conflict);
    policies.reuse = wished.id_reuse_policy.value_or(policies.reuse);
    policies.on_reject = wished.on_reject.value_or(site.on_reject);
    return policies;
}

bool is_in_scope(const Step& step, const std::string& group, const std::string& other) {
    return step.situation().policy.identity.scope == IdentityScope::label || group == other;
}

bool is_same_work(const TaskSpec& a, const TaskSpec& b) {
    return a.original_command == b.original_command && a.path == b.path;
}

/// How a task that is not over is called in a sentence.
std::string_view condition(const Task& task) {
    if (has_process(task)) {
        return task.status.is<Running>() ? "running" : "paused";
    }
    return task.status.is<Queued>() ? "queued" : "stashed";
}

Judgement judge_conflict(
    const core::Add& add, ConflictPolicy policy, const std::vector<const Task*>& open
) {
    if (policy == ConflictPolicy::allow) {
        return AddNew{};
    }
    const auto same = std::find_if(open.rbegin(), open.rend(), [&](const Task* task) {
        return is_same_work(*task->spec, add.spec);
    });
    const Task& task = same != open.rend() ? **same : *open.back();
    const std::string id = std::to_string(task.id.value);
    if (policy == ConflictPolicy::fail) {
        return RefuseAdd{
            *add.spec.label + " is already " + std::string(condition(task)) + " as task " + id +
            " (id_conflict_policy)"};
    }
    if (same == open.rend()) {
        return AddNew{
            *add.spec.label + " is also task " + id +
            ", with another command or directory: the label does not say everything"};
    }
    return UseExisting{task.id, AddOutcome::existing};
}

/// The newest run that is over.
struct Closed {
    TaskId id;
    bool has_succeeded = false;
};

std::optional<Closed> newest_closed(const Step& step, const core::Add& add) {
    const State& state = step.state();
    const Labels& labels = step.indexes().labels();
    const std::vector<const Task*> tasks = labels.tasks(state, *add.spec.label);
    const auto newest = std::find_if(tasks.rbegin(), tasks.rend(), [&](const Task* task) {
        return is_done(*task) && is_in_scope(step, task->spec->group, add.spec.group);
    });
    if (newest != tasks.rend()) {
        return is_same_work(*(*newest)->spec, add.spec)
                   ? std::optional(Closed{(*newest)->id, has_succeeded(**newest)})
                   : std::nullopt;
    }
    const ClosedRun* run =
        labels.newest_closed(state, *add.spec.label, [&](const ClosedRun& closed) {
            return is_in_scope(step, closed.group, add.spec.group);
        });
    if (run == nullptr || run->command != add.spec.original_command || run->path != add.spec.path) {
        return std::nullopt;
    }
    return Closed{run->task, std::holds_alternative<Success>(run->result)};
}

Judgement judge_reuse(const Step& step, const core::Add& add, const Policies& policies) {
    if (policies.reuse == ReusePolicy::allow_duplicate) {
        return AddNew{};
    }
    const std::optional<Closed> closed = newest_closed(step, add);
    const bool is_rejected =
        closed && (policies.reuse == ReusePolicy::reject_duplicate || closed->has_succeeded);
    if (!is_rejected) {
        return AddNew{};
    }
    if (policies.on_reject == OnReject::use_existing) {
        return UseExisting{closed->id, AddOutcome::skipped};
    }
    return RefuseAdd{
        *add.spec.label + (closed->has_succeeded ? " has already succeeded" : " is already done") +
        " as task " + std::to_string(closed->id.value) + " (id_reuse_policy)"};
}

}  // namespace

TaskOptions wishes(const Step& step, const TaskSpec& spec, const TaskOptions& own) {
    const RuleSubject subject{spec.group, spec.label, spec.original_command, spec.path};
    TaskOptions all;
    for (const Rule& rule : step.situation().policy.rules) {
        if (rule.matches(subject)) {
            all = combined(all, rule.options);
        }
    }
    return combined(all, own);
}

std::vector<const Task*> open_runs(
    const Step& step, const std::string& group, const std::string& label
) {
    std::vector<const Task*> open = step.indexes().labels().tasks(step.state(), label);
    std::erase_if(open, [&](const Task* task) {
        return is_done(*task) || !is_in_scope(step, task->spec->group, group);
    });
    return open;
}

Judgement judge(const Step& step, const core::Add& add) {
    if (!add.spec.label) {
        return AddNew{};
    }
    const Policies policies = policies_for(step, add);
    const std::vector<const Task*> open = open_runs(step, add.spec.group, *add.spec.label);
    return open.empty() ? judge_reuse(step, add, policies)
                        : judge_conflict(add, policies.conflict, open);
}

}  // namespace pueue::core
