// The journal's only door to the disk: a handful of verbs on files named relative to one directory.
//
// Three implementations: the real one below, one in memory that can lose power, and one that fails
// on purpose (both in tests/support). All of them loop over interruptions and short transfers
// themselves, so a call has done everything or returns an error; after an error of `write_at` any
// part of the bytes may be in the file. Nothing is durable before the sync that covers it returned:
// `File::sync` for a file's content and size, `sync_directory` for names.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pueue::journal {

/// An open file. `sync` may run on another thread than the other verbs, at the same time.
class File {
  public:
    virtual ~File() = default;

    /// Up to `size` bytes from `offset`, fewer only where the file ends. Result: how many.
    [[nodiscard]] virtual Result<std::size_t> read_at(
        char* to, std::size_t size, std::uint64_t offset
    ) const = 0;
    [[nodiscard]] virtual Result<> write_at(ByteView bytes, std::uint64_t offset) = 0;
    /// Makes content and size durable. A failure means that what is on the disk is unknown, and it
    /// is reported once: a second call may succeed although the data is lost. A file that nobody
    /// can find any more, because it was removed, cannot be made durable.
    [[nodiscard]] virtual Result<> sync() = 0;
    /// Gives the range real space; what lies beyond the present end becomes zeros. A file system
    /// that cannot do this does nothing and succeeds.
    [[nodiscard]] virtual Result<> allocate(std::uint64_t offset, std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<> truncate(std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};
using FilePtr = std::shared_ptr<File>;

enum class OpenMode {
    read,
    update,   ///< read and write what exists
    create,   ///< a new file; error exists if there is one
    replace,  ///< a new or emptied file
};

/// One directory and what is below it. Names are relative, components separated by `/`; directories
/// are private to their owner (0700), files too (0600).
class FileSystem {
  public:
    virtual ~FileSystem() = default;

    [[nodiscard]] virtual Result<FilePtr> open(const std::string& name, OpenMode mode) = 0;
    /// Replaces `to` if it exists.
    [[nodiscard]] virtual Result<> rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Result<> remove(const std::string& name) = 0;
    /// Succeeds if the directory exists.
    [[nodiscard]] virtual Result<> make_directory(const std::string& name) = 0;
    /// Makes the names in this directory durable: what was created, renamed, removed. "." is the
    /// root.
    [[nodiscard]] virtual Result<> sync_directory(const std::string& name) = 0;
    /// The names in this directory, sorted. Error: not_found.
    [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& name) = 0;
};

/// The kernel's files below an open directory.
class RealFileSystem final : public FileSystem {
  public:
    explicit RealFileSystem(UniqueFd directory) : root_(std::move(directory)) {}

    [[nodiscard]] Result<FilePtr> open(const std::string& name, OpenMode mode) override;
    [[nodiscard]] Result<> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<> remove(const std::string& name) override;
    [[nodiscard]] Result<> make_directory(const std::string& name) override;
    [[nodiscard]] Result<> sync_directory(const std::string& name) override;
    [[nodiscard]] Result<std::vector<std::string>> list(const std::string& name) override;

  private:
    UniqueFd root_;
};

}  // namespace pueue::journal
