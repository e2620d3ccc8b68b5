// The few steps between clone and execve.
//
// The child shares the keeper's memory (CLONE_VM without CLONE_VFORK) and runs on a small stack of
// its own while the keeper goes on. So run_child makes raw system calls and nothing else: no libc,
// whose errno is the keeper's; no lock; no allocation; no write outside its plan. child.cpp is
// compiled without sanitizers, stack protector and calls the compiler might add (CMakeLists.txt),
// and a test looks at the object file for calls out of it.
//
// Until its run record is in the spool, a task dies with the keeper: the kernel sends SIGKILL
// before anybody can see that the keeper is dead. So whoever sees that finds in the spool every
// child that has executed or ever will execute anything.
//
// How it went is told by the status pipe: a failed step writes a ChildFailure and the process ends;
// a successful execve closes the pipe (close-on-exec) with nothing written.
#pragma once

#include "daemon/keeper/messages.hpp"
#include "daemon/keeper/spool.hpp"

#include <sys/types.h>

#include <cstdint>

namespace pueue::keeper {

struct ChildFailure {
    Stage stage = Stage::prepare;
    std::int32_t error = 0;
};

/// Everything the child needs. Must not change or move until the status pipe has closed, nor be
/// freed before; after a failure not before the process was reaped, which runs on `stack` until
/// then.
struct ChildPlan {
    int stdio[3] = {-1, -1, -1};  ///< become 0, 1, 2; each above 2
    int status_pipe = -1;
    int spool = -1;    ///< -1: leaves no run record
    pid_t keeper = 0;  ///< who clones it
    bool own_group = true;
    bool scripts_by_shell = false;
    mode_t umask = 022;
    std::uint64_t open_files_soft = 0;
    std::uint64_t open_files_hard = 0;
    const char* directory = nullptr;
    const char* const* programs = nullptr;  ///< ends with a null pointer, like the next two
    const char** arguments = nullptr;       ///< arguments[-1] is a spare place of the child
    const char* const* environment = nullptr;
    char run_record[record_bytes_max] = {};  ///< complete but for pid, start time, checksum

    std::uint64_t start_ticks = 0;  ///< written by the child
};

/// Entered by clone. `plan` is a ChildPlan. Never returns.
int run_child(void* plan) noexcept;

}  // namespace pueue::keeper
