#include "daemon/server/time_text.hpp"

#include "protocol/base/local_time.hpp"
#include "protocol/base/time_format.hpp"

#include <optional>
#include <utility>

namespace pueue::server {

std::string time_text(
    const WallTime& time, const WallTime& now, const config::ClientSettings& formats
) {
    const config::ClientSettings defaults;
    const LocalTime local = to_local(time);
    const bool is_today = local.same_date(to_local(now));
    const auto format = is_today ? &config::ClientSettings::status_time_format
                                 : &config::ClientSettings::status_datetime_format;
    std::optional<std::string> text = format_time(formats.*format, local);
    return text ? std::move(*text) : format_time(defaults.*format, local).value();
}

std::optional<std::string> invalid_time_format(const config::ClientSettings& formats) {
    for (const std::string& format : {formats.status_time_format, formats.status_datetime_format}) {
        if (!format_time(format, LocalTime{})) {
            return format;
        }
    }
    return std::nullopt;
}

}  // namespace pueue::server
