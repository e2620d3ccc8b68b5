#include "daemon/server/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <utility>

namespace pueue::server {

namespace asio = boost::asio;

namespace {

/// Enough for any number of scripts; the kernel keeps further clients waiting in its own queue.
/// Half of the descriptors are left to the tasks.
std::size_t most_sessions() {
    constexpr rlim_t enough = 4096;
    rlimit files{};
    PUEUE_CHECK(::getrlimit(RLIMIT_NOFILE, &files) == 0);
    return std::min(enough, files.rlim_cur / 2);
}

/// As many as the original's runtime asks for.
constexpr int backlog = 1024;

Error path_error(const std::string& path, std::string_view doing, int number) {
    Error error = os_error(doing, number);
    error.text = "I/O error at path \"" + path + "\" while " + std::string(doing) + ":\n" +
                 describe_os_error(number);
    return error;
}

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return Error{
            ErrorKind::too_large,
            0,
            "I/O error at path \"" + path +
                "\" while binding unix socket to path:\npath must be shorter than SUN_LEN"};
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    return address;
}

Result<UniqueFd> unix_socket() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return os_error("socket", errno);
    }
    return UniqueFd(fd);
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

int family_of(int socket) {
    int family = AF_UNIX;
    socklen_t size = sizeof family;
    PUEUE_CHECK(::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0);
    return family;
}

Error bind_error(const std::string& cause) {
    return {ErrorKind::io, 0, "I/O error while binding tcp listener to address:\n" + cause};
}

Result<UniqueFd> listen_at(const addrinfo& address) {
    const int type = address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK;
    UniqueFd socket(::socket(address.ai_family, type, address.ai_protocol));
    const int on = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 ||
        ::listen(socket.get(), backlog) != 0) {
        return bind_error(describe_os_error(errno));
    }
    return socket;
}

// pueued 1.2 step 2.
Result<> clear_path(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return {};
    }
    TRY(const UniqueFd probe, unix_socket());
    const int connected = ::connect(probe.get(), generic(address), sizeof address);
    // EAGAIN: its queue is full, so somebody listens.
    if (connected == 0 || errno == EAGAIN) {
        return Error{
            ErrorKind::exists,
            0,
            "There seems to be an active pueue daemon.\n"
            "If you're sure there isn't, please remove the socket inside the pueue_directory "
            "manually."};
    }
    if (::unlink(path.c_str()) != 0) {
        return path_error(path, "removing old socket", errno);
    }
    return {};
}

}  // namespace

Result<UniqueFd> listen_unix(const std::string& path, std::optional<mode_t> permissions) {
    TRY(const sockaddr_un final_address, address_of(path));
    CHECK_OK(clear_path(path, final_address));

    const std::string directory = std::filesystem::path(path).parent_path();
    Result<UniqueFd> opened = open_file(directory.empty() ? "." : directory, O_PATH | O_DIRECTORY);
    if (opened.has_error()) {
        return path_error(path, "binding unix socket to path", opened.error().os_error);
    }
    const UniqueFd parent = std::move(opened).value();
    const std::string hidden = ".pueue-" + std::to_string(::getpid()) + ".socket";
    // Through the descriptor, so that the longer temporary name fits whenever the final one does.
    TRY(const sockaddr_un address,
        address_of("/proc/self/fd/" + std::to_string(parent.get()) + "/" + hidden));

    TRY(UniqueFd socket, unix_socket());
    ::unlinkat(parent.get(), hidden.c_str(), 0);
    if (::bind(socket.get(), generic(address), sizeof address) != 0) {
        return path_error(path, "binding unix socket to path", errno);
    }
    if (permissions && ::fchmodat(parent.get(), hidden.c_str(), *permissions, 0) != 0) {
        return path_error(path, "setting permissions on unix socket", errno);
    }
    if (::listen(socket.get(), backlog) != 0) {
        return path_error(path, "binding unix socket to path", errno);
    }
    if (::renameat(parent.get(), hidden.c_str(), AT_FDCWD, path.c_str()) != 0) {
        return path_error(path, "binding unix socket to path", errno);
    }
    return socket;
}

Result<UniqueFd> listen_tcp(const std::string& host, const std::string& port) {
    std::uint16_t number = 0;
    const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (failed != std::errc() || end != port.data() + port.size()) {
        return bind_error("invalid port value");
    }
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string name = is_bracketed ? host.substr(1, host.size() - 2) : host;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    // An empty name would mean every address; the original finds none.
    const int lookup =
        name.empty() ? EAI_NONAME : ::getaddrinfo(name.c_str(), port.c_str(), &hints, &found);
    if (lookup != 0) {
        return bind_error(
            std::string("failed to lookup address information: ") + ::gai_strerror(lookup)
        );
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    Result<UniqueFd> socket = bind_error("no address");
    for (const addrinfo* one = found; one != nullptr && socket.has_error(); one = one->ai_next) {
        socket = listen_at(*one);
    }
    return socket;
}

Listener::Listener(asio::io_context& loop, Context context)
    : loop_(loop),
      context_(std::move(context)),
      sessions_max_(most_sessions()),
      acceptor_(loop),
      room_(loop) {}

void Listener::start(UniqueFd socket, MakeStream make_stream) {
    make_stream_ = std::move(make_stream);
    const asio::generic::stream_protocol protocol(family_of(socket.get()), 0);
    acceptor_.assign(protocol, socket.release());
    const auto on_end = [](const std::exception_ptr& failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    };
    asio::co_spawn(loop_, accept_loop(), on_end);
}

asio::awaitable<void> Listener::accept_loop() {
    while (acceptor_.is_open()) {
        boost::system::error_code ec;
        if (sessions_.size() >= sessions_max_) {
            close_oldest_stranger();
            room_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            continue;
        }
        Socket socket(loop_);
        co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) {
            start_session(std::move(socket));
        } else if (ec != asio::error::operation_aborted) {
            // Out of descriptors, most likely: a client that leaves makes room, and until then
            // asking again at once would only burn the processor.
            context_.logger.warn("pueue::daemon::network", "Failed to accept: " + ec.message());
            close_oldest_stranger();
            room_.expires_after(std::chrono::seconds(1));
            co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
    }
}

// Whoever fills the house without the secret makes room first.
void Listener::close_oldest_stranger() {
    const auto stranger = std::find_if(sessions_.begin(), sessions_.end(), [](const auto& one) {
        return one.second->is_stranger();
    });
    if (stranger != sessions_.end()) {
        stranger->second->close();
    }
}

void Listener::start_session(Socket socket) {
    const SessionId id{next_session_++};
    const SessionFsm fsm(context_.secret, context_.lookups, context_.environments);
    auto session = std::make_shared<Session>(
        loop_, id, make_stream_(std::move(socket)), fsm, context_.submit, context_.logger
    );
    Session& running = *session;
    sessions_.emplace(id, std::move(session));
    const auto on_end = [this, id](const std::exception_ptr& failure) {
        if (failure) {
            context_.logger.error("pueue::daemon::network", "A session ended with an exception");
        }
        sessions_.erase(id);
        context_.gone(id);
        room_.cancel();
    };
    asio::co_spawn(loop_, running.run(), on_end);
}

void Listener::answer(SessionId session, Bytes payload) {
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
        found->second->answer(std::move(payload));
    }
}

void Listener::follow(SessionId session, FollowedLog log) {
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
        found->second->follow(std::move(log));
    }
}

void Listener::end_follow(SessionId session, bool is_removed) {
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
        found->second->end_follow(is_removed);
    }
}

void Listener::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    room_.cancel();
    for (const auto& [id, session] : sessions_) {
        session->close();
    }
}

}  // namespace pueue::server
