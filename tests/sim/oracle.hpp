// What clients are entitled to. The oracle knows which requests were sent, in which order, and
// which answers have arrived; of the daemon it knows nothing. From that it can say what must be
// there, what cannot be there, and what may be either, because some request that was never answered
// may or may not have been carried out.
//
// Tasks are recognised by their marks (workload.hpp).
#pragma once

#include "daemon/core/action.hpp"
#include "daemon/core/command.hpp"
#include "tests/sim/findings.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pueue::sim {

class Oracle {
  public:
    explicit Oracle(Findings& findings) : findings_(findings) {}

    void sent(SessionId session, const core::Command& command);
    /// `shown`: the state that a status shows, else null. The death of a daemon must not take it
    /// back.
    void answered(SessionId session, const core::Answer& answer, const State* shown);
    /// The client has gone, or the daemon has.
    void closed(SessionId session) { open_.erase(session); }
    void all_closed() { open_.clear(); }
    [[nodiscard]] const std::map<SessionId, std::size_t>& open() const { return open_; }
    /// Whether somebody waits for an answer that has to come. (A log may be followed for ever.)
    [[nodiscard]] bool owes_answers() const;

    /// Results that were shown may be lost with the power; answers to changes may not.
    void power_lost() { results_.clear(); }

    /// Whether this state can be, after all that was asked and answered.
    void check(const State& state) const;

  private:
    /// Position in the order of requests.
    using Index = std::size_t;

    struct AddedTask {
        Index asked = 0;
        std::optional<TaskId> id;  ///< when the answer has come
        Index answered = 0;        ///< how many requests had been sent by then
        bool is_removed = false;   ///< for certain
    };
    struct Whereabouts {
        std::set<TaskId> ids;
        bool may_be_gone = false;
    };

    void note_added(Index request, const core::AddedTaskReply& reply);
    void note_removed(Index request, const core::SuccessReply& reply);
    void note_group(Index request);
    void note_shown(Index request, const State& state);
    /// Where a task with this answer can be after the requests up to `end`.
    [[nodiscard]] Whereabouts whereabouts(const AddedTask& task, Index end) const;
    void check_tasks(const State& state) const;
    void check_groups(const State& state) const;
    void check_results(const State& state) const;

    Findings& findings_;
    std::vector<core::Command> requests_;
    std::map<SessionId, Index> open_;
    std::map<std::string, AddedTask> tasks_;  ///< by mark
    /// Of each group that a request was about: the newest answered one, if none was sent since.
    std::map<std::string, Index> groups_;
    /// Requests whose answer showed that no reset was under way: one asked for before is over.
    std::set<Index> without_reset_;
    std::map<std::pair<RunId, AttemptNumber>, TaskResult> results_;
};

}  // namespace pueue::sim
