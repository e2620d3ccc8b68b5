#include "daemon/core/dependents.hpp"

#include "protocol/base/result.hpp"

namespace pueue::core {

namespace {

/// The counter that a dependency of this standing is in; none if it holds nobody up.
std::uint64_t* counter(Unmet& unmet, Standing standing) {
    switch (standing) {
        case Standing::open:
            return &unmet.open;
        case Standing::failed:
            return &unmet.failed;
        case Standing::absent:
        case Standing::succeeded:
            break;
    }
    return nullptr;
}

}  // namespace

Standing standing(const State& state, TaskId id) {
    const Task* task = state.task(id);
    if (task == nullptr) {
        return Standing::absent;
    }
    if (!is_done(*task)) {
        return Standing::open;
    }
    return has_failed(*task) ? Standing::failed : Standing::succeeded;
}

void Dependents::link(const State& state, const Task& task) {
    if (task.spec->dependencies.empty()) {
        return;
    }
    Unmet unmet;
    for (const TaskId dependency : task.spec->dependencies) {
        edges_.insert(Edge{dependency, task.id});
        if (std::uint64_t* count = counter(unmet, standing(state, dependency))) {
            ++*count;
        }
    }
    unmet_[task.id] = unmet;
}

void Dependents::unlink(const Task& task) {
    for (const TaskId dependency : task.spec->dependencies) {
        edges_.erase(Edge{dependency, task.id});
    }
    unmet_.erase(task.id);
}

void Dependents::shift(TaskId dependent, Standing before, Standing after) {
    const auto found = unmet_.find(dependent);
    PUEUE_CHECK(found != unmet_.end());
    if (std::uint64_t* count = counter(found->second, before)) {
        --*count;
    }
    if (std::uint64_t* count = counter(found->second, after)) {
        ++*count;
    }
}

Unmet Dependents::unmet(TaskId dependent) const {
    const auto found = unmet_.find(dependent);
    return found == unmet_.end() ? Unmet{} : found->second;
}

}  // namespace pueue::core
