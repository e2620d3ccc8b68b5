// What a client wishes for one task beyond what the original knows: variables PUEUE_ADD_… in the
// environment, which any client passes on, and the extension of the request, which counts more.
#pragma once

#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/policy.hpp"
#include "protocol/wire/message.hpp"

namespace pueue::server {

/// Takes the wishes out of the request: its environment is without those variables afterwards, so
/// that an add inside the task does not inherit them. Error: which one cannot be, and what could.
[[nodiscard]] Result<TaskOptions> take_add_options(
    wire::AddRequest& request, EnvironmentPool& environments
);

}  // namespace pueue::server
