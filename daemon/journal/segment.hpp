// The framing that all files of the store share: a file header, then records. docs/journal.md is
// the description; this is its code. Nothing here knows what a payload means.
//
// Writing is encoding into a buffer. Reading is total: any bytes give a record that verifies, or
// none. A record verifies only in its file: the checksum covers the store's id and the file's
// number, so neither stale bytes of a recycled file nor a copied file can pass for something else.
#pragma once

#include "daemon/journal/file_system.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pueue::journal {

inline constexpr std::string_view magic = "PUEUEJNL";
inline constexpr std::uint16_t format_version = 1;
inline constexpr std::size_t file_header_bytes = 64;
inline constexpr std::size_t record_header_bytes = 24;
inline constexpr std::size_t record_alignment = 8;
/// Above everything one request can make of a record (wire/bounds.hpp).
inline constexpr std::size_t payload_bytes_max = std::size_t{256} * 1024 * 1024;
/// How far ahead of the last good one a sequence number is believed when a tail is searched.
inline constexpr std::uint64_t sequence_window = std::uint64_t{1} << 20;

using StoreId = std::array<std::uint8_t, 16>;

enum class FileKind : std::uint16_t { segment = 1, snapshot = 2, manifest = 3 };

struct FileIdentity {
    FileKind kind = FileKind::segment;
    StoreId store{};
    std::uint64_t number = 0;

    bool operator==(const FileIdentity&) const = default;
};

struct FileHeader {
    FileIdentity identity;
    std::uint64_t first_sequence = 0;

    bool operator==(const FileHeader&) const = default;
};

/// Too many to say: a claim of nothing.
inline constexpr std::uint32_t unsynced_unknown = 0xffffffff;

struct RecordHeader {
    std::uint64_t sequence = 0;
    std::uint16_t type = 0;
    std::uint8_t version = 0;
    bool ends_decision = false;
    /// How many records up to and with this one were not durable when it was written. So it claims
    /// that everything up to `sequence - unsynced` was. Not looked at in files that are valid as a
    /// whole or not at all.
    std::uint32_t unsynced = unsynced_unknown;

    bool operator==(const RecordHeader&) const = default;
};

struct RecordView {
    RecordHeader header;
    ByteView payload;
    std::uint64_t offset = 0;  ///< of the record in its file
};

[[nodiscard]] Bytes encode_file_header(const FileHeader& header);

/// Error: invalid; refused if it verifies but is of a newer format.
[[nodiscard]] Result<FileHeader> decode_file_header(ByteView bytes);

/// Builds records of one file, one after the other, in a buffer.
class RecordWriter {
  public:
    explicit RecordWriter(const FileIdentity& identity);

    /// Requires: `payload` has at most payload_bytes_max bytes.
    void append(Bytes& to, const RecordHeader& header, ByteView payload) const;

  private:
    std::uint32_t identity_crc_;
};

/// A file as a sequence of bytes that is read in large pieces.
class FileWindow {
  public:
    FileWindow(const File& file, std::uint64_t size) : file_(file), size_(size) {}

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// `bytes` bytes from `offset`, fewer at the end. Valid until the next call.
    [[nodiscard]] Result<ByteView> view(std::uint64_t offset, std::size_t bytes);

  private:
    const File& file_;
    std::uint64_t size_;
    std::uint64_t begin_ = 0;
    Bytes loaded_;
};

/// What is behind the last record that verifies.
struct Tail {
    /// Behind the last byte that is not zero; where the tail begins, if all of it is space that was
    /// never used.
    std::uint64_t end = 0;
    /// A record that verifies and claims that the bad one was durable: the bad one is damaged, not
    /// unfinished.
    std::optional<std::uint64_t> witness_offset;
};

/// Reads the records of one file in order.
class RecordReader {
  public:
    /// Begins behind the file header. `file` outlives the reader and does not change meanwhile.
    RecordReader(
        const File& file,
        std::uint64_t file_size,
        const FileIdentity& identity,
        std::uint64_t first_sequence
    );

    /// The next record; none if what follows does not verify or has another sequence number, and
    /// then again on each further call. Its payload is valid until the next call.
    [[nodiscard]] Result<std::optional<RecordView>> next();

    /// Where the next record would begin, and its number.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }

    /// Looks at everything from `offset()` on, for records that speak about `bad_sequence`.
    [[nodiscard]] Result<Tail> inspect_tail(std::uint64_t bad_sequence);

  private:
    [[nodiscard]] Result<std::optional<RecordView>> verify(std::uint64_t offset);

    FileWindow window_;
    std::uint32_t identity_crc_;
    std::uint64_t offset_ = file_header_bytes;
    std::uint64_t sequence_;
};

}  // namespace pueue::journal
