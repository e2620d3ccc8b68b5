// Between what is true and the bytes of a payload. One entry of a file is a record of the core, or
// something the store needs for itself.
//
// Each kind has a number and a version that never change their meaning: a new field is a new
// version, and the old one stays readable. Decoding is total: any bytes give an entry or an error.
// Strings are byte strings here; whether they are UTF-8 is nobody's concern at this place.
//
// Environments are large and mostly equal, so an entry names its environment by a number that is
// valid in one file. The number is given by an EnvironmentDefined entry before the first use. So
// each file can be read on its own.
#pragma once

#include "daemon/core/record.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace pueue::journal {

/// The environments of one file, by number, counted from 0.
class EnvironmentTable {
  public:
    [[nodiscard]] std::optional<std::uint64_t> find(const Environment& environment) const;
    /// Gives it the next number.
    void add(EnvironmentPtr environment);
    /// Null if no environment has this number.
    [[nodiscard]] EnvironmentPtr at(std::uint64_t number) const;
    [[nodiscard]] std::uint64_t size() const noexcept { return by_number_.size(); }
    /// Forgets the newest ones, down to `size`.
    void shrink(std::uint64_t size);

  private:
    std::vector<EnvironmentPtr> by_number_;
    std::unordered_multimap<std::size_t, std::uint64_t> by_hash_;
};

struct EnvironmentDefined {
    std::uint64_t number = 0;  ///< the size of the table before
    EnvironmentPtr environment;
};

/// What a foreign state file was when it was imported, to know it again.
struct ImportedFile {
    std::array<std::uint8_t, 32> digest{};  ///< SHA-256
    std::uint64_t size = 0;

    bool operator==(const ImportedFile&) const = default;
};

/// Where reading begins: the only entry of the file MANIFEST.
struct Manifest {
    std::optional<std::uint64_t> snapshot;  ///< none: the store begins with its first segment
    std::uint64_t first_segment = 1;
    std::optional<ImportedFile> imported;

    bool operator==(const Manifest&) const = default;
};

/// The first entry of a snapshot: everything of a State that is neither a task nor a group.
struct SnapshotHead {
    std::uint64_t last_sequence = 0;  ///< of the last record of the log that is in it
    TaskId next_task_id;
    KeeperId keeper;
    bool resetting_everything = false;

    bool operator==(const SnapshotHead&) const = default;
};
struct SnapshotGroup {
    std::string name;
    Group group;

    bool operator==(const SnapshotGroup&) const = default;
};
struct SnapshotTask {
    Task task;

    bool operator==(const SnapshotTask&) const = default;
};
/// A run of the history.
struct SnapshotRun {
    RunId run;
    ClosedRun closed;

    bool operator==(const SnapshotRun&) const = default;
};
/// The last entry. Without it, it is not a snapshot.
struct SnapshotEnd {
    std::uint64_t entries = 0;  ///< before this one

    bool operator==(const SnapshotEnd&) const = default;
};

using Entry = std::variant<
    core::Record,
    EnvironmentDefined,
    Manifest,
    SnapshotHead,
    SnapshotGroup,
    SnapshotTask,
    SnapshotEnd,
    SnapshotRun>;

struct EntryKind {
    std::uint16_t type = 0;
    std::uint8_t version = 0;

    bool operator==(const EntryKind&) const = default;
};

/// The environment that the record names by number, if it is of a kind that has one.
[[nodiscard]] const EnvironmentPtr* environment_of(const core::Record& record);

/// Appends the payload.
/// Requires: the table has the record's environment.
EntryKind encode_entry(Bytes& to, const core::Record& record, const EnvironmentTable& environments);
EntryKind encode_entry(Bytes& to, const EnvironmentDefined& defined);
EntryKind encode_entry(Bytes& to, const Manifest& manifest);
EntryKind encode_entry(Bytes& to, const SnapshotHead& head);
EntryKind encode_entry(Bytes& to, const SnapshotGroup& group);
/// Requires: the table has the task's environment.
EntryKind encode_entry(Bytes& to, const SnapshotTask& task, const EnvironmentTable& environments);
EntryKind encode_entry(Bytes& to, const SnapshotRun& run);
EntryKind encode_entry(Bytes& to, const SnapshotEnd& end);

/// Error: invalid; refused if the kind or its version is unknown, so made by a newer program.
[[nodiscard]] Result<Entry> decode_entry(
    EntryKind kind, ByteView payload, const EnvironmentTable& environments
);

}  // namespace pueue::journal
