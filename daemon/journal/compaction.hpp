// Puts a new snapshot in the place of an old one and the sealed segments after it.
//
// It never sees the live State: it reads back what is on the disk, with the same apply(), and
// writes down what comes out. So nothing is copied and nothing waits for a lock, and reading back
// is exercised all day. The memory is a second State while it runs; it is let go of while it is
// written.
//
// Runs on the disk thread, one slice at a time, so that a sync never waits for more than a slice.
// What a slice has written is synced at once: otherwise the sync of a segment would have to wait
// for all of it. A crash between any two calls leaves a store that reads back to the same State:
// until the new MANIFEST is there the old files are the store, afterwards the new ones are. One
// older generation is kept.
#pragma once

#include "daemon/journal/disk_thread.hpp"
#include "daemon/journal/file_system.hpp"
#include "daemon/journal/fold.hpp"
#include "daemon/journal/snapshot.hpp"
#include "daemon/journal/store.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace pueue::journal {

/// What is compacted.
struct CompactionPlan {
    StoreManifest before;
    /// The newest sealed segment and the last record in it. Everything up to there is durable, and
    /// the segment after it exists.
    std::uint64_t last_segment = 0;
    std::uint64_t last_sequence = 0;
};

struct NewGeneration {
    StoreManifest manifest;
    std::uint64_t snapshot_bytes = 0;
};

class Compaction {
  public:
    /// `files` outlives the compaction.
    Compaction(FileSystem& files, CompactionPlan plan);

    /// Does a slice. False: all is done. Error: invalid if what is on the disk is not what was
    /// written there; otherwise the disk failed, and the store is as good as before.
    [[nodiscard]] Result<bool> advance();

    /// What is on the disk when all is done.
    [[nodiscard]] NewGeneration result() const { return {after_, written_}; }

  private:
    enum class Phase { begin, read_snapshot, read_segments, write, done };

    [[nodiscard]] Result<Phase> step();
    [[nodiscard]] Result<Phase> begin();
    [[nodiscard]] Result<Phase> read_snapshot();
    [[nodiscard]] Result<Phase> read_segments();
    [[nodiscard]] Result<Phase> write();
    [[nodiscard]] Result<> publish();
    [[nodiscard]] Result<> remove_old_generations();
    [[nodiscard]] Result<> enter_segment();

    FileSystem& files_;
    CompactionPlan plan_;
    StoreManifest after_;
    Phase phase_ = Phase::begin;
    EnvironmentPool pool_;
    State state_;
    std::optional<SnapshotReader> snapshot_;
    std::optional<Fold> fold_;
    std::uint64_t segment_ = 0;  ///< that the fold is in
    SnapshotEncoder encoder_;
    FilePtr file_;
    Bytes buffer_;
    std::uint64_t written_ = 0;
};

/// Does all of it, slice by slice, on the disk thread; `done` is called on the loop thread. `files`
/// outlives it.
void compact(
    RunOnDisk run_on_disk,
    FileSystem& files,
    CompactionPlan plan,
    std::function<void(const Result<NewGeneration>&)> done
);

}  // namespace pueue::journal
