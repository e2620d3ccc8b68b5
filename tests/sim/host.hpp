// The part of the machine that outlives a daemon: the keeper and the processes it has started. It
// knows what really happened, and so can say when the daemon claims something else.
//
// As a real keeper does, it starts an attempt once however often it is asked, remembers each exit
// until it is acknowledged, and answers a new daemon with everything it has. Its processes do
// nothing but stop, go on and end; most of them survive it. While the daemon lives that was there
// when their keeper died, nothing of them is lost; later nobody can say how they end.
#pragma once

#include "daemon/core/event.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/random.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace pueue::sim {

class Host {
  public:
    Host(Random& random, Findings& findings) : random_(random), findings_(findings) {
        begin_keeper();
    }

    // What a daemon asks of the keeper. Answers are put into `messages`.

    void start(const AttemptKey& key);
    void signal(const AttemptKey& key, int number);
    void acknowledge(std::uint64_t sequence);
    [[nodiscard]] core::KeeperReport report() const;

    /// What the keeper has said on the present connection and the daemon has not read yet.
    std::deque<core::Event> messages;

    // What happens.

    /// One process ends: one that was sent a deadly signal, else any that is not stopped. False if
    /// there is none.
    bool end_a_process();
    /// The keeper dies and another one begins. Unseen by a daemon, some of its processes may be
    /// gone before they are found. Its spool stays.
    enum class Seen { no, yes };
    void lose_keeper(Seen seen);
    /// The daemon dies, and with it what only it knew.
    void lose_daemon();
    /// Everything dies, and of the spool the newest part may be gone.
    void lose_power();

    // The truth.

    [[nodiscard]] const KeeperId& keeper() const { return keeper_; }
    [[nodiscard]] bool runs(const AttemptKey& key) const { return processes_.contains(key); }
    /// How many processes there are.
    [[nodiscard]] std::size_t count() const { return processes_.size(); }
    /// How the attempt ended, if it did and was not lost with its keeper.
    [[nodiscard]] const TaskResult* result(const AttemptKey& key) const;
    [[nodiscard]] bool is_dying(const AttemptKey& key) const;
    /// Whether the attempt may have gone down with a keeper or the power.
    [[nodiscard]] bool was_lost(const AttemptKey& key) const { return lost_.contains(key); }
    [[nodiscard]] bool remembers_exit_of(const AttemptKey& key) const;
    /// The exits that are not acknowledged, each of the newest execution of its attempt.
    [[nodiscard]] std::vector<core::ChildExited> exits() const;
    [[nodiscard]] std::uint64_t power_cuts() const { return power_cuts_; }

    /// Whether a process is stopped; none if that is not the daemon's doing alone.
    [[nodiscard]] std::optional<bool> is_stopped(const AttemptKey& key) const;
    /// A client sends stop and continue signals of its own.
    void meddle_with(const AttemptKey& key) { meddled_with_.insert(key); }

  private:
    struct Process {
        bool is_stopped = false;
        int deadly_signal = 0;
        bool is_orphan = false;    ///< its keeper has died
        bool is_stranger = false;  ///< and so has the daemon that saw that
    };

    struct Exit {
        core::ChildExited message;
        KeeperId keeper;
    };

    void begin_keeper();
    void end(const AttemptKey& key, bool signaled, int value);

    Random& random_;
    Findings& findings_;
    KeeperId keeper_;
    std::map<AttemptKey, Process> processes_;
    std::vector<Exit> exits_;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t power_cuts_ = 0;
    std::map<AttemptKey, TaskResult> results_;
    std::map<AttemptKey, std::uint64_t> executed_;  ///< and after how many power cuts
    /// Attempts whose exits a daemon has said are on its record, for good.
    std::set<AttemptKey> acknowledged_;
    std::set<AttemptKey> lost_;
    std::set<AttemptKey> meddled_with_;
};

}  // namespace pueue::sim
