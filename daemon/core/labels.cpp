#include "daemon/core/labels.hpp"

#include <functional>

namespace pueue::core {

namespace {

std::size_t hash_of(const std::string& label) {
    return std::hash<std::string>{}(label);
}

}  // namespace

void Labels::link(const Task& task) {
    if (task.spec->label) {
        tasks_.emplace(hash_of(*task.spec->label), task.id);
    }
}

void Labels::unlink(const Task& task) {
    if (task.spec->label) {
        tasks_.erase({hash_of(*task.spec->label), task.id});
    }
}

void Labels::remember(const RunId& run, const ClosedRun& closed) {
    closed_.emplace(hash_of(closed.label), run);
}

void Labels::forget(const RunId& run, const ClosedRun& closed) {
    closed_.erase({hash_of(closed.label), run});
}

std::vector<const Task*> Labels::tasks(const State& state, const std::string& label) const {
    std::vector<const Task*> found;
    const std::size_t hash = hash_of(label);
    for (auto entry = tasks_.lower_bound({hash, TaskId{0}});
         entry != tasks_.end() && entry->first == hash;
         ++entry) {
        const Task* task = state.task(entry->second);
        if (task->spec->label == label) {
            found.push_back(task);
        }
    }
    return found;
}

}  // namespace pueue::core
