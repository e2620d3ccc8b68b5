// States for tests, read from the JSON that `status --json` prints.
#pragma once

#include "protocol/model/state.hpp"

#include <string>

namespace pueue::client::test {

/// Requires: the original's JSON.
[[nodiscard]] State state_from_json(const std::string& text);

}  // namespace pueue::client::test
