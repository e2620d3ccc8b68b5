#include "daemon/runner/process_id.hpp"

#include "daemon/keeper/home.hpp"
#include "protocol/base/result.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <sstream>
#include <string>

namespace pueue::runner {

namespace {

// Not in the headers of Linux 6.1. The first version of the kernel's structure.
struct PidfdInfo {
    std::uint64_t mask = 0;
    std::uint64_t cgroup = 0;
    std::uint32_t ids[11] = {};
    std::int32_t exit_status = 0;  ///< as wait reports it
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t info_of_exit = 8;
constexpr unsigned long get_info = _IOWR(0xFF, 11, PidfdInfo);
constexpr unsigned whole_group = 4;

constexpr std::size_t stat_bytes_max = 4096;

// Counted behind the name, which may contain anything. 0: there is no such process.
std::uint64_t start_ticks_of(pid_t pid) {
    const Result<Bytes> stat = read_file("/proc/" + std::to_string(pid) + "/stat", stat_bytes_max);
    const std::size_t name_end = stat.has_value() ? stat.value().rfind(')') : std::string::npos;
    if (name_end == std::string::npos) {
        return 0;
    }
    std::istringstream fields(stat.value().substr(name_end + 1));
    std::string field;
    for (int number = 3; number <= 22 && fields >> field; ++number) {
    }
    return std::strtoull(field.c_str(), nullptr, 10);
}

}  // namespace

UniqueFd pin(const ProcessId& process) {
    if (process.pid <= 0 || !(process.boot == keeper::identify_myself().boot)) {
        return {};
    }
    // The descriptor comes first and the check after it, so the number cannot go to another process
    // in between.
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
    return pidfd && start_ticks_of(process.pid) == process.start_ticks ? std::move(pidfd)
                                                                       : UniqueFd();
}

bool has_ended(int pidfd, int wait_ms) {
    pollfd ended{pidfd, POLLIN, 0};
    return ::poll(&ended, 1, wait_ms) == 1;
}

ForeignEnd foreign_end(int pidfd) {
    PidfdInfo info;
    info.mask = info_of_exit;
    if (::ioctl(pidfd, get_info, &info) != 0) {
        return {true, std::nullopt};
    }
    if ((info.mask & info_of_exit) == 0) {
        return {false, std::nullopt};
    }
    const int status = info.exit_status;
    return WIFSIGNALED(status) ? ForeignEnd{true, HowItEnded{true, WTERMSIG(status)}}
                               : ForeignEnd{true, HowItEnded{false, WEXITSTATUS(status)}};
}

void signal_group(pid_t pid, int pidfd, int number) {
    const long sent = ::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, whole_group);
    // Linux before 6.9 signals the one process only. The number is its own until it is reaped,
    // which is not before it has ended.
    if (sent != 0 && errno == EINVAL && !has_ended(pidfd, 0)) {
        ::kill(-pid, number);
    }
}

}  // namespace pueue::runner
