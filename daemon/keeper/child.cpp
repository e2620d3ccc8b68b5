#include "daemon/keeper/child.hpp"

#include "daemon/keeper/checksum.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace pueue::keeper {

namespace {

// A system call without libc: the result, or -errno.
#if defined(__x86_64__)
long call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
    long result = 0;
    register long r10 asm("r10") = d;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                 : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
long call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
    register long x8 asm("x8") = number;
    register long x0 asm("x0") = a;
    register long x1 asm("x1") = b;
    register long x2 asm("x2") = c;
    register long x3 asm("x3") = d;
    asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}
#else
#error "system calls of this architecture are not written yet"
#endif

template <class Pointee>
long address(Pointee* pointer) {
    return reinterpret_cast<long>(pointer);
}

[[noreturn]] void leave() {
    for (;;) {
        call(SYS_exit_group, 127);
    }
}

[[noreturn]] void fail(const ChildPlan& plan, Stage stage, long negative_error) {
    const ChildFailure failure{stage, static_cast<std::int32_t>(-negative_error)};
    call(SYS_write, plan.status_pipe, address(&failure), sizeof failure);
    leave();
}

void check(const ChildPlan& plan, Stage stage, long result) {
    if (result < 0) {
        fail(plan, stage, result);
    }
}

// Field 22 of /proc/self/stat. Counted behind the last ')': the name before it can be anything.
std::uint64_t read_start_ticks() {
    char text[512];
    const long file = call(SYS_openat, AT_FDCWD, address("/proc/self/stat"), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    const long size = call(SYS_read, file, address(text), sizeof text);
    call(SYS_close, file);
    long at = size - 1;
    while (at > 0 && text[at] != ')') {
        --at;
    }
    constexpr int blanks_before = 20;
    for (int blanks = 0; at < size && blanks < blanks_before; ++at) {
        blanks += text[at] == ' ' ? 1 : 0;
    }
    std::uint64_t ticks = 0;
    for (; at < size && text[at] >= '0' && text[at] <= '9'; ++at) {
        ticks = ticks * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    return ticks;
}

template <class Number>
void put(char* to, Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
        // volatile: a loop the compiler recognises would become a call of memcpy.
        static_cast<volatile char*>(to)[i] = static_cast<char>(value >> (8 * i));
    }
}

void die_with(pid_t keeper) {
    call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    if (call(SYS_getppid) != keeper) {
        leave();  // it was too late to ask for that
    }
}

// A full disk must not keep a task from running, so the result of the write is not looked at.
void leave_record(ChildPlan& plan) {
    plan.start_ticks = read_start_ticks();
    put(plan.run_record + record_pid_offset, static_cast<std::uint32_t>(call(SYS_getpid)));
    put(plan.run_record + record_start_ticks_offset, plan.start_ticks);
    put(plan.run_record + record_crc_offset,
        record_checksum(plan.run_record + 8, run_record_bytes - 8));
    call(SYS_write, plan.spool, address(plan.run_record), run_record_bytes);
}

// Not an executable format, but found by PATH: /bin/sh gets it, as execvp does.
long execute_by_shell(const ChildPlan& plan, const char* program) {
    const char** arguments = plan.arguments - 1;
    const char* name = plan.arguments[0];
    arguments[0] = "/bin/sh";
    arguments[1] = program;
    const long result =
        call(SYS_execve, address(arguments[0]), address(arguments), address(plan.environment));
    arguments[1] = name;
    return result;
}

// The rules of execvp: a candidate that is not there, or not for us, gives way to the next one; any
// other refusal is final. "Permission denied" is remembered, since it says more than "not found".
long execute(const ChildPlan& plan) {
    long error = -ENOENT;
    bool denied = false;
    for (const char* const* program = plan.programs; *program != nullptr; ++program) {
        error =
            call(SYS_execve, address(*program), address(plan.arguments), address(plan.environment));
        if (error == -ENOEXEC && plan.scripts_by_shell) {
            error = execute_by_shell(plan, *program);
        }
        denied = denied || error == -EACCES;
        const bool goes_on = error == -EACCES || error == -ENOENT || error == -ESTALE ||
                             error == -ENOTDIR || error == -ENODEV || error == -ETIMEDOUT;
        if (!goes_on) {
            return error;
        }
    }
    return denied ? -EACCES : error;
}

}  // namespace

int run_child(void* argument) noexcept {
    ChildPlan& plan = *static_cast<ChildPlan*>(argument);
    if (plan.own_group) {
        check(plan, Stage::group, call(SYS_setsid));
    }
    if (plan.spool >= 0) {
        die_with(plan.keeper);
        leave_record(plan);
        call(SYS_prctl, PR_SET_PDEATHSIG, 0);
    }
    for (int i = 0; i < 3; ++i) {
        check(plan, Stage::descriptors, call(SYS_dup3, plan.stdio[i], i, 0));
    }
    call(SYS_umask, static_cast<long>(plan.umask));
    const rlimit64 files{plan.open_files_soft, plan.open_files_hard};
    check(plan, Stage::limits, call(SYS_prlimit64, 0, RLIMIT_NOFILE, address(&files), 0));
    check(plan, Stage::directory, call(SYS_chdir, address(plan.directory)));

    // Every signal was blocked until here; the dispositions are the keeper's, all default or as the
    // daemon was started with.
    const std::uint64_t none = 0;
    call(SYS_rt_sigprocmask, SIG_SETMASK, address(&none), 0, sizeof none);
    fail(plan, Stage::execute, execute(plan));
}

}  // namespace pueue::keeper
