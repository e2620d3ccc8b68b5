// A frame is 8 bytes, the big-endian length of the payload, and the payload (pueued 1.5).
//
// FrameReader turns a byte stream into payloads without knowing where the bytes come from. Memory
// grows with what has arrived, never with what was announced. What follows a frame in the same
// piece of input is kept for the next one.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace pueue::wire {

/// For callers that write header and payload without joining them.
[[nodiscard]] std::array<char, 8> frame_header(std::size_t payload_bytes);

/// Header and payload in one piece.
[[nodiscard]] Bytes frame(ByteView payload);

class FrameReader {
  public:
    /// A payload longer than `payload_bytes_max` is an error. One longer than `kept_bytes_max` is
    /// read to its end, but only that much of it is kept: enough to see that a secret is wrong.
    explicit FrameReader(
        std::size_t payload_bytes_max,
        std::size_t kept_bytes_max = std::numeric_limits<std::size_t>::max()
    )
        : payload_bytes_max_(payload_bytes_max), kept_bytes_max_(kept_bytes_max) {}

    /// New limits, from the next header on that next() looks at.
    void limit(
        std::size_t payload_bytes_max,
        std::size_t kept_bytes_max = std::numeric_limits<std::size_t>::max()
    ) {
        payload_bytes_max_ = payload_bytes_max;
        kept_bytes_max_ = kept_bytes_max;
    }

    /// Where the next bytes of the stream go; never empty, valid until the next call of any other
    /// member. Large payloads are read straight into the string they are returned in.
    [[nodiscard]] std::span<char> room();
    /// The first `bytes` of the room are now filled.
    void filled(std::size_t bytes);

    /// The same for bytes that lie elsewhere.
    void feed(ByteView bytes);

    /// The next payload, which can be empty, or nothing while it is incomplete. Error: too_large,
    /// as soon as the header of the frame is there; the reader is of no use after that.
    [[nodiscard]] Result<std::optional<Bytes>> next();

    /// When next() has nothing: an end of the stream now would cut a frame in two,
    [[nodiscard]] bool is_inside_frame() const { return in_payload_ || begin_ != end_; }
    /// and not in its header.
    [[nodiscard]] bool is_inside_payload() const { return in_payload_; }
    /// The length in the newest header that next() has seen.
    [[nodiscard]] std::uint64_t announced() const { return announced_; }

  private:
    [[nodiscard]] std::uint64_t missing() const { return announced_ - arrived_; }
    [[nodiscard]] bool reads_payload_directly() const;
    void grow_payload(std::size_t wanted);
    void take_from_input();

    std::size_t payload_bytes_max_;
    std::size_t kept_bytes_max_;

    Bytes input_;  ///< what has arrived and is in no payload yet: [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;

    bool in_payload_ = false;
    std::uint64_t announced_ = 0;
    std::uint64_t arrived_ = 0;  ///< of the announced bytes
    Bytes payload_;              ///< can be larger than what has arrived
};

}  // namespace pueue::wire
