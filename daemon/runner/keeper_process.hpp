// Finding the keeper of a directory, or starting one. Blocks for milliseconds; what is said over
// the connection afterwards is KeeperLink's.
#pragma once

#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace pueue::runner {

struct KeeperProcess {
    UniqueFd connection;  ///< SOCK_SEQPACKET, does not block, nothing said yet
    UniqueFd pidfd;       ///< says when it ends
    pid_t child = -1;     ///< ours; -1: it was there before us
};

/// Connects to the living keeper that `directory`/info names; none if there is none. Requires: the
/// caller holds the instance lock, so nobody else does the same. Error: a keeper lives but cannot
/// be reached. Then a second one must not be started, since it could run tasks again that the first
/// one is running.
[[nodiscard]] Result<std::optional<KeeperProcess>> find_keeper(const std::string& directory);

/// This program (/proc/self/exe) once more, as a keeper; a child to be reaped when it ends.
[[nodiscard]] Result<KeeperProcess> start_keeper(const std::string& directory);

}  // namespace pueue::runner
