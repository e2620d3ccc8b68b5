#include "daemon/server/time_text.hpp"

#include <ctime>
#include <iomanip>
#include <sstream>
#include <utility>

namespace pueue::server {

std::string time_text(
    const WallTime& time, const WallTime& now, const config::ClientSettings& formats
) {
    const auto local = [](const WallTime& wall) {
        std::tm broken_down{};
        const std::time_t seconds = wall.seconds;
        ::localtime_r(&seconds, &broken_down);
        return broken_down;
    };
    const std::tm at = local(time);
    const std::tm today = local(now);
    const bool is_today = at.tm_yday == today.tm_yday && at.tm_year == today.tm_year;
    const std::string& format =
        is_today ? formats.status_time_format : formats.status_datetime_format;
    std::ostringstream text;
    text << std::put_time(&at, format.c_str());
    return std::move(text).str();
}

}  // namespace pueue::server
