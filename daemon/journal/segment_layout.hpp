// What segment_writer.cpp and segment_reader.cpp have to agree on byte by byte.
#pragma once

#include "daemon/journal/segment.hpp"
#include "protocol/base/hash.hpp"

namespace pueue::journal::layout {

// Of a file header.
inline constexpr std::size_t format_at = 8;
inline constexpr std::size_t kind_at = 10;
inline constexpr std::size_t store_at = 16;
inline constexpr std::size_t number_at = 32;
inline constexpr std::size_t first_sequence_at = 40;
inline constexpr std::size_t header_crc_at = 48;

// Of a record header. The checksum covers everything from the sequence number on.
inline constexpr std::size_t length_at = 0;
inline constexpr std::size_t crc_at = 4;
inline constexpr std::size_t sequence_at = 8;
inline constexpr std::size_t type_at = 16;
inline constexpr std::size_t flags_at = 18;
inline constexpr std::size_t version_at = 19;
inline constexpr std::size_t unsynced_at = 20;

inline constexpr std::uint8_t flag_ends_decision = 1;

[[nodiscard]] inline std::uint32_t identity_crc(const FileIdentity& identity) {
    Bytes bytes(identity.store.begin(), identity.store.end());
    append_le(bytes, identity.number);
    return crc32c(bytes);
}

[[nodiscard]] inline std::uint32_t record_crc(
    std::uint32_t identity_crc, ByteView from_sequence_on, std::uint32_t length, ByteView payload
) {
    Bytes length_bytes;
    append_le(length_bytes, length);
    return crc32c(payload, crc32c(length_bytes, crc32c(from_sequence_on, identity_crc)));
}

[[nodiscard]] inline std::size_t padding_of(std::size_t payload_bytes) {
    return (record_alignment - payload_bytes % record_alignment) % record_alignment;
}

}  // namespace pueue::journal::layout
