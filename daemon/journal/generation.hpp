// How a store begins, and how it begins anew beside files that can no longer be trusted.
//
// Blocking, on whatever thread. Until MANIFEST names them, the files made here are nothing.
#pragma once

#include "daemon/journal/file_system.hpp"
#include "daemon/journal/store.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pueue::journal {

/// Makes the files of a new store, whose State has the default group. Result: what was left over of
/// an attempt before and is aside now.
[[nodiscard]] Result<std::vector<std::string>> create_store(
    FileSystem& files, const StoreId& store
);

/// A segment without a header yet. Until it has one, it is space and nothing else.
[[nodiscard]] Result<FilePtr> make_segment(
    FileSystem& files, const std::string& name, std::uint64_t bytes
);

/// A snapshot of everything, and an empty segment after it.
struct Generation {
    std::uint64_t number = 0;  ///< of both; no file had it before
    std::uint64_t last_sequence = 0;
    Bytes snapshot;
    std::uint64_t segment_bytes = 0;
};

/// Makes this generation the store. Everything is durable when this returns. After an error the
/// store is the old one or, if MANIFEST could not be made durable, either.
/// Result: the segment, with its header.
[[nodiscard]] Result<FilePtr> begin_generation(
    FileSystem& files, const StoreManifest& manifest, const Generation& generation
);

}  // namespace pueue::journal
