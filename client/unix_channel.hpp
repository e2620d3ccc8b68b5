// The usual way to the daemon: a unix stream socket.
#pragma once

#include "client/connection.hpp"

#include <memory>
#include <string>

namespace pueue::client {

[[nodiscard]] Reported<std::unique_ptr<Channel>> connect_unix(const std::string& path);

}  // namespace pueue::client
