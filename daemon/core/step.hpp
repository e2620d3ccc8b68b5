// One step in the making: what the handlers and settle() work with.
//
// A record takes effect the moment it is made, so whoever comes later in the same step sees it.
// What the scheduler knows besides its ledger (Situation) is gone after a crash, and nothing
// promised depends on it: the keeper's report and the clients' closed connections say it anew.
#pragma once

#include "daemon/core/action.hpp"
#include "daemon/core/ledger.hpp"
#include "daemon/core/pending_replies.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/scheduler.hpp"
#include "protocol/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace pueue::core {

/// How long an answer waits for a process that should start or die, and the end of the daemon for
/// processes that do not die.
inline constexpr std::chrono::seconds patience{10};

/// The daemon is about to end.
struct Ending {
    int exit_code = 0;
    bool keeps_tasks = false;
    Instant patience_ends;
    bool is_announced = false;  ///< ExitDaemon has been sent
};

/// A client that sees a log grow.
struct Follower {
    TaskId task;
    RunId run;
    std::optional<std::uint64_t> lines;
    bool is_shown = false;  ///< FollowLog has been sent: the task has begun
};

/// What the scheduler knows between two steps.
struct Situation {
    Ledger ledger;
    Policy policy;
    bool has_keeper = false;       ///< between a KeeperReport and the next KeeperLost
    std::set<AttemptKey> killing;  ///< sent SIGKILL by us, and the end has not been seen yet
    PendingReplies pending;
    std::map<SessionId, Follower> followers;
    /// Clients that have seen the state, so that what they add may be restarts; and the last task
    /// that was restarted so since they looked.
    std::map<SessionId, std::optional<TaskId>> spectators;
    std::optional<Ending> ending;
    std::optional<std::string> store_failure;  ///< between StoreFailed and StoreRecovered: why
};

class Step {
  public:
    Step(Situation& situation, const Now& now) : situation_(situation), now_(now) {}

    [[nodiscard]] Situation& situation() const noexcept { return situation_; }
    [[nodiscard]] const State& state() const noexcept { return situation_.ledger.state(); }
    [[nodiscard]] const Indexes& indexes() const noexcept { return situation_.ledger.indexes(); }
    [[nodiscard]] const Now& now() const noexcept { return now_; }

    void record(Record record) {
        situation_.ledger.record(record);
        decision_.records.push_back(std::move(record));
    }
    void act(Action action) { decision_.actions.push_back(std::move(action)); }

    /// The answer to a request that only looks.
    void answer_read(SessionId session, Answer answer) {
        act(Reply{session, std::move(answer), Waits::written});
    }
    /// The answer to a request that is there to change something. It waits for the disk even if it
    /// changed nothing, because what it says may rest on changes that are not durable yet.
    void answer_change(SessionId session, Answer answer) {
        act(Reply{session, std::move(answer), Waits::durable});
    }

    [[nodiscard]] Decision take_decision() { return std::move(decision_); }

  private:
    Situation& situation_;
    const Now& now_;
    Decision decision_;
};

}  // namespace pueue::core
