// The first two frames of a connection (pueued 1.4). The client sends the content of the secret
// file; a daemon that has the same answers with its version string, one that has not says nothing
// and closes after a second. Everything here is a value: frames and sockets are elsewhere.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <string>

namespace pueue::wire {

/// Daemon's side. Takes the same time wherever two secrets of one length differ. An empty `ours` is
/// equal to nothing: a daemon without a secret lets nobody in.
[[nodiscard]] bool equal_secrets(ByteView theirs, ByteView ours);

/// Client's side: the version in the daemon's first payload. Error: refused, with upstream's text.
[[nodiscard]] Result<std::string> read_version(ByteView payload);

}  // namespace pueue::wire
