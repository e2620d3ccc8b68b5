#include "daemon/service_manager.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>

namespace pueue {

namespace {

constexpr int first_passed_socket = 3;

bool is_own_pid(const std::optional<std::string>& text) {
    return text && *text == std::to_string(::getpid());
}

}  // namespace

ServiceManager::ServiceManager(boost::asio::io_context& loop, const Lookup& variable)
    : notify_socket_(variable("NOTIFY_SOCKET").value_or("")), next_sign_(loop) {
    if (is_own_pid(variable("LISTEN_PID")) && variable("LISTEN_FDS").value_or("0") != "0") {
        ::fcntl(first_passed_socket, F_SETFD, FD_CLOEXEC);
        listening_ = UniqueFd(first_passed_socket);
    }
    const auto watchdog_pid = variable("WATCHDOG_PID");
    const auto limit = variable("WATCHDOG_USEC");
    if (limit && (!watchdog_pid || is_own_pid(watchdog_pid))) {
        sign_interval_ = std::chrono::microseconds(std::atoll(limit->c_str()) / 2);
    }
}

UniqueFd ServiceManager::take_socket() {
    if (listening_) {
        ::fcntl(listening_.get(), F_SETFL, O_NONBLOCK);
    }
    return std::move(listening_);
}

void ServiceManager::ready() {
    tell("READY=1");
    if (sign_interval_ && is_there()) {
        show_life();
    }
}

void ServiceManager::show_life() {
    tell("WATCHDOG=1");
    next_sign_.expires_after(*sign_interval_);
    next_sign_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec) {
            show_life();
        }
    });
}

void ServiceManager::tell(std::string_view text) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (notify_socket_.empty() || notify_socket_.size() > sizeof address.sun_path) {
        return;
    }
    notify_socket_.copy(address.sun_path, sizeof address.sun_path);
    if (address.sun_path[0] == '@') {
        address.sun_path[0] = '\0';  // in the kernel's own name space
    }
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notify_socket_.size());
    // A manager that does not listen is its own business.
    [[maybe_unused]] const ssize_t sent = ::sendto(
        socket.get(),
        text.data(),
        text.size(),
        MSG_DONTWAIT | MSG_NOSIGNAL,
        reinterpret_cast<const sockaddr*>(&address),
        size
    );
}

}  // namespace pueue
