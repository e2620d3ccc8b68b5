// Prepares a child and clones it: the half of a start that runs in the keeper. What the child then
// does by itself is child.hpp.
#pragma once

#include "daemon/keeper/children.hpp"
#include "daemon/keeper/messages.hpp"

#include <cstdint>

namespace pueue::keeper {

/// What all children have in common.
struct Surroundings {
    int spool = -1;
    Id16 boot;
    std::uint64_t open_files_soft = 0;  ///< of the keeper when it began
    std::uint64_t open_files_hard = 0;
};

/// What a child finds open. `in` -1: a pipe of its own, whose other end the keeper holds.
struct Stdio {
    int in = -1;
    int out = -1;
    int err = -1;
};

class Starter {
  public:
    explicit Starter(const Surroundings& around) : around_(around) {}

    /// Clones the child of `request`; `stdio` and `memfd` (-1: the spec is in the request) stay the
    /// caller's. `error` 0: the child is starting and has pid, pidfd, stdin_write, status_pipe and
    /// memory. Otherwise it has none of these.
    [[nodiscard]] ChildFailure start(
        Child& child, const Start& request, const Stdio& stdio, int memfd
    );

    /// Frees what the child ran on and takes its start time from there. Requires: it has executed
    /// its program, or was reaped.
    void release_memory(Child& child);

    [[nodiscard]] Surroundings& around() { return around_; }

  private:
    [[nodiscard]] LaunchMemory* take_memory();
    void give_back(LaunchMemory* memory);

    Surroundings around_;
    LaunchMemory* spares_ = nullptr;
    int spare_count_ = 0;
};

}  // namespace pueue::keeper
