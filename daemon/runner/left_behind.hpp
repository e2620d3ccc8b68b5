// What keepers that have died left on file. A dead keeper's spool is moved out of the way of the
// next keeper's, behind what others before it left, and stays until nothing in it matters.
#pragma once

#include "daemon/keeper/spool.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/ids.hpp"

#include <map>
#include <string>

namespace pueue::runner {

struct LeftBehind {
    std::map<AttemptKey, keeper::SpoolRecord> exits;
    std::map<AttemptKey, keeper::SpoolRecord> runs;  ///< that have no exit
};

/// Requires: the keeper of this directory is dead, and so is every child of it that had not left
/// its run record.
[[nodiscard]] Result<> set_spool_aside(const std::string& directory);

/// No file is an empty one.
[[nodiscard]] LeftBehind read_left_behind(const std::string& directory);

void remove_left_behind(const std::string& directory);

}  // namespace pueue::runner
