#include "daemon/core/twins.hpp"

#include "protocol/base/hash.hpp"

#include <functional>
#include <string>

namespace pueue::core {

std::size_t Twins::hash_of(const TaskSpec& spec) {
    const std::hash<std::string> of_text;
    std::size_t hash = spec.environment->hash();
    hash = combined_hash(hash, of_text(spec.original_command));
    hash = combined_hash(hash, of_text(spec.path));
    hash = combined_hash(hash, of_text(spec.group));
    return spec.label ? combined_hash(hash, of_text(*spec.label)) : hash;
}

bool are_twins(const TaskSpec& a, const TaskSpec& b) {
    return a.original_command == b.original_command && a.path == b.path && a.group == b.group &&
           a.label == b.label && a.priority == b.priority &&
           a.environment->is_same_submission(*b.environment);
}

void Twins::link(const Task& task) {
    all_.emplace(hash_of(*task.spec), task.id);
}

void Twins::unlink(const Task& task) {
    all_.erase({hash_of(*task.spec), task.id});
}

void Twins::place(const Task& task) {
    if (is_done(task)) {
        done_.emplace(hash_of(*task.spec), task.id);
    }
}

void Twins::displace(const Task& task) {
    if (is_done(task)) {
        done_.erase({hash_of(*task.spec), task.id});
    }
}

}  // namespace pueue::core
