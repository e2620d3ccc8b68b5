// The keeper's place in the file system: the socket a later daemon connects to, and the text file
// by which that daemon recognises a living keeper. Everything is below one open directory, so the
// length of its path never matters and a renamed directory stays the same.
#pragma once

#include "daemon/keeper/messages.hpp"

#include <cstdint>

namespace pueue::keeper {

/// Who this keeper is, as `info` and Welcome say it.
struct Identity {
    std::int32_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< field 22 of /proc/<pid>/stat
    Id16 boot;                      ///< /proc/sys/kernel/random/boot_id
    Id16 keeper;                    ///< random, its name in the daemon's records
    Id16 build;  ///< of the program, first bytes of its build id; zero if it has none
};

/// Zero where the system does not tell.
[[nodiscard]] Identity identify_myself();

/// Binds `control` in the directory, in place of what was there. -1: failed, errno says why.
[[nodiscard]] int open_control(int directory);

/// False: failed, errno says why.
[[nodiscard]] bool write_info(int directory, const Identity& identity);

void remove_home(int directory);

/// Whether the peer of a connection has our own user id.
[[nodiscard]] bool is_ours(int socket);

}  // namespace pueue::keeper
