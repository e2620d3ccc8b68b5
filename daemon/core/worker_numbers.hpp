// The worker numbers that are taken in one group. Kept as runs of neighbours, so that finding,
// taking and giving back one costs the logarithm of the number of runs, whatever the numbers are.
#pragma once

#include "protocol/model/ids.hpp"

#include <cstdint>
#include <map>

namespace pueue::core {

class WorkerNumbers {
  public:
    [[nodiscard]] WorkerId smallest_free() const;
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

    /// Requires: not taken.
    void take(WorkerId worker);
    /// Requires: taken.
    void give_back(WorkerId worker);

    bool operator==(const WorkerNumbers&) const = default;

  private:
    // First number of a run -> its last number. Two runs never touch, so equal sets have equal
    // runs.
    std::map<std::uint64_t, std::uint64_t> runs_;
    std::uint64_t taken_ = 0;
};

}  // namespace pueue::core
