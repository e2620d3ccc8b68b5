// Looks at every step of the scheduler and checks it the slow way: with loops over all tasks
// instead of indexes, and with what the host knows to be true.
#pragma once

#include "daemon/core/scheduler.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/host.hpp"

#include <set>

namespace pueue::sim {

class StepCheck {
  public:
    StepCheck(const Host& host, Findings& findings) : host_(host), findings_(findings) {}

    /// A daemon begins: nobody has asked it for anything.
    void begin_life() { asked_for_.clear(); }

    /// Requires: `after` is the scheduler right after the step.
    void step(
        const core::Event& event,
        const Now& now,
        const State& before,
        const core::Decision& made,
        const core::Scheduler& after
    );

  private:
    void note_forced(const core::Event& event, const core::Decision& made);
    void check(const State& state, const core::AttemptStarted& started);
    void check(const State& state, const core::AttemptWithdrawn& withdrawn);
    void check(const State& state, const core::TaskFinished& finished);
    template <class Other>
    void check(const State& /*state*/, const Other& /*record*/) {}

    const Host& host_;
    Findings& findings_;
    std::set<TaskId> asked_for_;  ///< forced starts, of this step and of those that may wait
    std::set<TaskId> forced_;     ///< those that this step may start regardless
};

}  // namespace pueue::sim
