// The files of a store: what they are called, and the three safe ways to change which there are.
// docs/journal.md says what is in them.
#pragma once

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/segment.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pueue::journal {

inline constexpr const char* store_directory = "journal";
inline constexpr const char* aside_directory = "journal/aside";

[[nodiscard]] std::string manifest_name();
[[nodiscard]] std::string segment_name(std::uint64_t number);
[[nodiscard]] std::string snapshot_name(std::uint64_t number);
/// A snapshot that is being written. What a crash leaves of it is overwritten by the next one.
[[nodiscard]] std::string snapshot_draft_name();

/// What is there, by number, ascending.
struct StoreFiles {
    bool has_manifest = false;
    std::vector<std::uint64_t> segments;
    std::vector<std::uint64_t> snapshots;
};
/// A store that does not exist has no files.
[[nodiscard]] Result<StoreFiles> list_store(FileSystem& files);

/// The file's content and name are durable when this returns; a crash leaves the old file or the
/// new one. `name` is in the store's directory.
[[nodiscard]] Result<> replace_file(
    FileSystem& files, const std::string& name, const std::string& directory, ByteView content
);

/// Moves a file to the directory that we never delete from, under a name that is free there.
/// Result: that name. Both directories are durable when this returns.
[[nodiscard]] Result<std::string> set_aside(FileSystem& files, const std::string& name);
/// The same with a copy of a part of a file.
[[nodiscard]] Result<std::string> set_part_aside(
    FileSystem& files, const std::string& name, std::uint64_t from, std::uint64_t to
);

/// The header of a file; none if it has none that verifies. Error: refused if it is of a newer
/// format; not_found, io.
[[nodiscard]] Result<std::optional<FileHeader>> read_header(
    FileSystem& files, const std::string& name
);

struct StoreManifest {
    StoreId store{};
    Manifest manifest;

    bool operator==(const StoreManifest&) const = default;
};
[[nodiscard]] Result<> write_manifest(FileSystem& files, const StoreManifest& manifest);
/// None if there is none, or none that verifies. Error: refused if it is of a newer format; io.
[[nodiscard]] Result<std::optional<StoreManifest>> read_manifest(FileSystem& files);

}  // namespace pueue::journal
