// TIME in reply texts (pueued 3.3): today's times short, others with their date, in the daemon's
// zone and in the formats of its settings.
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/config/settings.hpp"

#include <optional>
#include <string>

namespace pueue::server {

/// A format that does not exist is replaced by the default one.
[[nodiscard]] std::string time_text(
    const WallTime& time, const WallTime& now, const config::ClientSettings& formats
);

/// The first format that does not exist, if there is one.
[[nodiscard]] std::optional<std::string> invalid_time_format(const config::ClientSettings& formats);

}  // namespace pueue::server
