// What clients ask for: every request there is, mostly sensible, now and then nonsense. It may look
// at the state to choose well; what it asks for does not depend on anything else but chance.
#pragma once

#include "daemon/core/command.hpp"
#include "tests/sim/random.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pueue::sim {

// Each add marks its task with a variable of the environment that no request changes or removes.
// Ids and labels can change hands; a mark is the task itself.
[[nodiscard]] EnvironmentPtr marked_environment(std::uint64_t mark);
[[nodiscard]] std::string mark_of(const TaskSpec& spec);

class Workload {
  public:
    explicit Workload(Random& random) : random_(random) {}

    [[nodiscard]] core::Command next(const State& state, const WallTime& now);

  private:
    core::Command add(const State& state, const WallTime& now);
    core::Command change_waiting(const State& state, const WallTime& now);
    core::Command control(const State& state);
    core::Command edit(const State& state);
    core::Command arrange_groups(const State& state);
    core::Command clear(const State& state);
    core::Command look(const State& state);

    TaskId some_id(const State& state);
    std::vector<TaskId> some_ids(const State& state);
    std::string some_group(const State& state);
    /// With a preference for tasks that the request can do something with.
    template <class Predicate>
    TaskSelection selection(const State& state, const Predicate& suits);
    std::vector<core::FieldsOf> new_fields(const State& state);
    std::optional<WallTime> soon(const WallTime& now);

    Random& random_;
    std::uint64_t adds_ = 0;
};

}  // namespace pueue::sim
