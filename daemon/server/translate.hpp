// From what a client wrote to what the core can decide on. Everything a wish needs from outside the
// core is added here: the alias file, and the daemon's view of zones and time formats.
#pragma once

#include "daemon/core/command.hpp"
#include "protocol/base/clock.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/wire/message.hpp"

#include <functional>
#include <string>
#include <variant>

namespace pueue::server {

struct Lookups {
    /// The command with its alias expanded (pueued 7.5).
    std::function<std::string(const std::string&)> expand_alias;
    /// TIME of pueued 3.3: the local time as the daemon's settings want it.
    std::function<std::string(const WallTime&)> time_text;
    /// Whether clients may wish for what the original does not know.
    bool takes_wishes = true;
};

/// A command for the core, or the answer to a request that never gets that far.
[[nodiscard]] std::variant<core::Command, wire::Response> translate(
    wire::Request request, const Lookups& lookups, EnvironmentPool& environments
);

}  // namespace pueue::server
