// The times a status carries, each as far as the status has it.
#pragma once

#include "protocol/model/task.hpp"

#include <optional>

namespace pueue::client {

/// Of a Stashed task with a date.
[[nodiscard]] inline std::optional<WallTime> enqueue_at_of(const Task& task) {
    const auto* stashed = task.status.get_if<Stashed>();
    return stashed == nullptr ? std::nullopt : stashed->enqueue_at;
}

[[nodiscard]] inline std::optional<WallTime> enqueued_at_of(const Task& task) {
    if (const auto* queued = task.status.get_if<Queued>()) {
        return queued->enqueued_at;
    }
    if (const auto* running = task.status.get_if<Running>()) {
        return running->enqueued_at;
    }
    if (const auto* paused = task.status.get_if<Paused>()) {
        return paused->enqueued_at;
    }
    if (const auto* done = task.status.get_if<Done>()) {
        return done->enqueued_at;
    }
    return std::nullopt;
}

[[nodiscard]] inline std::optional<WallTime> start_of(const Task& task) {
    if (const auto* running = task.status.get_if<Running>()) {
        return running->start;
    }
    if (const auto* paused = task.status.get_if<Paused>()) {
        return paused->start;
    }
    if (const auto* done = task.status.get_if<Done>()) {
        return done->start;
    }
    return std::nullopt;
}

[[nodiscard]] inline std::optional<WallTime> end_of(const Task& task) {
    const auto* done = task.status.get_if<Done>();
    return done == nullptr ? std::nullopt : std::optional(done->end);
}

}  // namespace pueue::client
