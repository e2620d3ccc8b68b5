#include "daemon/runner/keeper_process.hpp"

#include "daemon/keeper/messages.hpp"

#include <fcntl.h>
#include <poll.h>
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
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

namespace pueue::runner {

namespace {

constexpr std::size_t info_bytes_max = 4096;

/// How often a keeper that lost its socket is asked for, and how long after it was told to bind
/// again.
constexpr int reach_attempts_max = 40;
constexpr int reach_pause_ms = 50;

struct Info {
    pid_t pid = -1;
    std::string start_ticks;
    std::string boot;
};

Result<std::string> text_of(const std::string& path) {
    TRY(Bytes text, read_file(path, info_bytes_max));
    return text;
}

// Lines of a name, a blank and a value. None: no keeper has ever written the file, or not to its
// end.
std::optional<Info> read_info(const std::string& directory) {
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
    Info info;
    info.pid = std::atoi(values["pid"].c_str());
    info.start_ticks = values["start"];
    info.boot = values["boot"];
    return info.pid > 0 ? std::optional(info) : std::nullopt;
}

std::string boot_id() {
    const Result<std::string> text = text_of("/proc/sys/kernel/random/boot_id");
    std::string digits;
    if (text.has_value()) {
        for (const char c : text.value()) {
            if (c != '-' && c != '\n') {
                digits.push_back(c);
            }
        }
    }
    return digits;
}

// Field 22 of stat, counted behind the name, which may contain anything.
std::string start_ticks_of(pid_t pid) {
    const Result<std::string> stat = text_of("/proc/" + std::to_string(pid) + "/stat");
    if (stat.has_error()) {
        return {};
    }
    const std::size_t name_end = stat.value().rfind(')');
    if (name_end == std::string::npos) {
        return {};
    }
    std::istringstream fields(stat.value().substr(name_end + 1));
    std::string field;
    for (int number = 3; number <= 22 && fields >> field; ++number) {
    }
    return field;
}

// The process that wrote the file, pinned. The descriptor comes first and the check after it, so
// the number cannot go to another process in between.
UniqueFd pidfd_of(const Info& info) {
    if (info.boot != boot_id()) {
        return {};
    }
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, info.pid, 0)));
    return pidfd && start_ticks_of(info.pid) == info.start_ticks ? std::move(pidfd) : UniqueFd();
}

bool has_ended(const UniqueFd& pidfd, int wait_ms) {
    pollfd ended{pidfd.get(), POLLIN, 0};
    return ::poll(&ended, 1, wait_ms) == 1;
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
Result<std::optional<UniqueFd>> reach(
    const Info& info, const UniqueFd& pidfd, const UniqueFd& directory
) {
    for (int attempt = 0; attempt < reach_attempts_max; ++attempt) {
        Result<UniqueFd> socket = connect_to_control(directory);
        if (socket.has_value()) {
            return std::optional(std::move(socket).value());
        }
        // Somebody removed its socket: this signal makes it bind again.
        ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGUSR1, nullptr, 0);
        if (has_ended(pidfd, reach_pause_ms)) {
            return std::optional<UniqueFd>();
        }
    }
    return Error{
        ErrorKind::io,
        0,
        "the keeper of this directory (process " + std::to_string(info.pid) +
            ") lives but cannot be reached. A second one could run its tasks twice. Wait until it "
            "answers again, or end it with its tasks: kill -9 " +
            std::to_string(info.pid)};
}

UniqueFd moved_up(int descriptor) {
    // Above the numbers the keeper expects, so that putting one in place does not close another.
    constexpr int lowest = 16;
    return UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, lowest));
}

Result<KeeperProcess> start_keeper(const UniqueFd& directory) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
        return os_error("socketpair", errno);
    }
    KeeperProcess started;
    started.connection = UniqueFd(ends[0]);
    const UniqueFd theirs(ends[1]);
    const UniqueFd high_socket = moved_up(theirs.get());
    const UniqueFd high_directory = moved_up(directory.get());

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
    started.child_end = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, started.child, 0)));
    return started;
}

}  // namespace

Result<KeeperProcess> find_or_start_keeper(const std::string& directory) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return os_error("create " + directory, errno);
    }
    TRY(const UniqueFd opened, open_file(directory, O_RDONLY | O_DIRECTORY));
    const std::optional<Info> info = read_info(directory);
    if (const UniqueFd pidfd = info ? pidfd_of(*info) : UniqueFd()) {
        TRY(std::optional<UniqueFd> connection, reach(*info, pidfd, opened));
        if (connection) {
            return KeeperProcess{std::move(*connection), -1, UniqueFd()};
        }
    }
    return start_keeper(opened);
}

}  // namespace pueue::runner
