// The state and its indexes, which only ever move together: record() applies a fact to the one and
// makes the other follow. Owned by the scheduler; everybody else sees it const.
#pragma once

#include "daemon/core/indexes.hpp"
#include "daemon/core/record.hpp"
#include "protocol/model/state.hpp"

#include <vector>

namespace pueue::core {

class Ledger {
  public:
    /// Requires: the group of every task exists.
    explicit Ledger(State state);

    /// Requires: applicable(state(), record).
    void record(const Record& record);

    [[nodiscard]] const State& state() const noexcept { return state_; }
    [[nodiscard]] const Indexes& indexes() const noexcept { return indexes_; }

  private:
    struct Subject;
    class FindSubject;

    void tell_dependents(const Subject& subject, TaskId id, Standing before);
    [[nodiscard]] std::vector<RunId> take_out_of_history(const Record& record);
    void take_out(TaskId id, bool unlink);
    void put_in(TaskId id, bool link);

    State state_;
    Indexes indexes_;
};

}  // namespace pueue::core
