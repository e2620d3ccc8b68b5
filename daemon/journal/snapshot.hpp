// A State in one file, so that reading back does not have to begin with the first decision ever.
//
// A snapshot is valid as a whole or not at all: its last entry says so and counts the others. What
// it holds is the State after the record `last_sequence` of the log; segments go on from there.
// Encoding and reading go in slices, because both happen on the disk thread while others wait for
// it.
#pragma once

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/segment.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"

#include <cstddef>
#include <cstdint>

namespace pueue::journal {

class SnapshotEncoder {
  public:
    SnapshotEncoder(const StoreId& store, std::uint64_t number, std::uint64_t last_sequence);

    /// Appends about `bytes` of the snapshot to `to`. False: it is complete now.
    /// Requires: the same state each time, except that tasks up to `encoded_up_to()` may be gone.
    [[nodiscard]] bool advance(const State& state, Bytes& to, std::size_t bytes);

    /// Tasks before this id are in what was appended so far.
    [[nodiscard]] TaskId encoded_up_to() const noexcept { return next_task_; }

  private:
    void begin(const State& state, Bytes& to);
    void append_task(Bytes& to, const Task& task);
    template <class... Arguments>
    void append(Bytes& to, const Arguments&... entry);

    FileIdentity identity_;
    RecordWriter writer_;
    std::uint64_t last_sequence_;
    std::uint64_t entries_ = 0;
    TaskId next_task_;
    RunId last_run_;  ///< of the history; a run's id is never all zeros
    EnvironmentTable environments_;
    Bytes payload_;
};

class SnapshotReader {
  public:
    /// Error: invalid if it does not begin like this snapshot, refused if it is newer than this
    /// program, not_found, io. `pool` outlives the reader.
    [[nodiscard]] static Result<SnapshotReader> open(
        FileSystem& files, const StoreId& store, std::uint64_t number, EnvironmentPool& pool
    );

    /// Reads about `bytes`. False: the snapshot is complete and valid. Error: as `open`.
    [[nodiscard]] Result<bool> advance(std::size_t bytes);

    /// What was read so far.
    [[nodiscard]] State& state() noexcept { return state_; }
    [[nodiscard]] std::uint64_t last_sequence() const noexcept { return last_sequence_; }
    [[nodiscard]] std::uint64_t file_size() const noexcept { return size_; }

  private:
    SnapshotReader(
        FilePtr file, std::uint64_t size, const FileIdentity& identity, EnvironmentPool& pool
    );
    [[nodiscard]] Result<> take(Entry entry);
    [[nodiscard]] Result<> take_task(Task task);

    FilePtr file_;
    std::uint64_t size_;
    std::uint64_t number_;
    EnvironmentPool* pool_;
    RecordReader reader_;
    EnvironmentTable environments_;
    State state_;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t entries_ = 0;
    bool is_complete_ = false;
};

}  // namespace pueue::journal
