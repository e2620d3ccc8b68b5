#include "daemon/core/ledger.hpp"

#include "daemon/core/apply.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace pueue::core {

/// What a record is about, as far as the indexes are concerned.
struct Ledger::Subject {
    std::vector<TaskId> tasks;  ///< ascending
    /// Whether the tasks come, go or get other dependencies or texts: more than a change of place.
    bool relinks = false;
};

class Ledger::FindSubject {
  public:
    explicit FindSubject(const Indexes& indexes) : indexes_(indexes) {}

    Subject operator()(const TaskAdded& added) const { return {{added.id}, true}; }
    Subject operator()(const TaskImported& imported) const { return {{imported.id}, true}; }
    Subject operator()(const TasksRemoved& removed) const { return {removed.ids, true}; }
    Subject operator()(const TaskEdited& edited) const { return {{edited.id}, true}; }
    Subject operator()(const TaskRestarted& restarted) const { return {{restarted.id}, true}; }
    Subject operator()(const VariableSet& set) const { return {{set.id}, true}; }
    Subject operator()(const VariableUnset& unset) const { return {{unset.id}, true}; }
    Subject operator()(const TasksSwitched& switched) const {
        std::set<TaskId> ids{switched.first, switched.second};
        for (const TaskId id : {switched.first, switched.second}) {
            const auto dependents = indexes_.dependents().of(id);
            ids.insert(dependents.begin(), dependents.end());
        }
        return {{ids.begin(), ids.end()}, true};
    }

    Subject operator()(const GroupAdded&) const { return {}; }
    Subject operator()(const GroupRemoved&) const { return {}; }
    Subject operator()(const GroupStatusSet&) const { return {}; }
    Subject operator()(const ParallelSet&) const { return {}; }
    Subject operator()(const FullResetSet&) const { return {}; }
    Subject operator()(const IdsRestarted&) const { return {}; }
    Subject operator()(const KeeperAdopted&) const { return {}; }
    Subject operator()(const StateReplaced&) const { return {}; }
    Subject operator()(const HistoryForgotten&) const { return {}; }

    template <class AboutOneTask>
    Subject operator()(const AboutOneTask& one) const {
        return {{one.id}, false};
    }

  private:
    const Indexes& indexes_;
};

namespace {

/// Makes the indexes follow what a record did to groups, or to everything. Requires: it has been
/// applied.
class FollowGroups {
  public:
    FollowGroups(const State& state, Indexes& indexes) : state_(state), indexes_(indexes) {}

    void operator()(const GroupAdded& added) const { indexes_.add_group(added.name); }
    void operator()(const GroupRemoved& removed) const { indexes_.remove_group(removed.name); }
    void operator()(const GroupStatusSet& set) const { indexes_.refresh_group(state_, set.name); }
    void operator()(const ParallelSet& set) const { indexes_.refresh_group(state_, set.group); }
    void operator()(const StateReplaced&) const { indexes_ = Indexes::of(state_); }
    template <class Other>
    void operator()(const Other&) const {}

  private:
    const State& state_;
    Indexes& indexes_;
};

}  // namespace

Ledger::Ledger(State state) : state_(std::move(state)), indexes_(Indexes::of(state_)) {}

void Ledger::record(const Record& record) {
    const Subject subject = std::visit(FindSubject(indexes_), record);
    std::vector<Standing> before;
    for (const TaskId id : subject.tasks) {
        before.push_back(standing(state_, id));
        take_out(id, subject.relinks);
    }
    const std::vector<RunId> leaving = take_out_of_history(record);
    apply(state_, record);
    for (const RunId& run : leaving) {
        if (const auto found = state_.history.find(run); found != state_.history.end()) {
            indexes_.remember(run, found->second);
        }
    }
    std::visit(FollowGroups(state_, indexes_), record);
    for (const TaskId id : subject.tasks) {
        put_in(id, subject.relinks);
    }
    for (std::size_t i = 0; i < subject.tasks.size(); ++i) {
        tell_dependents(subject, subject.tasks[i], before[i]);
    }
}

/// The runs of the tasks that are being removed, which may come into the history.
std::vector<RunId> Ledger::take_out_of_history(const Record& record) {
    std::vector<RunId> runs;
    if (const auto* forgotten = std::get_if<HistoryForgotten>(&record)) {
        for (const RunId& run : forgotten->runs) {
            indexes_.forget(run, state_.history.at(run));
        }
    } else if (const auto* removed = std::get_if<TasksRemoved>(&record)) {
        for (const TaskId id : removed->ids) {
            runs.push_back(state_.task(id)->run);
        }
    }
    return runs;
}

void Ledger::tell_dependents(const Subject& subject, TaskId id, Standing before) {
    const Standing after = standing(state_, id);
    if (before == after) {
        return;
    }
    for (const TaskId dependent : indexes_.dependents().of(id)) {
        // Who was linked just now has counted its dependencies as they are.
        const std::vector<TaskId>& tasks = subject.tasks;
        const bool counted =
            subject.relinks && std::binary_search(tasks.begin(), tasks.end(), dependent);
        if (!counted) {
            indexes_.shift_dependency(state_, *state_.task(dependent), before, after);
        }
    }
}

void Ledger::take_out(TaskId id, bool unlink) {
    if (const Task* task = state_.task(id)) {
        indexes_.displace(state_, *task);
        if (unlink) {
            indexes_.unlink(*task);
        }
    }
}

void Ledger::put_in(TaskId id, bool link) {
    if (const Task* task = state_.task(id)) {
        if (link) {
            indexes_.link(state_, *task);
        }
        indexes_.place(state_, *task);
    }
}

}  // namespace pueue::core
