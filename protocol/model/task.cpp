#include "protocol/model/task.hpp"

namespace pueue {

namespace {

template <class T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
    return a == b || (a && b && *a == *b);
}

}  // namespace

bool Locked::operator==(const Locked& other) const {
    return same(previous_status, other.previous_status);
}

bool TaskSpec::operator==(const TaskSpec& other) const {
    return original_command == other.original_command && command == other.command &&
           path == other.path && group == other.group && dependencies == other.dependencies &&
           priority == other.priority && label == other.label &&
           same(environment, other.environment);
}

bool Task::operator==(const Task& other) const {
    return id == other.id && run == other.run && created_at == other.created_at &&
           status == other.status && attempts == other.attempts && attempt == other.attempt &&
           worker == other.worker && same(spec, other.spec) && options == other.options &&
           forgiven == other.forgiven && earlier == other.earlier;
}

bool has_process(const Task& task) {
    return task.status.is<Running>() || task.status.is<Paused>();
}

bool is_queued(const Task& task) {
    const auto* stashed = task.status.get_if<Stashed>();
    return task.status.is<Queued>() || (stashed != nullptr && stashed->enqueue_at.has_value());
}

bool is_done(const Task& task) {
    return task.status.is<Done>();
}

bool has_succeeded(const Task& task) {
    const auto* done = task.status.get_if<Done>();
    return done != nullptr && std::holds_alternative<Success>(done->result);
}

std::vector<EndedAttempt> ended_attempts(const Task& task) {
    std::vector<EndedAttempt> ended = task.earlier;
    const auto* done = task.status.get_if<Done>();
    if (done != nullptr && !std::holds_alternative<DependencyFailed>(done->result)) {
        ended.push_back({task.attempts, done->start, done->end, done->result});
    }
    return ended;
}

bool has_failed(const Task& task) {
    return is_done(task) && !has_succeeded(task);
}

std::optional<WorkerId> visible_worker(const Task& task) {
    return task.attempt ? std::optional(task.attempt->worker) : task.worker;
}

}  // namespace pueue
