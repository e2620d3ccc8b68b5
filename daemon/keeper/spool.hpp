// The spool: what children were started and how they ended, on file until the daemon has it in its
// journal. It has to survive processes, not a power cut, so nothing here is synced.
//
// The keeper writes it and never reads it. A daemon reads it when it finds no keeper. Records are
// appended with one write each, a run record by the child itself just before it executes anything,
// so no code of a user runs that is not on record. A reader steps over what is torn or damaged: a
// keeper may have been killed while it wrote.
#pragma once

#include "daemon/keeper/messages.hpp"

#include <cstddef>
#include <cstdint>

namespace pueue::keeper {

enum class RecordKind : std::uint8_t { run = 1, exit = 2 };

/// Layout: magic, CRC-32C of everything behind it, length, version, kind, then the fields; padded
/// to 8 bytes with zeros.
struct SpoolRecord {
    RecordKind kind = RecordKind::run;
    std::uint64_t sequence = 0;  ///< of an exit; 0 for a run
    Key key;
    Id16 boot;
    std::int32_t pid = 0;
    std::uint64_t start_ticks = 0;
    ExitFacts facts;  ///< only of an exit
};

inline constexpr std::uint32_t record_magic = 0x4c535050;  // "PPSL"
inline constexpr std::uint8_t record_version = 1;
inline constexpr std::size_t record_head_bytes = 12;
inline constexpr std::size_t record_bytes_max = 128;

// Where the child completes its own run record.
inline constexpr std::size_t record_crc_offset = 4;
inline constexpr std::size_t record_pid_offset = 64;
inline constexpr std::size_t record_start_ticks_offset = 68;
inline constexpr std::size_t run_record_bytes = 80;

/// Returns the length. Requires: `to` has room for record_bytes_max.
[[nodiscard]] std::size_t encode_record(const SpoolRecord& record, char* to);

/// The length of the record that `from` begins with, or 0: torn, damaged or unknown.
[[nodiscard]] std::size_t decode_record(const char* from, std::size_t size, SpoolRecord& record);

class Spool {
  public:
    /// Opens the file for appending and sets space aside, so that a full disk does not lose an
    /// exit. False: cannot be opened at all, errno says why.
    [[nodiscard]] bool open(int directory);

    void append(const SpoolRecord& record);
    /// Cuts the file to zero.
    void clear();
    void remove();

    /// Rewriting: begin, append what lives, finish. On failure the file stays as it was.
    void begin_rewrite();
    void finish_rewrite();

    [[nodiscard]] int fd() const { return fd_; }
    /// A write failed since the file was last empty.
    [[nodiscard]] bool incomplete() const { return incomplete_; }
    /// So much that a rewrite is worth while: above a mebibyte, and twice what the last one left.
    [[nodiscard]] bool has_grown() const;

  private:
    void reserve() const;
    [[nodiscard]] std::uint64_t bytes() const;

    int directory_ = -1;
    int fd_ = -1;
    int old_fd_ = -1;
    std::uint64_t left_by_rewrite_ = 0;
    bool incomplete_ = false;
};

}  // namespace pueue::keeper
