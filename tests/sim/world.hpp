// One simulated machine and everything that happens to it, from one seed: a daemon (the real
// scheduler on the real journal), a disk that can lose power, a keeper that outlives the daemon,
// clients that ask and vanish, a clock that jumps. No real time, no real file, no thread.
//
// A step is one small thing that happens somewhere. After each step of the scheduler StepCheck
// looks at it; after each end of a daemon the recovered state must be one that the end allowed, and
// must hold what the oracle's clients were told. At the end of a run nothing more is asked and
// nothing more breaks, and then every answer must come and everything come to rest.
#pragma once

#include "tests/sim/daemon.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/host.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/random.hpp"
#include "tests/sim/step_check.hpp"
#include "tests/sim/workload.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/mem_file_system.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace pueue::sim {

/// What a run has met, so that a test can demand that it met enough.
struct Tally {
    std::uint64_t scheduler_steps = 0;
    std::uint64_t requests = 0;
    std::uint64_t executions = 0;
    std::uint64_t kills = 0;
    std::uint64_t power_cuts = 0;
    std::uint64_t keeper_losses = 0;
    std::uint64_t disk_failures = 0;
    std::uint64_t compactions = 0;
};

class World {
  public:
    /// `trace`, if given, is told everything that happens.
    explicit World(std::uint64_t seed, std::ostream* trace = nullptr);

    /// Takes that many steps and comes to rest; stops at the first finding.
    void run(std::uint64_t steps);

    [[nodiscard]] const Findings& findings() const { return findings_; }
    [[nodiscard]] const Tally& tally() const { return tally_; }
    /// How many steps have been taken.
    [[nodiscard]] std::uint64_t now() const { return step_; }

  private:
    enum class Deaths { kill, power_cut };

    void step();
    void step_of_daemon(std::uint64_t kind);
    void come_to_rest();
    bool make_progress();
    void check_kills() const;
    void check_rest();

    void ask();
    void vanish();
    void turn();
    void run_disk_jobs();
    void run_completion();
    void deliver_answer();
    void send_input();
    void to_keeper();
    void from_keeper();
    void break_something();
    void break_connection();
    void connect();
    void pass_time();
    void wake_if_due();
    void arm_disk_failure();

    void boot();
    void end_daemon(Deaths how);
    void end_if_asked();
    void lose_keeper();
    void flush_some_to_keeper();
    void observe(
        const core::Event& event, const Now& now, const State& before, const core::Decision& made
    );
    void say(const std::string& what);
    [[nodiscard]] Now moment();

    Random random_;
    std::ostream* trace_;
    mutable Findings findings_;
    Tally tally_;
    std::uint64_t step_ = 0;

    std::chrono::nanoseconds since_boot_ = std::chrono::seconds(1000);
    std::chrono::nanoseconds wall_since_epoch_{0};

    core::Policy policy_;
    std::unique_ptr<support::MemFileSystem> disk_;
    std::unique_ptr<support::FaultyFileSystem> faulty_disk_;
    Host host_;
    Workload workload_;
    Oracle oracle_;
    StepCheck step_check_;

    std::unique_ptr<Daemon> daemon_;
    bool is_eventful_ = true;  ///< until the run comes to rest
    bool is_connected_ = false;
    bool has_reported_ = false;      ///< the keeper, in this life of the daemon
    std::vector<State> acceptable_;  ///< what the next daemon may find
    std::uint64_t next_session_ = 1;
};

}  // namespace pueue::sim
