// The program from its arguments to its exit code: the start-up steps in the order that decides
// which of several errors is reported (client contract 0).
#pragma once

#include <string>
#include <vector>

namespace pueue::client {

/// `words` includes argv[0].
[[nodiscard]] int run_program(const std::vector<std::string>& words);

}  // namespace pueue::client
