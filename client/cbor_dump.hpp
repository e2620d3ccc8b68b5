// A CBOR value written out over many lines, for the report about a reply of another version.
#pragma once

#include "protocol/base/bytes.hpp"

#include <string>

namespace pueue::client {

/// The first item of `cbor` in the notation of the original (Debug form of its values). What cannot
/// be read ends the text.
[[nodiscard]] std::string dump_cbor(ByteView cbor);

}  // namespace pueue::client
