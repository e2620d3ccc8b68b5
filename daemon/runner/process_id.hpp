// Processes that are known from a file: a number alone may be anybody's by now.
#pragma once

#include "daemon/keeper/messages.hpp"
#include "protocol/base/fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace pueue::runner {

struct ProcessId {
    pid_t pid = -1;
    std::uint64_t start_ticks = 0;  ///< field 22 of /proc/<pid>/stat
    keeper::Id16 boot;
};

/// The process itself, alive or not reaped yet, pinned: as long as the descriptor says that it has
/// not ended, its number is its own. None: it is gone.
[[nodiscard]] UniqueFd pin(const ProcessId& process);

/// Whether the process ends within this time.
[[nodiscard]] bool has_ended(int pidfd, int wait_ms);

struct HowItEnded {
    bool signaled = false;
    int value = 0;  ///< the exit code, or the signal's number
};

/// What the kernel tells of a process that was somebody else's child, as a wait status.
struct ForeignEnd {
    bool is_reaped = false;  ///< else ask again when it is
    std::optional<HowItEnded> how;
};

/// Linux 6.15 and newer; an older one says "reaped" and nothing else.
[[nodiscard]] ForeignEnd foreign_end(int pidfd);

/// To the group that the process leads, unless it has ended.
void signal_group(pid_t pid, int pidfd, int number);

}  // namespace pueue::runner
