// From a store on the disk to the State it stands for. Reading changes nothing; what has to be
// changed afterwards (a torn tail) is named in the result and done by `repair`.
//
// The log is one sequence of records that happens to be in several segments. Up to the first
// record that does not verify everything is good. Then either a later one claims that this one was
// durable, and the store is damaged and refused; or none does, and what follows is what a power cut
// left of writes that were never acknowledged.
//
// Reading begins with the snapshot that MANIFEST names. If that one is damaged, the one before it
// and the segments since then say the same, or the store is refused.
#pragma once

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/store.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pueue::journal {

struct Recovered {
    State state;
    StoreManifest manifest;
    std::uint64_t last_sequence = 0;
    std::uint64_t records = 0;         ///< read from segments
    std::uint64_t log_bytes = 0;       ///< of the segments that were read
    std::uint64_t snapshot_bytes = 0;  ///< of the snapshot before them

    // Where the log goes on: behind the last complete decision.
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;
    EnvironmentTable environments;  ///< of this segment

    // What is behind that, from a power cut: the rest of this segment up to `torn_end`, and
    // segments with higher numbers.
    std::uint64_t torn_end = 0;  ///< `offset`, if there is nothing
    std::vector<std::uint64_t> torn_segments;
    std::vector<std::uint64_t> unused_segments;  ///< space without content, made ready too early

    std::vector<std::uint64_t> damaged_snapshots;
    std::vector<std::string> warnings;
    std::optional<std::string>
        damage;  ///< only with OnDamage::stop: why reading ended where it did
};

/// What to do where something durable is missing.
enum class OnDamage {
    refuse,  ///< a daemon
    stop,    ///< a salvage: what is before it is better than nothing
};

/// None: there is no store, or only what was left of an attempt to create one.
/// Error: invalid if the store is damaged, refused if it is newer than this program, io.
[[nodiscard]] Result<std::optional<Recovered>> recover(
    FileSystem& files, EnvironmentPool& environments, OnDamage on_damage = OnDamage::refuse
);

/// Cuts the tail off; sets it aside, and what is damaged; makes durable what was read. Result: what
/// is aside now.
[[nodiscard]] Result<std::vector<std::string>> repair(FileSystem& files, const Recovered& found);

}  // namespace pueue::journal
