// One life of a daemon: the real scheduler and the real journal, and between them what the engine
// and the executor do - one turn, one write, and each action when its records are written or
// durable. It ends by being destroyed, which is what a SIGKILL is.
//
// The disk thread is a queue: the world decides when a job runs and when its completion is seen.
#pragma once

#include "daemon/core/scheduler.hpp"
#include "daemon/journal/journal.hpp"
#include "tests/sim/findings.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace pueue::sim {

/// An answer on its way to a client. A status comes with the state it shows.
struct Delivery {
    SessionId session;
    core::Answer answer;
    std::shared_ptr<const State> shown;
};

using ToKeeper = std::variant<core::StartAttempt, core::SignalTask, core::AcknowledgeExit>;

class Daemon {
  public:
    /// What looks on at every step; `before` is the state before it.
    using Observer = std::function<void(
        const core::Event& event, const Now& now, const State& before, const core::Decision& made
    )>;

    /// Null, with a finding, if the store cannot be opened.
    static std::unique_ptr<Daemon> boot(
        journal::FileSystem& files, core::Policy policy, const Now& now, Findings& findings
    );
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    void post(core::Event event) { inbox_.push_back(std::move(event)); }
    /// Takes everything that has happened. False if the journal failed: the daemon is to end.
    [[nodiscard]] bool turn(const Now& now, const Observer& observer);

    [[nodiscard]] bool has_disk_job() const { return !jobs_.empty(); }
    void run_disk_job();
    [[nodiscard]] bool has_completion() const { return !completions_.empty(); }
    /// False if the journal failed.
    [[nodiscard]] bool run_completion();

    [[nodiscard]] bool has_events() const { return !inbox_.empty(); }
    [[nodiscard]] const core::Scheduler& scheduler() const { return *scheduler_; }
    [[nodiscard]] bool has_failed() const { return has_failed_; }
    [[nodiscard]] std::uint64_t compactions() const { return compactions_; }

    /// States a crash may fall back to. After a kill: what was written.
    [[nodiscard]] const State& written_state() const;
    /// The newest state that survives a power cut for certain.
    [[nodiscard]] const State& durable_state() const;
    /// Those and everything between, oldest first; also what was decided and not written if a
    /// write has failed.
    [[nodiscard]] std::vector<State> states_since_durable() const;

    // What has left the daemon and not arrived yet.

    std::deque<ToKeeper> to_keeper;
    std::deque<Delivery> answers;
    std::deque<core::SendInput> inputs;
    std::optional<int> exit_code;

  private:
    Daemon() = default;

    void take(core::Action action, journal::Lsn lsn);
    void leave(core::Action action, std::shared_ptr<const State> shown);
    void release_written();
    void release_durable();
    void forget_old_states();

    struct Waiting {
        journal::Lsn lsn;
        core::Action action;
        std::shared_ptr<const State> shown;
    };

    std::unique_ptr<core::Scheduler> scheduler_;
    std::unique_ptr<journal::Journal> journal_;
    std::deque<core::Event> inbox_;
    std::deque<journal::Work> jobs_;
    std::deque<journal::Completion> completions_;
    std::vector<Waiting> until_written_;
    std::deque<Waiting> until_durable_;
    std::map<journal::Lsn, State> states_;  ///< after each decision since the durable one
    bool has_failed_ = false;
    std::uint64_t compactions_ = 0;
};

}  // namespace pueue::sim
