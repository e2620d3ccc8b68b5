#include "daemon/core/apply.hpp"

#include "protocol/base/result.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace pueue::core {

namespace {

template <class... Statuses>
bool is_any(const Task* task) {
    return task != nullptr && (task->status.is<Statuses>() || ...);
}

template <class Ids>
bool ascending(const Ids& ids) {
    return std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end();
}

/// Says of each kind of record whether this state can follow it.
class Check {
  public:
    explicit Check(const State& state) : state_(state) {}

    bool operator()(const GroupAdded& added) const { return state_.group(added.name) == nullptr; }
    bool operator()(const GroupRemoved& removed) const {
        const auto in_group = [&](const auto& entry) {
            return entry.second.spec->group == removed.name;
        };
        return state_.group(removed.name) != nullptr &&
               std::none_of(state_.tasks.begin(), state_.tasks.end(), in_group);
    }
    bool operator()(const GroupStatusSet& set) const { return state_.group(set.name) != nullptr; }
    bool operator()(const ParallelSet& set) const { return state_.group(set.group) != nullptr; }

    bool operator()(const TaskAdded& added) const {
        return is_new(added.id, added.spec) && (added.stashed || !added.enqueue_at);
    }
    bool operator()(const TaskStashed& stashed) const {
        return is_any<Queued, Stashed, Locked>(state_.task(stashed.id));
    }
    bool operator()(const TaskEnqueued& enqueued) const {
        return is_any<Stashed, Locked>(state_.task(enqueued.id));
    }

    bool operator()(const AttemptStarted& started) const {
        const Task* task = state_.task(started.id);
        return is_any<Queued, Stashed, Locked>(task) &&
               started.attempt.value == task->attempts.value + 1;
    }
    bool operator()(const AttemptWithdrawn& withdrawn) const {
        return is_any<Running, Paused>(state_.task(withdrawn.id));
    }
    bool operator()(const TaskPaused& paused) const {
        return is_any<Running>(state_.task(paused.id));
    }
    bool operator()(const TaskResumed& resumed) const {
        return is_any<Paused>(state_.task(resumed.id));
    }
    bool operator()(const TaskFinished& finished) const {
        const Task* task = state_.task(finished.id);
        return std::holds_alternative<DependencyFailed>(finished.result)
                   ? is_any<Queued>(task)
                   : is_any<Running, Paused>(task);
    }
    bool operator()(const TasksRemoved& removed) const {
        const auto removable = [&](TaskId id) {
            return is_any<Locked, Stashed, Queued, Done>(state_.task(id));
        };
        return ascending(removed.ids) &&
               std::all_of(removed.ids.begin(), removed.ids.end(), removable);
    }

    bool operator()(const TaskLocked& locked) const {
        return is_any<Queued, Stashed>(state_.task(locked.id));
    }
    bool operator()(const TaskUnlocked& unlocked) const {
        return is_any<Locked>(state_.task(unlocked.id));
    }
    bool operator()(const TaskEdited& edited) const {
        return is_any<Locked>(state_.task(edited.id));
    }
    bool operator()(const TaskRestarted& restarted) const {
        return is_any<Done>(state_.task(restarted.id));
    }
    bool operator()(const AttemptsForgiven& forgiven) const {
        return state_.task(forgiven.id) != nullptr;
    }
    bool operator()(const VariableSet& set) const {
        return is_any<Queued, Stashed>(state_.task(set.id));
    }
    bool operator()(const VariableUnset& unset) const {
        const Task* task = state_.task(unset.id);
        return is_any<Queued, Stashed>(task) && task->spec->environment->contains(unset.name);
    }
    bool operator()(const TasksSwitched& switched) const {
        return switched.first != switched.second &&
               is_any<Queued, Stashed>(state_.task(switched.first)) &&
               is_any<Queued, Stashed>(state_.task(switched.second));
    }

    bool operator()(const FullResetSet&) const { return true; }
    bool operator()(const IdsRestarted&) const { return state_.tasks.empty(); }
    bool operator()(const KeeperAdopted&) const { return true; }
    bool operator()(const StateReplaced&) const { return true; }
    bool operator()(const TaskImported& imported) const {
        return is_new(imported.id, imported.spec);
    }
    bool operator()(const HistoryForgotten& forgotten) const {
        return ascending(forgotten.runs) &&
               std::all_of(forgotten.runs.begin(), forgotten.runs.end(), [&](const RunId& run) {
                   return state_.history.contains(run);
               });
    }

  private:
    [[nodiscard]] bool is_new(TaskId id, const TaskSpecPtr& spec) const {
        return spec != nullptr && spec->environment != nullptr && state_.task(id) == nullptr &&
               id.value != std::numeric_limits<std::uint64_t>::max() &&
               state_.group(spec->group) != nullptr && ascending(spec->dependencies);
    }

    const State& state_;
};

/// Since when the task has been waiting, as Running and Done go on showing it.
WallTime enqueued_at(const TaskStatus& status) {
    if (const auto* queued = status.get_if<Queued>()) {
        return queued->enqueued_at;
    }
    if (const auto* running = status.get_if<Running>()) {
        return running->enqueued_at;
    }
    const auto* paused = status.get_if<Paused>();
    PUEUE_CHECK(paused != nullptr);
    return paused->enqueued_at;
}

/// Carries each kind of record out. Requires: Check says yes.
class Apply {
  public:
    explicit Apply(State& state) : state_(state) {}

    void operator()(const GroupAdded& added) const {
        state_.groups.emplace(added.name, Group{GroupStatus::running, added.parallel_tasks});
    }
    void operator()(const GroupRemoved& removed) const { state_.groups.erase(removed.name); }
    void operator()(const GroupStatusSet& set) const { group(set.name).status = set.status; }
    void operator()(const ParallelSet& set) const {
        group(set.group).parallel_tasks = set.parallel_tasks;
    }

    void operator()(const TaskAdded& added) const {
        Task task;
        task.id = added.id;
        task.run = added.run;
        task.created_at = added.created_at;
        task.spec = added.spec;
        task.options = added.options;
        task.status = added.stashed ? TaskStatus(Stashed{added.enqueue_at})
                                    : TaskStatus(Queued{added.created_at});
        insert(std::move(task));
    }
    void operator()(const TaskStashed& stashed) const {
        task(stashed.id).status = Stashed{stashed.enqueue_at};
    }
    void operator()(const TaskEnqueued& enqueued) const {
        task(enqueued.id).status = Queued{enqueued.at};
    }

    void operator()(const AttemptStarted& started) const {
        Task& one = task(started.id);
        one.status = Running{started.enqueued_at, started.start};
        one.attempts = started.attempt;
        one.attempt = Attempt{started.worker, state_.keeper, false};
    }
    void operator()(const AttemptWithdrawn& withdrawn) const {
        Task& one = task(withdrawn.id);
        one.status = Queued{enqueued_at(one.status)};
        --one.attempts.value;
        one.attempt.reset();
    }
    void operator()(const TaskPaused& paused) const {
        Task& one = task(paused.id);
        const auto& running = *one.status.get_if<Running>();
        one.status = Paused{running.enqueued_at, running.start};
        one.attempt->was_paused = true;
    }
    void operator()(const TaskResumed& resumed) const {
        Task& one = task(resumed.id);
        const auto& paused = *one.status.get_if<Paused>();
        one.status = Running{paused.enqueued_at, paused.start};
    }
    void operator()(const TaskFinished& finished) const {
        Task& one = task(finished.id);
        one.status = Done{enqueued_at(one.status), finished.start, finished.end, finished.result};
        // A failed start leaves the number that clients see alone, as it leaves `envs` in the
        // original.
        if (one.attempt && !std::holds_alternative<FailedToSpawn>(finished.result)) {
            one.worker = one.attempt->worker;
        }
        one.attempt.reset();
    }
    void operator()(const TasksRemoved& removed) const {
        for (const TaskId id : removed.ids) {
            const auto found = state_.tasks.find(id);
            remember(found->second);
            state_.tasks.erase(found);
        }
    }

    void operator()(const TaskLocked& locked) const {
        Task& one = task(locked.id);
        one.status = Locked{std::make_shared<const TaskStatus>(std::move(one.status))};
    }
    void operator()(const TaskUnlocked& unlocked) const {
        Task& one = task(unlocked.id);
        TaskStatus previous = *one.status.get_if<Locked>()->previous_status;
        one.status = std::move(previous);
    }
    void operator()(const TaskEdited& edited) const { set_fields(task(edited.id), edited.fields); }
    void operator()(const TaskRestarted& restarted) const {
        Task& one = task(restarted.id);
        one.earlier = ended_attempts(one);
        if (one.earlier.size() > ended_attempts_max) {
            one.earlier.erase(one.earlier.begin());
        }
        set_fields(one, restarted.fields);
        one.status = restarted.stashed ? TaskStatus(Stashed{}) : TaskStatus(Queued{restarted.at});
    }
    void operator()(const AttemptsForgiven& forgiven) const {
        Task& one = task(forgiven.id);
        one.forgiven = one.attempts;
    }
    void operator()(const VariableSet& set) const {
        Task& one = task(set.id);
        set_environment(one, one.spec->environment->with(set.name, set.value));
    }
    void operator()(const VariableUnset& unset) const {
        Task& one = task(unset.id);
        set_environment(one, one.spec->environment->without(unset.name));
    }
    void operator()(const TasksSwitched& switched) const {
        Task& first = task(switched.first);
        Task& second = task(switched.second);
        std::swap(first, second);
        std::swap(first.id, second.id);
        for (auto& [id, one] : state_.tasks) {
            rename_dependency(one, switched.first, switched.second);
        }
    }

    void operator()(const FullResetSet& set) const { state_.resetting_everything = set.active; }
    void operator()(const IdsRestarted&) const {
        state_.next_task_id = TaskId{};
        state_.resetting_everything = false;
    }
    void operator()(const KeeperAdopted& adopted) const { state_.keeper = adopted.keeper; }
    void operator()(const StateReplaced&) const {
        state_.tasks.clear();
        state_.groups.clear();
        state_.resetting_everything = false;
    }
    void operator()(const TaskImported& imported) const {
        Task task;
        task.id = imported.id;
        task.run = imported.run;
        task.created_at = imported.created_at;
        task.spec = imported.spec;
        task.status =
            std::visit([](const auto& status) { return TaskStatus(status); }, imported.status);
        insert(std::move(task));
    }
    void operator()(const HistoryForgotten& forgotten) const {
        for (const RunId& run : forgotten.runs) {
            state_.history.erase(run);
        }
    }

  private:
    void remember(const Task& task) const {
        const auto* done = task.status.get_if<Done>();
        const TaskSpec& spec = *task.spec;
        if (done != nullptr && spec.label) {
            state_.history.emplace(
                task.run,
                ClosedRun{
                    task.id,
                    spec.group,
                    *spec.label,
                    spec.original_command,
                    spec.path,
                    task.attempts,
                    done->start,
                    done->end,
                    done->result}
            );
        }
    }

    [[nodiscard]] Task& task(TaskId id) const { return state_.tasks.find(id)->second; }
    void insert(Task task) const {
        const TaskId id = task.id;
        state_.tasks.emplace_hint(state_.tasks.end(), id, std::move(task));
        state_.next_task_id = std::max(state_.next_task_id, TaskId{id.value + 1});
    }
    [[nodiscard]] Group& group(const std::string& name) const {
        return state_.groups.find(name)->second;
    }

    static void set_fields(Task& task, const EditableFields& fields) {
        TaskSpec spec = *task.spec;
        spec.original_command = fields.original_command;
        spec.command = fields.command;
        spec.path = fields.path;
        spec.label = fields.label;
        spec.priority = fields.priority;
        task.spec = std::make_shared<const TaskSpec>(std::move(spec));
    }

    static void set_environment(Task& task, EnvironmentPtr environment) {
        TaskSpec spec = *task.spec;
        spec.environment = std::move(environment);
        task.spec = std::make_shared<const TaskSpec>(std::move(spec));
    }

    static void rename_dependency(Task& task, TaskId first, TaskId second) {
        const std::vector<TaskId>& ids = task.spec->dependencies;
        const bool on_first = std::binary_search(ids.begin(), ids.end(), first);
        const bool on_second = std::binary_search(ids.begin(), ids.end(), second);
        if (on_first == on_second) {
            return;
        }
        TaskSpec spec = *task.spec;
        std::replace(
            spec.dependencies.begin(),
            spec.dependencies.end(),
            on_first ? first : second,
            on_first ? second : first
        );
        std::sort(spec.dependencies.begin(), spec.dependencies.end());
        task.spec = std::make_shared<const TaskSpec>(std::move(spec));
    }

    State& state_;
};

}  // namespace

bool applicable(const State& state, const Record& record) {
    return std::visit(Check(state), record);
}

void apply(State& state, const Record& record) {
    PUEUE_CHECK(applicable(state, record));
    std::visit(Apply(state), record);
}

}  // namespace pueue::core
