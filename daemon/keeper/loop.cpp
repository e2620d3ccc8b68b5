#include "daemon/keeper/loop.hpp"

#include "daemon/keeper/loop_tags.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>

namespace pueue::keeper {

namespace {

std::int64_t clock_ns(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::uint64_t microseconds(const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(time.tv_usec);
}

// waitid with the process's usage, which libc's does not give.
bool wait_for(idtype_t type, pid_t pid, int options, siginfo_t& info, rusage& usage) {
    info.si_pid = 0;
    const long result =
        ::syscall(SYS_waitid, type, pid, &info, options | WEXITED | WNOHANG, &usage);
    return result == 0 && info.si_pid != 0;
}

}  // namespace

Loop::Loop(const Identity& identity, Spool& spool, const Surroundings& around)
    : identity_(identity),
      spool_(spool),
      starter_(around),
      // Above every number of an earlier keeper of this boot, which gave out fewer than one in each
      // nanosecond: an acknowledgement that was meant for that one means nothing here.
      last_sequence_(static_cast<std::uint64_t>(clock_ns(CLOCK_BOOTTIME))) {}

bool Loop::open(int first_connection) {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    constexpr int taken[] = {SIGCHLD, SIGTERM, SIGUSR1};
    for (const int number : taken) {
        ::sigaddset(&wanted, number);
    }
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    signals_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    reserve_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    control_ = open_control(directory_fd);
    if (epoll_ < 0 || signals_ < 0 || reserve_ < 0 || control_ < 0) {
        return false;
    }
    greeting_[0] = first_connection;
    next_greeting_ = 1;
    return watch(signals_, EPOLLIN, tag_signals) && watch(control_, EPOLLIN, tag_control) &&
           watch(first_connection, EPOLLIN, tag_first_greeting);
}

void Loop::run(int idle_ms) {
    constexpr int events_max = 64;
    epoll_event events[events_max];
    while (!finished()) {
        const int count = ::epoll_wait(epoll_, events, events_max, idle() ? idle_ms : -1);
        if (count == 0 || (count < 0 && errno != EINTR)) {
            break;
        }
        // Status pipes first: what follows may free a child, and with it a pipe of this round.
        for (int i = 0; i < count; ++i) {
            if (events[i].data.u64 >= tags_end) {
                settle_start(*reinterpret_cast<Child*>(events[i].data.u64));
            }
        }
        for (int i = 0; i < count; ++i) {
            if (events[i].data.u64 < tags_end) {
                dispatch(events[i].data.u64, events[i].events);
            }
        }
        flush();
    }
    leave();
}

bool Loop::watch(int descriptor, std::uint32_t events, std::uint64_t tag) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Loop::dispatch(std::uint64_t tag, std::uint32_t events) {
    if (tag == tag_signals) {
        take_signals();
    } else if (tag == tag_control) {
        accept_connections();
    } else if (tag == tag_daemon) {
        if (held_answer_size_ > 0 && (events & (EPOLLHUP | EPOLLERR)) != 0) {
            drop_daemon();  // will never take it
        } else if ((events & ~std::uint32_t{EPOLLOUT}) != 0) {
            read_requests();
        }
    } else {
        greet(static_cast<int>(tag - tag_first_greeting));
    }
}

bool Loop::finished() const {
    return leave_when_empty_ && alive_ == 0;
}

bool Loop::idle() const {
    return daemon_ < 0 && alive_ == 0 && exits_.front() == nullptr;
}

// What the daemon was not told yet stays in the spool.
void Loop::leave() {
    flush();
    remove_home(directory_fd);
    if (exits_.front() == nullptr) {
        spool_.remove();
    }
}

void Loop::take_signals() {
    signalfd_siginfo taken[8];
    for (;;) {
        const ssize_t size = ::read(signals_, taken, sizeof taken);
        if (size <= 0) {
            break;
        }
        const std::size_t count = static_cast<std::size_t>(size) / sizeof taken[0];
        for (std::size_t i = 0; i < count; ++i) {
            if (taken[i].ssi_signo == SIGTERM) {
                leave_when_empty_ = true;
            } else if (taken[i].ssi_signo == SIGUSR1) {
                // A daemon knows that we live but cannot reach us: the socket was removed.
                ::close(control_);
                control_ = open_control(directory_fd);
                static_cast<void>(watch(control_, EPOLLIN, tag_control));
            }
        }
    }
    reap();
}

// Looks what the status pipe says, and whether the child has got as far as that.
void Loop::settle_start(Child& child) {
    ChildFailure failure;
    const ssize_t size = ::read(child.status_pipe, &failure, sizeof failure);
    if (size < 0) {
        return;
    }
    // Out of the set before it is closed: a child on its way to execve may hold a copy, and the set
    // would go on reporting what that copy stands for.
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, child.status_pipe, nullptr);
    ::close(child.status_pipe);
    child.status_pipe = -1;
    if (size == sizeof failure) {
        // Reported when it was reaped: it still runs on its stack for a moment.
        child.failure = failure;
        return;
    }
    starter_.release_memory(child);
    set_oom_score(child);
    child.phase = Child::Phase::running;
    child.started_wall_ns = clock_ns(CLOCK_REALTIME);
    child.started_boot_ns = clock_ns(CLOCK_BOOTTIME);
    if (!child.is_run) {
        announce(child);
    }
}

// From outside and this late, because until its execve the child shares our memory, and the kernel
// gives one value to all who share.
void Loop::set_oom_score(const Child& child) const {
    if (child.oom_score_adj == Start::inherit_oom_score) {
        return;
    }
    char path[64];
    char value[16];
    std::snprintf(path, sizeof path, "/proc/%d/oom_score_adj", int{child.pid});
    const int size = std::snprintf(value, sizeof value, "%d", int{child.oom_score_adj});
    const int file = ::open(path, O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        // Refused (EACCES below the inherited value): the task runs as it is.
        [[maybe_unused]] const ssize_t written =
            ::write(file, value, static_cast<std::size_t>(size));
        ::close(file);
    }
}

// Looks at each dead child before reaping it: what it left must be in the spool first.
void Loop::reap() {
    siginfo_t info{};
    rusage usage{};
    while (wait_for(P_ALL, 0, WNOWAIT, info, usage)) {
        const pid_t pid = info.si_pid;
        Child* child = children_.find(pid);
        if (child == nullptr) {
            // A process that some task left behind. It came to us as its nearest subreaper.
            static_cast<void>(wait_for(P_PID, pid, 0, info, usage));
            continue;
        }
        if (child->status_pipe >= 0) {
            settle_start(*child);
        }
        const bool ran = child->failure.error == 0;
        if (ran && child->is_run) {
            child->phase = Child::Phase::exited;
            child->facts.code = info.si_code;
            child->facts.status = info.si_status;
        } else if (ran) {
            note_exit(*child, info, usage);
            flush();
        }
        static_cast<void>(wait_for(P_PID, pid, 0, info, usage));
        forget_process(*child);
        if (!ran) {
            child->phase = Child::Phase::failed;
        }
        if (!ran || child->is_run) {
            announce(*child);
        }
    }
}

void Loop::note_exit(Child& child, const siginfo_t& info, const rusage& usage) {
    child.phase = Child::Phase::exited;
    child.sequence = ++last_sequence_;
    child.facts.code = info.si_code;
    child.facts.status = info.si_status;
    child.facts.user_us = microseconds(usage.ru_utime);
    child.facts.system_us = microseconds(usage.ru_stime);
    child.facts.max_rss_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
    child.facts.wall_ns = clock_ns(CLOCK_REALTIME);
    child.facts.boot_ns = clock_ns(CLOCK_BOOTTIME);

    spool_.append(record_of(child, RecordKind::exit));
    exits_.push(child);
    if (next_exit_to_send_ == nullptr) {
        next_exit_to_send_ = &child;
    }
}

SpoolRecord Loop::record_of(const Child& child, RecordKind kind) const {
    SpoolRecord record;
    record.kind = kind;
    record.sequence = child.sequence;
    record.key = child.key;
    record.boot = identity_.boot;
    record.pid = child.pid;
    record.start_ticks = child.start_ticks;
    record.facts = child.facts;
    return record;
}

void Loop::forget_process(Child& child) {
    alive_ -= child.is_run ? 0 : 1;
    children_.forget_pid(child);
    starter_.release_memory(child);
    if (child.stdin_write >= 0) {
        ::close(child.stdin_write);
        child.stdin_write = -1;
    }
}

void Loop::kill_all() const {
    children_.for_each([](const Child& child) {
        if (child.alive() && !child.is_run && ::kill(-child.pid, SIGKILL) != 0) {
            ::kill(child.pid, SIGKILL);  // it has no group of its own yet
        }
    });
}

}  // namespace pueue::keeper
