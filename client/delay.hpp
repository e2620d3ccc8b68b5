// The times of --delay: a number of seconds, or a date and a time in the informal English of the
// original's parser, oddities included (client contract 7). Relative to `now`, in the local zone.
// Pure but for that zone.
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/base/result.hpp"

#include <string_view>

namespace pueue::client {

/// The text of an error is the reason as the usage error shows it.
[[nodiscard]] Result<WallTime> parse_delay(std::string_view text, const WallTime& now);

}  // namespace pueue::client
