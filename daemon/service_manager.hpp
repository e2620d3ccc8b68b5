// What a service manager (systemd) and its service say to each other: readiness, signs of life,
// sockets that were opened beforehand. Plain datagrams and numbers, as sd_notify(3) and
// sd_listen_fds(3) describe them; without a manager nothing happens.
#pragma once

#include "protocol/base/fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pueue {

class ServiceManager {
  public:
    /// What is meant for this process alone. Whoever reads them removes them, so that no child
    /// takes them for its own.
    static constexpr std::array<const char*, 9> variables = {
        "NOTIFY_SOCKET",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
        "LISTEN_FDS",
        "LISTEN_PID",
        "LISTEN_FDNAMES",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "SYSTEMD_EXEC_PID"};
    using Lookup = std::function<std::optional<std::string>(const char* name)>;

    ServiceManager(boost::asio::io_context& loop, const Lookup& variable);

    /// Somebody waits for ready().
    [[nodiscard]] bool is_there() const { return !notify_socket_.empty(); }

    /// The first of the sockets that were passed. None: open it yourself.
    [[nodiscard]] UniqueFd take_socket();

    /// The door is open. From here on the loop shows that it is alive, if that is wanted.
    void ready();
    void stopping() const { tell("STOPPING=1"); }

  private:
    void tell(std::string_view text) const;
    void show_life();

    std::string notify_socket_;
    UniqueFd listening_;
    boost::asio::steady_timer next_sign_;
    std::optional<std::chrono::microseconds> sign_interval_;
};

}  // namespace pueue
