// File descriptors with one owner, and the few loops that every read and write needs.
// EINTR is handled here and nowhere else. Nothing here is a descriptor that a child would inherit.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <sys/types.h>

#include <string>
#include <utility>

namespace pueue {

class UniqueFd {
  public:
    UniqueFd() = default;
    /// Takes ownership; -1 means none.
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept;
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
    void reset() noexcept;

  private:
    int fd_ = -1;
};

/// open(2) with O_CLOEXEC added.
[[nodiscard]] Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode = 0666);

/// Reads exactly `size` bytes. Error: closed if the end came earlier.
[[nodiscard]] Result<> read_full(int fd, char* to, std::size_t size);

/// Writes everything.
[[nodiscard]] Result<> write_all(int fd, ByteView bytes);

/// The whole file. Error: too_large above `bytes_max`.
[[nodiscard]] Result<Bytes> read_file(const std::string& path, std::size_t bytes_max);

}  // namespace pueue
