#include "daemon/keeper/keeper.hpp"

#include "daemon/keeper/children.hpp"
#include "daemon/keeper/home.hpp"
#include "daemon/keeper/loop.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace pueue::keeper {

namespace {

// Signals are taken from a descriptor or not at all: every one is blocked for good, which also
// keeps them from a child until its last step. The dispositions are what tasks get. pueued handles
// or ignores the first four, so for its tasks they are default, whatever it was itself started
// with; SIGCHLD ignored would make the kernel throw exit codes away; the last two are libc's own,
// which posix_spawn leaves ignored, and libc's sigaction refuses to name them.
void set_signals() {
    constexpr int defaulted[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, 32, 33};
    constexpr unsigned long kernel_default_action[4] = {};
    for (const int number : defaulted) {
        ::syscall(SYS_rt_sigaction, number, kernel_default_action, nullptr, sizeof(std::uint64_t));
    }
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
}

// What the daemon has open, its lock and its standard streams above all, must not stay open for as
// long as we live.
void set_descriptors() {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 3; ++i) {
        ::dup2(null, i);
    }
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::close_range(first_connection_fd + 1, ~0U, 0);
}

// Three descriptors per task, so as many as we may have; tasks get the old limit back.
void set_limits(Surroundings& around) {
    rlimit64 files{};
    ::getrlimit64(RLIMIT_NOFILE, &files);
    around.open_files_soft = files.rlim_cur;
    around.open_files_hard = files.rlim_max;
    files.rlim_cur = files.rlim_max;
    ::setrlimit64(RLIMIT_NOFILE, &files);
}

// Says why there will be no keeper, in place of a greeting.
int refuse(const char* what) {
    ErrorAnswer answer;
    answer.code = ErrorCode::failed;
    answer.error = errno;
    answer.text = {what, std::strlen(what)};
    char message[256];
    const std::size_t size = encode(answer, 0, message, sizeof message);
    static_cast<void>(send(first_connection_fd, message, size, nullptr, 0));
    return 1;
}

}  // namespace

bool is_keeper(int argc, char** argv) {
    return argc >= 2 && std::strcmp(argv[1], mode_argument) == 0;
}

int keeper_main(int argc, char** argv) {
    ::setsid();
    ::prctl(PR_SET_NAME, process_name);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::umask(0177);
    set_signals();
    set_descriptors();

    Surroundings around;
    set_limits(around);
    const Identity identity = identify_myself();
    around.boot = identity.boot;
    Spool spool;
    if (!spool.open(directory_fd)) {
        return refuse("open the spool");
    }
    around.spool = spool.fd();

    Loop loop(identity, spool, around);
    if (!loop.open(first_connection_fd)) {
        return refuse("open the control socket");
    }
    if (!write_info(directory_fd, identity)) {
        return refuse("write the info file");
    }
    const int idle_seconds = argc >= 3 ? std::atoi(argv[2]) : 60;
    loop.run(idle_seconds * 1000);
    // Not through exit: what the program of the daemon has to take down was never set up here.
    ::_exit(0);
}

}  // namespace pueue::keeper
