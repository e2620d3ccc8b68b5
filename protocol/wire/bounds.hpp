// Every maximum of the protocol, and the version string. What has no number here has no limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace pueue::wire {

/// What a daemon answers to the right secret. Clients compare it as a whole and warn when it
/// differs, so nothing may ever be added to it.
inline constexpr std::string_view protocol_version = "0.31.1";

/// Before each payload: its length, big-endian.
inline constexpr std::size_t frame_header_bytes = 8;

/// The first frame of a connection, from a peer that may be anybody.
inline constexpr std::size_t secret_bytes_max = std::size_t{4} * 1024 * 1024;

/// A request, from a peer that knew the secret.
inline constexpr std::size_t request_bytes_max = std::size_t{64} * 1024 * 1024;

/// A response. The status of 50,000 tasks has 200 MB, and the daemon is trusted by its clients.
inline constexpr std::size_t response_bytes_max = std::numeric_limits<std::size_t>::max();

/// Above this both sides of the original log a warning and go on.
inline constexpr std::size_t frame_bytes_usual = std::size_t{20} * 1024 * 1024;

/// How deep arrays, maps, variants and (in ignored fields) tags may be nested.
inline constexpr int nesting_max = 256;

/// Names of fields and variants, and timestamps.
inline constexpr std::size_t name_bytes_max = 4096;

/// Uncompressed bytes in one chunk of a snappy frame stream.
inline constexpr std::size_t snappy_chunk_bytes_max = 65536;

}  // namespace pueue::wire
