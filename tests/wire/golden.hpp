// Recorded bytes, and a second opinion on what they mean: nothing here uses the codec.
#pragma once

#include "protocol/base/bytes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pueue::wire::golden {

[[nodiscard]] Bytes unhex(std::string_view hex);

/// The tab-separated rows of a file below tests/golden, without the comment lines.
[[nodiscard]] std::vector<std::vector<std::string>> table(const std::string& file);

/// The bytes of a file in tests/golden/wire that holds them in hex.
[[nodiscard]] Bytes payload(const std::string& file);

struct Recorded {
    std::string file;
    std::string name;
    Bytes payload;
    std::string value;  ///< in diagnostic notation
};

/// Each recorded payload of one direction ("c2d" or "d2c") once; not the handshakes, which are no
/// CBOR, nor the deliberately broken one.
[[nodiscard]] std::vector<Recorded> recorded(std::string_view direction);

enum class Envs { as_they_are, sorted };

/// The value of one CBOR item as JSON in which keys can be numbers.
/// Requires: well-formed, definite lengths, no floats, no tags.
[[nodiscard]] std::string diagnostic(ByteView item, Envs envs);

/// The same item with the entries of all maps called "envs" sorted.
[[nodiscard]] Bytes with_sorted_envs(ByteView item);

/// The zone in which the texts of the times in this payload were made.
[[nodiscard]] const char* zone_of(ByteView payload);

}  // namespace pueue::wire::golden
