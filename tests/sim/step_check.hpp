// Looks at every step of the scheduler and checks it the slow way: with loops over all tasks
// instead of indexes, and with what the host knows to be true.
#pragma once

#include "daemon/core/scheduler.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/host.hpp"

#include <map>
#include <set>
#include <vector>

namespace pueue::sim {

class StepCheck {
  public:
    StepCheck(const Host& host, Findings& findings) : host_(host), findings_(findings) {}

    /// A daemon begins: nobody has asked it for anything.
    void begin_life();
    /// What this daemon has decided to kill.
    [[nodiscard]] const std::set<AttemptKey>& killed() const { return killed_; }

    /// Requires: `after` is the scheduler right after the step.
    void step(
        const core::Event& event,
        const Now& now,
        const State& before,
        const core::Decision& made,
        const core::Scheduler& after
    );

  private:
    /// What an answer says about processes when it comes in time.
    struct Promise {
        std::vector<AttemptKey> started;
        std::vector<AttemptKey> ended;
        Instant asked;
    };

    void note_promise(const core::ClientRequest& request, const State& before, const Now& now);
    void note_kills(const core::Event& event, const core::Decision& made);
    void check_answers(const core::Decision& made, const State& after, const Now& now);
    void note_forced(const core::Event& event, const State& before, const core::Decision& made);
    void check(const State& state, const core::AttemptStarted& started);
    void check(const State& state, const core::AttemptWithdrawn& withdrawn);
    void check(const State& state, const core::TaskFinished& finished);
    template <class Other>
    void check(const State& /*state*/, const Other& /*record*/) {}

    const Host& host_;
    Findings& findings_;
    std::map<SessionId, Promise> promises_;
    std::set<AttemptKey> killed_;
    std::set<RunId> asked_for_;  ///< forced starts, of this step and of those that may wait
    std::set<RunId> forced_;     ///< those that this step may start regardless
};

}  // namespace pueue::sim
