// The snappy framing format, in which log output crosses the wire (pueued 6.7): a stream
// identifier, then chunks of at most 64 KiB with a checksum each. The block codec is libsnappy.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

namespace pueue::wire {

/// Chunks that compression hardly shrinks are stored as they are, as the original does; short texts
/// therefore stay readable. Nothing becomes nothing, without an identifier.
[[nodiscard]] Bytes compress_snappy_frames(ByteView plain);

/// Appends what the stream holds to `plain`. Accepts what the original's decoder accepts: several
/// identifiers, padding, skippable chunks. Error: invalid, with upstream's text where it has one;
/// the chunks before the bad one have been appended then, since upstream's client prints them.
[[nodiscard]] Result<> uncompress_snappy_frames(ByteView stream, Bytes& plain);

}  // namespace pueue::wire
