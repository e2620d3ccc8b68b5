// `pueue status` as text: headlines, tables, and the places of its empty lines.
#pragma once

#include "client/style.hpp"
#include "client/view/query.hpp"
#include "client/view/time_view.hpp"
#include "protocol/config/settings.hpp"
#include "protocol/model/state.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::client {

struct StatusLook {
    const config::ClientSettings& settings;
    const Style& style;
    std::optional<std::size_t> width;  ///< of the terminal; none: never wrapped
};

struct StatusText {
    std::string out;
    std::string err;
};

/// `Group "gpu" (3 parallel): running`
[[nodiscard]] std::string group_headline(
    std::string_view name, const Group& group, const Style& style
);

[[nodiscard]] StatusText draw_status(
    const State& state,
    const Query& query,
    const std::optional<std::string>& only_group,
    const StatusLook& look,
    const TimeView& times
);

}  // namespace pueue::client
