// Finding the keeper of a directory, or starting one. Blocks for milliseconds; what is said over
// the connection afterwards is KeeperLink's.
#pragma once

#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"

#include <sys/types.h>

#include <string>

namespace pueue::runner {

struct KeeperProcess {
    UniqueFd connection;  ///< SOCK_SEQPACKET, does not block, nothing said yet
    pid_t child = -1;     ///< ours, to be reaped when it ends; -1: it was there before us
    UniqueFd child_end;   ///< its pidfd; none if it is not ours
};

/// Connects to the living keeper that `directory`/info names; if there is none, starts this program
/// (/proc/self/exe) as one. Requires: the caller holds the instance lock, so nobody else does the
/// same. Error: a keeper lives but cannot be reached. Then a second one must not be started, since
/// it could run tasks again that the first one is running.
[[nodiscard]] Result<KeeperProcess> find_or_start_keeper(const std::string& directory);

}  // namespace pueue::runner
