#include "daemon/keeper/start.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <new>

namespace pueue::keeper {

/// At the upper end of a mapping of its own: a page nobody may touch, the child's stack, this.
struct alignas(16) LaunchMemory {
    ChildPlan plan;
    LaunchMemory* next_spare = nullptr;
    const char** pointers =
        nullptr;             ///< of the spec's strings; with them in the same block if inline
    void* mapped = nullptr;  ///< a spec that came in a memfd
    std::size_t mapped_bytes = 0;
};

namespace {

constexpr std::size_t stack_bytes = std::size_t{16} * 1024;
constexpr int spares_max = 16;

std::size_t page_bytes() {
    return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t mapping_bytes() {
    const std::size_t page = page_bytes();
    return page + (stack_bytes + sizeof(LaunchMemory) + page - 1) / page * page;
}

char* mapping_of(LaunchMemory* memory) {
    return reinterpret_cast<char*>(memory) + sizeof(LaunchMemory) - mapping_bytes();
}

// Maps a spec that nobody can change any more.
int map_spec(LaunchMemory& memory, int memfd, Slice& spec) {
    constexpr int sealed = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    struct stat status {};
    const int seals = ::fcntl(memfd, F_GET_SEALS);
    if (seals < 0 || (seals & sealed) != sealed || ::fstat(memfd, &status) != 0 ||
        status.st_size <= 0 || static_cast<std::size_t>(status.st_size) > spec_bytes_max) {
        return EINVAL;
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, memfd, 0);
    if (mapping == MAP_FAILED) {
        return errno;
    }
    memory.mapped = mapping;
    memory.mapped_bytes = size;
    spec = {static_cast<const char*>(mapping), size};
    return 0;
}

// Takes strings off a block, each ended by a NUL.
struct Strings {
    const char* at;
    const char* end;

    bool take(std::uint32_t count, const char** to) {
        for (std::uint32_t i = 0; i < count; ++i) {
            const void* nul = std::memchr(at, '\0', static_cast<std::size_t>(end - at));
            if (nul == nullptr) {
                return false;
            }
            to[i] = at;
            at = static_cast<const char*>(nul) + 1;
        }
        return true;
    }
};

// Lays the spec out as execve wants it: lists of pointers, each ended by a null pointer.
int lay_out_spec(LaunchMemory& memory, Slice spec) {
    SpecHeader counts;
    Reader reader(spec.data, spec.size);
    SpecHeader::fields(reader, counts);
    const std::uint64_t strings =
        std::uint64_t{counts.programs} + counts.arguments + counts.variables + 1;
    // Each string takes a byte at least, so the counts cannot ask for more than arrived.
    if (!reader.ok() || counts.programs == 0 || counts.arguments == 0 ||
        strings > spec.size - spec_header_bytes) {
        return EINVAL;
    }
    constexpr std::size_t ends_and_spare = 4;
    const std::size_t pointer_bytes = (strings + ends_and_spare) * sizeof(char*);
    const std::size_t size = spec.size - spec_header_bytes;
    const bool copies = memory.mapped == nullptr;
    auto* block = static_cast<char*>(std::calloc(1, pointer_bytes + (copies ? size : 0)));
    if (block == nullptr) {
        return ENOMEM;
    }
    memory.pointers = reinterpret_cast<const char**>(block);
    const char* bytes = spec.data + spec_header_bytes;
    if (copies) {
        std::memcpy(block + pointer_bytes, bytes, size);
        bytes = block + pointer_bytes;
    }
    const char** programs = memory.pointers;
    const char** arguments = programs + counts.programs + 2;
    const char** environment = arguments + counts.arguments + 1;
    Strings rest{bytes, bytes + size};
    if (!rest.take(counts.programs, programs) || !rest.take(counts.arguments, arguments) ||
        !rest.take(counts.variables, environment) || !rest.take(1, &memory.plan.directory) ||
        rest.at != rest.end) {
        return EINVAL;
    }
    memory.plan.programs = programs;
    memory.plan.arguments = arguments;
    memory.plan.environment = environment;
    return 0;
}

void fill_plan(
    ChildPlan& plan, const Child& child, const Start& request, const Surroundings& around
) {
    plan.spool = child.is_run ? -1 : around.spool;
    plan.own_group = !child.is_run;
    plan.keeper = ::getpid();
    plan.scripts_by_shell = (request.flags & Start::scripts_by_shell) != 0;
    plan.umask = request.umask & 0777;
    plan.open_files_soft = request.open_files != 0 ? request.open_files : around.open_files_soft;
    if (plan.open_files_soft > around.open_files_hard) {
        plan.open_files_soft = around.open_files_hard;
    }
    plan.open_files_hard = around.open_files_hard;
    SpoolRecord record;
    record.key = child.key;
    record.boot = around.boot;
    static_cast<void>(encode_record(record, plan.run_record));
}

void close_both(const int (&ends)[2]) {
    for (const int end : ends) {
        if (end >= 0) {
            ::close(end);
        }
    }
}

// The pipes, then the clone; the child's ends are closed again here.
int clone_child(Child& child, LaunchMemory& memory, const Stdio& stdio) {
    int input[2] = {-1, -1};
    int status[2];
    if (stdio.in < 0 && ::pipe2(input, O_CLOEXEC) != 0) {
        return errno;
    }
    if (::pipe2(status, O_CLOEXEC | O_NONBLOCK) != 0) {
        const int error = errno;
        close_both(input);
        return error;
    }
    ChildPlan& plan = memory.plan;
    plan.stdio[0] = stdio.in < 0 ? input[0] : stdio.in;
    plan.stdio[1] = stdio.out;
    plan.stdio[2] = stdio.err;
    plan.status_pipe = status[1];

    int pidfd = -1;
    const pid_t pid = ::clone(run_child, &memory, CLONE_VM | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
    if (pid < 0) {
        const int error = errno;
        close_both(input);
        close_both(status);
        return error;
    }
    if (input[0] >= 0) {
        ::close(input[0]);
    }
    ::close(status[1]);
    child.pid = pid;
    child.pidfd = pidfd;
    child.stdin_write = input[1];
    child.status_pipe = status[0];
    return 0;
}

}  // namespace

LaunchMemory* Starter::take_memory() {
    if (spares_ != nullptr) {
        LaunchMemory* memory = spares_;
        spares_ = memory->next_spare;
        --spare_count_;
        return new (memory) LaunchMemory;
    }
    const std::size_t bytes = mapping_bytes();
    void* mapping = ::mmap(
        nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0
    );
    if (mapping == MAP_FAILED) {
        return nullptr;
    }
    ::mprotect(mapping, page_bytes(), PROT_NONE);
    static_assert(sizeof(LaunchMemory) % 16 == 0, "the stack begins aligned below it");
    return new (static_cast<char*>(mapping) + bytes - sizeof(LaunchMemory)) LaunchMemory;
}

void Starter::give_back(LaunchMemory* memory) {
    std::free(memory->pointers);
    if (memory->mapped != nullptr) {
        ::munmap(memory->mapped, memory->mapped_bytes);
    }
    if (spare_count_ < spares_max) {
        memory->next_spare = spares_;
        spares_ = memory;
        ++spare_count_;
    } else {
        ::munmap(mapping_of(memory), mapping_bytes());
    }
}

ChildFailure Starter::start(Child& child, const Start& request, const Stdio& stdio, int memfd) {
    LaunchMemory* memory = take_memory();
    if (memory == nullptr) {
        return {Stage::prepare, ENOMEM};
    }
    Slice spec = request.spec;
    int error = memfd < 0 ? 0 : map_spec(*memory, memfd, spec);
    if (error == 0) {
        error = lay_out_spec(*memory, spec);
    }
    if (error == 0) {
        fill_plan(memory->plan, child, request, around_);
        error = clone_child(child, *memory, stdio);
    }
    if (error != 0) {
        give_back(memory);
        return {Stage::prepare, error};
    }
    child.memory = memory;
    child.oom_score_adj = request.oom_score_adj;
    return {Stage::prepare, 0};
}

void Starter::release_memory(Child& child) {
    if (child.memory != nullptr) {
        child.start_ticks = child.memory->plan.start_ticks;
        give_back(child.memory);
        child.memory = nullptr;
    }
}

}  // namespace pueue::keeper
