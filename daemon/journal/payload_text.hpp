// Records for people: what their types are called, and their payloads as JSON.
#pragma once

#include "protocol/base/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pueue::journal {

/// As in docs/journal.md; `unknown` for a type that this program does not know.
[[nodiscard]] std::string_view name_of_type(std::uint16_t type);

/// Any bytes. The fields in their order; byte strings as text if they are printable, else in hex;
/// of an environment only its number and its size.
[[nodiscard]] std::string payload_text(std::uint16_t type, ByteView payload);

}  // namespace pueue::journal
