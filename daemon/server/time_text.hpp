// TIME in reply texts (pueued 3.3): today's times short, others with their date, in the daemon's
// zone and in the formats of its settings.
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/config/settings.hpp"

#include <string>

namespace pueue::server {

[[nodiscard]] std::string time_text(
    const WallTime& time, const WallTime& now, const config::ClientSettings& formats
);

}  // namespace pueue::server
