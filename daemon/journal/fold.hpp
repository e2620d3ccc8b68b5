// Segments become State: their decisions, one after the other, go through the same apply() that
// made them. Recovery folds everything at once, compaction a slice at a time.
//
// A decision is applied when its last record has been read, all of it or nothing. Reading changes
// no file.
#pragma once

#include "daemon/core/record.hpp"
#include "daemon/journal/file_system.hpp"
#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/segment.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace pueue::journal {

/// Gives the environment its number in the table of the file that defines it.
/// Error: invalid if that is not the next one.
[[nodiscard]] Result<> take_environment(
    EnvironmentDefined defined, EnvironmentTable& environments, EnvironmentPool& pool
);

class Fold {
  public:
    /// `state` is the fold of everything up to `last_sequence`. Both outlive the fold.
    Fold(State& state, EnvironmentPool& pool, std::uint64_t last_sequence);

    /// Begins with this segment. False, and nothing has happened: it does not continue the log.
    /// Error: refused if it is of a newer format; io.
    [[nodiscard]] Result<bool> enter(FilePtr file, const FileIdentity& identity);
    /// Applies decisions until about `bytes` have been read. False: what follows does not verify.
    /// Error: a record verifies and yet cannot be here (invalid, refused), or io.
    [[nodiscard]] Result<bool> advance(std::size_t bytes);

    /// Of the last decision that was applied.
    [[nodiscard]] std::uint64_t last_sequence() const noexcept { return last_sequence_; }
    /// The first record that was not read.
    [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }
    /// Behind the last whole decision, in the segment entered last.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    /// What is behind everything that was read of that segment, as RecordReader says.
    [[nodiscard]] Result<Tail> inspect_tail() { return reader_->inspect_tail(next_sequence_); }
    /// The environments of that segment.
    [[nodiscard]] EnvironmentTable& environments() noexcept { return environments_; }

  private:
    [[nodiscard]] Result<> take(const RecordView& record);
    [[nodiscard]] Result<> apply_all(std::uint64_t sequence);

    State& state_;
    EnvironmentPool& pool_;
    std::uint64_t last_sequence_;
    std::uint64_t next_sequence_;
    FileIdentity identity_;
    FilePtr file_;
    std::optional<RecordReader> reader_;
    std::uint64_t offset_ = 0;
    EnvironmentTable environments_;
    std::uint64_t whole_environments_ = 0;  ///< those that whole decisions have defined
    std::vector<core::Record> decision_;    ///< read, and not complete yet
};

}  // namespace pueue::journal
