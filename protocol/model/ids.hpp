// Identifiers that cannot be mixed up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>

namespace pueue {

template <class Tag, class Rep>
struct StrongId {
    Rep value{};

    auto operator<=>(const StrongId&) const = default;
};

/// What users type and see. Grows by one with each task and is not reused by clean or remove.
using TaskId = StrongId<struct TaskIdTag, std::uint64_t>;

/// A slot of a group: the smallest number no running task of the group has. PUEUE_WORKER_ID.
using WorkerId = StrongId<struct WorkerIdTag, std::uint64_t>;

/// One process of a task, counted from 1.
using AttemptNumber = StrongId<struct AttemptNumberTag, std::uint32_t>;

/// One connection of a client, unique as long as the daemon lives.
using SessionId = StrongId<struct SessionIdTag, std::uint64_t>;

/// One accepted add, never used again (a ULID: time in the first 48 bits, then random bits).
using RunId = StrongId<struct RunIdTag, std::array<std::uint8_t, 16>>;

/// One keeper process, by 16 random bytes of its own choice. All zero: none was ever known.
using KeeperId = StrongId<struct KeeperIdTag, std::array<std::uint8_t, 16>>;

/// What the keeper knows an attempt by. Two equal keys are the same process, or a bug.
struct AttemptKey {
    TaskId task;
    AttemptNumber attempt;
    RunId run;

    auto operator<=>(const AttemptKey&) const = default;
};

}  // namespace pueue

template <class Tag>
struct std::hash<pueue::StrongId<Tag, std::uint64_t>> {
    std::size_t operator()(const pueue::StrongId<Tag, std::uint64_t>& id) const noexcept {
        return std::hash<std::uint64_t>{}(id.value);
    }
};
