#include "daemon/core/handlers.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/texts.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace pueue::core {

namespace {

/// A ULID: 48 bits of milliseconds, then random bits. The task's id is mixed in, so that two tasks
/// that share one `now` do not share a run.
RunId make_run_id(const Now& now, TaskId id) {
    RunId run;
    const std::int64_t milliseconds =
        std::max<std::int64_t>(0, now.wall.seconds) * 1000 + now.wall.nanoseconds / 1'000'000;
    for (std::size_t i = 0; i < 6; ++i) {
        run.value[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
    }
    std::copy_n(now.random.begin(), 10, run.value.begin() + 6);
    for (std::size_t i = 0; i < 8; ++i) {
        run.value[15 - i] ^= static_cast<std::uint8_t>(id.value >> (8 * i));
    }
    return run;
}

std::optional<Answer> missing_dependencies(const State& state, const std::vector<TaskId>& wanted) {
    std::vector<TaskId> missing;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(missing), [&](TaskId id) {
        return state.task(id) == nullptr;
    });
    if (missing.empty()) {
        return std::nullopt;
    }
    return FailureReply{
        "Unable to setup dependencies : task(s) [" + joined(missing) + "] not found"};
}

TaskId next_id(const State& state, const Policy& policy) {
    if (!policy.reuses_ids) {
        return state.next_task_id;
    }
    return state.tasks.empty() ? TaskId{0} : TaskId{state.tasks.rbegin()->first.value + 1};
}

TaskSpecPtr make_spec(TaskSpec spec) {
    std::vector<TaskId>& ids = spec.dependencies;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return std::make_shared<const TaskSpec>(std::move(spec));
}

}  // namespace

void handle(Step& step, SessionId session, const Add& add) {
    const State& state = step.state();
    if (auto failure = missing_group(state, add.spec.group)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    if (auto failure = missing_dependencies(state, add.spec.dependencies)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    const TaskId id = next_id(state, step.situation().policy);
    const bool group_is_paused = state.group(add.spec.group)->status == GroupStatus::paused;
    step.record(TaskAdded{
        id,
        make_run_id(step.now(), id),
        step.now().wall,
        make_spec(add.spec),
        add.stashed || add.enqueue_at.has_value(),
        add.enqueue_at,
    });
    ForcedStarts starts;
    if (add.start_immediately) {
        force_start(step, id, starts);
    }
    answer_after(
        step, session, AddedTaskReply{id, add.enqueue_at, group_is_paused}, std::move(starts)
    );
}

}  // namespace pueue::core
