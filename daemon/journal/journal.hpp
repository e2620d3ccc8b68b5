// The journal: what has become true, on disk, in order.
//
// Decisions. The scheduler turns an event into records, and State is the fold of all records. So
// the journal has one job: that a record, once somebody was told of it, comes back at the next
// start, in its order, and that nothing else does. The unit is the decision: its records come back
// together or not at all.
//
// Two watermarks. A record is *written* when write(2) has returned: it survives the death of the
// daemon. It is *durable* when a later sync has returned: it survives a power cut. The loop thread
// appends and writes (one call for everything a turn decided); the disk thread syncs. At most one
// sync runs at a time and covers everything written before it began; whoever asks meanwhile shares
// the next one. With Durability::write the second promise is not made: `durable()` is `written()`,
// and syncs happen without anybody waiting for them.
//
// Torn and damaged. A power cut may leave any part of what was not yet synced, in any order. Each
// record says up to where the log was durable when it was written, so reading back can tell the two
// apart: if nothing that verifies claims the first bad record to have been durable, it is a torn
// tail, which is cut off and set aside; otherwise durable data was lost, and the store is refused,
// with file and offset, and left as it is. Neither ever makes up a state: what is recovered is the
// fold of a prefix of the decisions.
//
// Compaction. When the log has outgrown the last snapshot, the journal goes on in a new segment,
// and the disk thread folds what is before it into a new snapshot (compaction.hpp). Nobody waits
// for that, and when it fails, the store is as good as before: it is tried again later.
//
// Failure. After a failed write or sync the content of the file is unknown, and asking again may
// get a yes that means nothing (Linux reports a lost page once). So the first failure is kept:
// nothing is written or synced in that file any more, `written()` and `durable()` stand still,
// whoever waits for them waits. Memory is right, the disk is behind. The way out is to begin anew:
// the State in memory becomes the snapshot of a new generation, and the log goes on behind it. A
// disk without room for more is simpler: nothing is unknown, and the log waits for room.
//
// Not here: what a record means (core/apply), how long an action has to wait (executor), the format
// (docs/journal.md, segment.hpp, record_codec.hpp).
#pragma once

#include "daemon/core/record.hpp"
#include "daemon/journal/disk_thread.hpp"
#include "daemon/journal/file_system.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pueue::journal {

/// A position between two records: the sequence number of the last record before it.
struct Lsn {
    std::uint64_t value = 0;

    auto operator<=>(const Lsn&) const = default;
};

enum class Durability { sync, write };

struct Compacted {
    std::uint64_t log_bytes = 0;       ///< what there was to read again at the next start
    std::uint64_t snapshot_bytes = 0;  ///< what there is now
};

struct JournalOptions {
    Durability durability = Durability::sync;
    std::array<std::uint8_t, 16> random{};  ///< names a store that has to be created
    RunOnDisk run_on_disk;
    std::uint64_t chunk_bytes = std::uint64_t{4} * 1024 * 1024;  ///< by which a segment grows
    /// The log is compacted when it is longer than the last snapshot, and than this.
    std::uint64_t compact_from_bytes = std::uint64_t{8} * 1024 * 1024;
    /// Called on the loop thread after each compaction, for the log; may be empty.
    std::function<void(const Result<Compacted>&)> when_compacted;
};

/// What opening found and did, for the log.
struct RecoveryReport {
    bool created = false;
    std::uint64_t records = 0;
    std::uint64_t bytes_cut = 0;         ///< of an unfinished tail; never acknowledged to anybody
    std::vector<std::string> set_aside;  ///< names below the directory
    std::vector<std::string> warnings;
};

class Journal {
  public:
    struct Opened {
        std::unique_ptr<Journal> journal;
        State state;
        RecoveryReport report;
    };

    /// Reads the store below `files` back, or creates one whose State has the default group. What
    /// is recovered is durable when this returns. Blocks; meant for start-up. Requires: the caller
    /// holds the instance lock. `files`, and what `run_on_disk` calls, outlive the journal, and no
    /// completion runs after its end. Error: the store is damaged or newer than this program
    /// (invalid; nothing was changed), or the disk failed (io).
    [[nodiscard]] static Result<Opened> open(
        FileSystem& files, EnvironmentPool& environments, JournalOptions options
    );
    ~Journal();

    /// Takes the records of one decision. Result: the position behind them; of an empty list, the
    /// present end. Nothing is written yet.
    Lsn append(const std::vector<core::Record>& decision);
    /// Hands everything appended to the kernel, in one call.
    [[nodiscard]] Result<> write();
    /// Asks for everything written to become durable. Cheap when nothing is missing or a sync is
    /// under way.
    void request_sync();
    /// Both at once, on this thread. Requires: nothing is running on the disk thread.
    [[nodiscard]] Result<> write_through();

    /// Names this store among all others.
    [[nodiscard]] const std::array<std::uint8_t, 16>& store() const noexcept;
    [[nodiscard]] Lsn written() const noexcept;
    [[nodiscard]] Lsn durable() const noexcept;
    /// Whether nothing is written any more until a way out has been found.
    [[nodiscard]] bool has_failed() const noexcept;
    /// Whether a sync would do anything.
    [[nodiscard]] bool has_unsynced() const noexcept;

    /// Looks for a way out of a failure. If only room was missing, that is asked for again. Else
    /// `state`, the fold of everything appended, becomes the beginning of a new generation of
    /// files. The listener hears how that ended: with `durable()`, and the journal goes on where it
    /// was (write() what was appended), or with an error, and it can be tried again. False: not
    /// yet; the disk thread is still busy with something that is in the way. Requires:
    /// has_failed().
    [[nodiscard]] bool recover_from_failure(const State& state);

    /// `listener` is called on the loop thread after each sync and each way out of a failure,
    /// with the new `durable()` or the error.
    void when_synced(std::function<void(const Result<Lsn>&)> listener);

    /// Writes and syncs the rest and gives back unused space, on this thread.
    /// Requires: nothing is running on the disk thread. The journal takes nothing afterwards.
    [[nodiscard]] Result<> close();

  private:
    struct Parts;
    explicit Journal(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace pueue::journal
