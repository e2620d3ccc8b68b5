// The strftime dialect of `client.status_time_format` and `client.status_datetime_format`:
// chrono's, as the original uses it. English names always, no locale.
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/base/local_time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pueue {

/// None if the format has a specifier that does not exist.
[[nodiscard]] std::optional<std::string> format_time(
    std::string_view format, const LocalTime& time
);

}  // namespace pueue
