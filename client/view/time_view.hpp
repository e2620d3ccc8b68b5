// Times in texts and tables: those of today short, others with their date, in the formats of the
// settings. A format that has no meaning is replaced by its default.
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/config/settings.hpp"

#include <string>

namespace pueue::client {

class TimeView {
  public:
    TimeView(const config::ClientSettings& settings, const WallTime& now);

    /// In a sentence: short on the same date as now.
    [[nodiscard]] std::string in_text(const WallTime& time) const;
    /// Start and End of a table: short since today's midnight.
    [[nodiscard]] std::string past(const WallTime& time) const;
    /// Enqueue At of a table: short up to the coming midnight.
    [[nodiscard]] std::string coming(const WallTime& time) const;
    /// `HH:MM:SS`.
    [[nodiscard]] std::string clock() const;
    /// A format of the settings that has no meaning, for a warning; empty if both have one.
    [[nodiscard]] std::string invalid_format() const;

  private:
    [[nodiscard]] std::string format(const WallTime& time, bool is_short) const;

    const config::ClientSettings& settings_;
    WallTime now_;
    std::int64_t midnight_ = 0;
};

}  // namespace pueue::client
