#include "client/view/time_view.hpp"

#include "protocol/base/local_time.hpp"
#include "protocol/base/time_format.hpp"

namespace pueue::client {

namespace {
constexpr std::int64_t seconds_per_day = 86400;
}  // namespace

TimeView::TimeView(const config::ClientSettings& settings, const WallTime& now)
    : settings_(settings), now_(now) {
    const LocalTime today = to_local(now);
    midnight_ = instant_of_local(today.year, today.month, today.day, 0);
}

std::string TimeView::format(const WallTime& time, bool is_short) const {
    const std::string& wanted =
        is_short ? settings_.status_time_format : settings_.status_datetime_format;
    const LocalTime local = to_local(time);
    if (auto text = format_time(wanted, local)) {
        return std::move(*text);
    }
    const config::ClientSettings defaults;
    return format_time(
               is_short ? defaults.status_time_format : defaults.status_datetime_format, local
    )
        .value_or("");
}

std::string TimeView::in_text(const WallTime& time) const {
    return format(time, to_local(time).same_date(to_local(now_)));
}

std::string TimeView::past(const WallTime& time) const {
    return format(time, time.seconds >= midnight_);
}

std::string TimeView::coming(const WallTime& time) const {
    return format(time, time <= WallTime{midnight_ + seconds_per_day, 0});
}

std::string TimeView::clock() const {
    return format_time("%H:%M:%S", to_local(now_)).value_or("");
}

std::string TimeView::invalid_format() const {
    for (const auto* wanted : {&settings_.status_time_format, &settings_.status_datetime_format}) {
        if (!format_time(*wanted, to_local(now_))) {
            return *wanted;
        }
    }
    return "";
}

}  // namespace pueue::client
