// gzip as the original's compressed state file has it: level 6, no name, no time, one member.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <cstddef>
#include <memory>

namespace pueue::state_file {

/// Compresses what comes in pieces.
class Gzip {
  public:
    Gzip();
    ~Gzip();
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    /// Appends what is ready.
    void add(Bytes& to, ByteView piece);
    /// Appends the rest. Nothing may be added afterwards.
    void finish(Bytes& to);

  private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
};

/// The first member; what is behind it is not looked at, as in the original.
/// Error: invalid; too_large if there would be more than `bytes_max`.
[[nodiscard]] Result<Bytes> gunzip(ByteView compressed, std::size_t bytes_max);

}  // namespace pueue::state_file
