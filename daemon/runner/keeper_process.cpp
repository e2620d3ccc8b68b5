#include "daemon/runner/keeper_process.hpp"

#include "daemon/keeper/messages.hpp"
#include "daemon/runner/process_id.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>

namespace pueue::runner {

namespace {

constexpr std::size_t info_bytes_max = 4096;

/// How often a keeper that lost its socket is asked for, and how long after it was told to bind
/// again.
constexpr int reach_attempts_max = 40;
constexpr int reach_pause_ms = 50;

Result<std::string> text_of(const std::string& path) {
    TRY(Bytes text, read_file(path, info_bytes_max));
    return text;
}

keeper::Id16 id_of_hex(const std::string& digits) {
    keeper::Id16 id;
    for (std::size_t i = 0; i < sizeof id.bytes && 2 * i + 2 <= digits.size(); ++i) {
        id.bytes[i] =
            static_cast<std::uint8_t>(std::strtoul(digits.substr(2 * i, 2).c_str(), nullptr, 16));
    }
    return id;
}

// Lines of a name, a blank and a value. None: no keeper has ever written the file, or not to its
// end.
std::optional<ProcessId> read_info(const std::string& directory) {
    const Result<std::string> text = text_of(directory + "/" + keeper::info_name);
    if (text.has_error()) {
        return std::nullopt;
    }
    std::map<std::string, std::string, std::less<>> values;
    std::istringstream lines(text.value());
    std::string name;
    std::string value;
    while (lines >> name >> value) {
        values[name] = value;
    }
    ProcessId keeper;
    keeper.pid = std::atoi(values["pid"].c_str());
    keeper.start_ticks = std::strtoull(values["start"].c_str(), nullptr, 10);
    keeper.boot = id_of_hex(values["boot"]);
    return keeper.pid > 0 ? std::optional(keeper) : std::nullopt;
}

Result<UniqueFd> connect_to_control(const UniqueFd& directory) {
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // Through the descriptor, so that the length of the directory's path does not matter.
    std::snprintf(
        address.sun_path,
        sizeof address.sun_path,
        "/proc/self/fd/%d/%s",
        directory.get(),
        keeper::control_name
    );
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (!socket || ::connect(socket.get(), generic, sizeof address) != 0) {
        return os_error("connect to the keeper", errno);
    }
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        peer.uid != ::geteuid()) {
        return Error{ErrorKind::refused, 0, "the keeper's socket belongs to another user"};
    }
    return socket;
}

// None: it has ended meanwhile.
Result<std::optional<UniqueFd>> reach(pid_t pid, const UniqueFd& pidfd, const UniqueFd& directory) {
    for (int attempt = 0; attempt < reach_attempts_max; ++attempt) {
        Result<UniqueFd> socket = connect_to_control(directory);
        if (socket.has_value()) {
            return std::optional(std::move(socket).value());
        }
        // Somebody removed its socket: this signal makes it bind again.
        ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGUSR1, nullptr, 0);
        if (has_ended(pidfd.get(), reach_pause_ms)) {
            return std::optional<UniqueFd>();
        }
    }
    return Error{
        ErrorKind::io,
        0,
        "the keeper of this directory (process " + std::to_string(pid) +
            ") lives but cannot be reached. A second one could run its tasks twice. Wait until it "
            "answers again, or end it with its tasks: kill -9 " +
            std::to_string(pid)};
}

UniqueFd moved_up(int descriptor) {
    // Above the numbers the keeper expects, so that putting one in place does not close another.
    constexpr int lowest = 16;
    return UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, lowest));
}

Result<UniqueFd> open_home(const std::string& directory) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return os_error("create " + directory, errno);
    }
    return open_file(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace

Result<std::optional<KeeperProcess>> find_keeper(const std::string& directory) {
    TRY(const UniqueFd home, open_home(directory));
    const std::optional<ProcessId> info = read_info(directory);
    UniqueFd pidfd = info ? pin(*info) : UniqueFd();
    // A dead one that is not reaped yet has a number, and while a child of it that was on its way
    // to execve dies too, a socket: the child has a copy of the listening end.
    if (!pidfd || has_ended(pidfd.get(), 0)) {
        return std::optional<KeeperProcess>();
    }
    TRY(std::optional<UniqueFd> connection, reach(info->pid, pidfd, home));
    if (!connection) {
        return std::optional<KeeperProcess>();
    }
    return std::optional(KeeperProcess{std::move(*connection), std::move(pidfd), -1});
}

Result<KeeperProcess> start_keeper(const std::string& directory) {
    TRY(const UniqueFd home, open_home(directory));
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
        return os_error("socketpair", errno);
    }
    KeeperProcess started;
    started.connection = UniqueFd(ends[0]);
    const UniqueFd theirs(ends[1]);
    const UniqueFd high_socket = moved_up(theirs.get());
    const UniqueFd high_directory = moved_up(home.get());

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, high_directory.get(), keeper::directory_fd);
    ::posix_spawn_file_actions_adddup2(&actions, high_socket.get(), keeper::first_connection_fd);
    std::string name = keeper::process_name;
    std::string mode = keeper::mode_argument;
    std::array<char*, 3> arguments = {name.data(), mode.data(), nullptr};
    std::array<char*, 1> environment = {nullptr};
    const int failed = ::posix_spawn(
        &started.child, "/proc/self/exe", &actions, nullptr, arguments.data(), environment.data()
    );
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        return os_error("start the keeper", failed);
    }
    started.pidfd = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, started.child, 0)));
    return started;
}

}  // namespace pueue::runner
