#pragma once

#include "daemon/core/action.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/record.hpp"
#include "protocol/base/clock.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace pueue::core {

/// The settings that decisions depend on.
struct Policy {
    bool pause_group_on_failure = false;
    bool pause_all_on_failure = false;
};

struct Decision {
    std::vector<Record> records;
    std::vector<Action> actions;
};

class Scheduler {
  public:
    Scheduler(State recovered, Policy policy);
    ~Scheduler();

    /// Reacts to one event. Deterministic, never suspends, never fails: a request that cannot be
    /// granted is a Reply, a broken invariant is a bug and aborts.
    [[nodiscard]] Decision step(const Event& event, const Now& now) noexcept;

    [[nodiscard]] const State& state() const noexcept;

    /// When AlarmRang is next due (a task's enqueue time); none: never, until something changes.
    [[nodiscard]] std::optional<WallTime> next_alarm() const noexcept;
    /// The same for waits that do not follow the wall clock (a kill that nobody confirms).
    [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace pueue::core
