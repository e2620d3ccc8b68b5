// What people are told beyond the original. On stderr, and only where that is a terminal: no script
// ever sees it.
#pragma once

#include "client/client.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pueue::client {

using Groups = std::map<std::string, Group, std::less<>>;

/// A line with the group that the typed one resembles; empty if that exists or resembles none.
[[nodiscard]] std::string similar_group_hint(
    const Client& client, const std::optional<std::string>& typed, const Groups& known
);
/// The same, where the groups have to be asked for first. Nothing is asked if nobody would see it.
[[nodiscard]] std::string similar_group_hint(
    Client& client, const std::optional<std::string>& typed
);

/// A line with the failed ones of these tasks, and how they ended; empty if there are none.
[[nodiscard]] std::string failures_hint(
    const Client& client, const std::vector<const Task*>& tasks
);

}  // namespace pueue::client
