// What a person does with a store that no daemon uses: look whether it is whole, look into it, and
// keep what is left of a damaged one.
#pragma once

#include "daemon/journal/file_system.hpp"
#include "protocol/base/result.hpp"

#include <functional>
#include <string>

namespace pueue::journal {

/// Reads everything, snapshots that are not in use too, and changes nothing. Result: a summary.
/// Error: what is damaged, as the daemon would say it.
[[nodiscard]] Result<std::string> check_store(FileSystem& files);

/// Gives `line` one JSON object for each record of each snapshot and segment, in the order of the
/// files, up to where a file cannot be read on. Variables of environments are left out: they can be
/// secret. Error: there is no store; io.
[[nodiscard]] Result<> dump_store(
    FileSystem& files, const std::function<void(const std::string&)>& line
);

/// Makes a new generation of what is before the damage and sets everything else aside. Result: what
/// was done, for people. Error: the store is not damaged, nothing of it can be read, or io; nothing
/// was lost.
[[nodiscard]] Result<std::string> salvage_store(FileSystem& files);

}  // namespace pueue::journal
