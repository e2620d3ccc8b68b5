// What every command works with: the settings that count, the console, the connection.
#pragma once

#include "client/connection.hpp"
#include "client/console.hpp"
#include "client/log.hpp"
#include "client/report.hpp"
#include "client/style.hpp"
#include "protocol/config/paths.hpp"
#include "protocol/config/settings.hpp"
#include "protocol/wire/message.hpp"

#include <chrono>
#include <functional>

namespace pueue::client {

struct Client {
    const config::Settings& settings;
    const config::Paths& paths;
    const Style& style;
    const Log& log;
    Console& console;
    Connection& connection;

    /// Waits; a test lets no time pass.
    std::function<void(std::chrono::milliseconds)> pause;
    /// As the original in everything: nothing that it does not know is said.
    bool is_strict = false;
};

/// An exit code.
using Outcome = Reported<int>;

/// Asks for the daemon's state. A refusal is a plain failure, any other reply a report.
[[nodiscard]] Reported<State> fetch_state(Client& client);

/// The ordinary end of a command: Success on stdout, Failure on stderr (1), Close nothing. Other
/// replies are only logged (0). `group` is one that was typed: it may be the reason of a failure.
[[nodiscard]] Outcome finish_with(
    Client& client,
    const wire::Response& response,
    const std::optional<std::string>& group = std::nullopt
);

/// Sends and finishes.
[[nodiscard]] Outcome call_and_finish(
    Client& client,
    const wire::Request& request,
    const std::optional<std::string>& group = std::nullopt
);

/// Compat: whatever the original does not expect is one line in the log and exit
/// code 0 [reply-unexpected].
[[nodiscard]] int log_unhandled(Client& client);

}  // namespace pueue::client
