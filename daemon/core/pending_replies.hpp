// Answers that have been decided and wait for the world: a forced start is answered when its
// process runs, a kill when the process is gone.
//
// Nothing in here is state. A crash forgets it together with the connections of the clients it was
// owed to. Every wait has a deadline, so that a process that can neither start nor die does not
// withhold an answer for ever.
#pragma once

#include "daemon/core/action.hpp"
#include "protocol/base/clock.hpp"
#include "protocol/model/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace pueue::core {

struct Promise {
    SessionId session;
    Answer answer;
};

class PendingReplies {
  public:
    enum class Until { started, ended };

    /// A task whose forced start has to wait for a keeper. Ids can change hands meanwhile; the run
    /// is the task itself.
    struct Wish {
        TaskId task;
        RunId run;
    };

    /// The answer is due when every attempt has got as far as `until` (or ended before), and every
    /// wish has been granted or come to nothing; at `deadline` in any case, where a SuccessReply
    /// becomes a FailureReply if wishes are left. Requires: deadlines do not run backwards from one
    /// call to the next.
    void wait(
        Promise promise,
        Until until,
        const std::vector<AttemptKey>& attempts,
        std::vector<Wish> wishes,
        Instant deadline
    );

    void started(const AttemptKey& attempt);
    void ended(const AttemptKey& attempt);
    /// The attempt never reached its keeper: who waited for its start wishes for another one.
    void withdrawn(const AttemptKey& attempt);
    /// The client is gone. Its wishes are carried out all the same.
    void forget(SessionId session);

    /// Turns wishes into attempts, in the order of asking: `start` begins one, or says with none
    /// that nothing comes of the wish.
    template <class Start>
    void grant_wishes(const Start& start) {
        for (auto& [number, wait] : waits_) {
            for (const Wish& wish : std::exchange(wait.wishes, {})) {
                if (const std::optional<AttemptKey> attempt = start(wish)) {
                    attach(number, *attempt);
                }
            }
            note_if_done(number);
        }
    }

    /// What is due, in the order of asking.
    [[nodiscard]] std::vector<Promise> take_due(Instant now);
    [[nodiscard]] std::optional<Instant> next_deadline() const;

  private:
    using Number = std::uint64_t;

    struct Wait {
        std::optional<SessionId> session;
        Answer answer;
        Until until = Until::started;
        std::set<AttemptKey> attempts;
        std::vector<Wish> wishes;
        Instant deadline;
    };

    /// The waits that wait for this attempt.
    [[nodiscard]] std::vector<Number> waiting_for(const AttemptKey& attempt) const;
    void attach(Number number, const AttemptKey& attempt);
    void detach(Number number, const AttemptKey& attempt);
    void note_if_done(Number number);

    std::map<Number, Wait> waits_;
    std::set<std::pair<AttemptKey, Number>> by_attempt_;
    std::set<Number> done_;  ///< nothing is left to wait for
    Number next_ = 0;
};

}  // namespace pueue::core
