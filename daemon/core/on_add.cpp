#include "daemon/core/clones.hpp"
#include "daemon/core/handlers.hpp"
#include "daemon/core/identity.hpp"
#include "daemon/core/limits.hpp"
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

std::optional<Answer> objection(const Step& step, const Add& add, const Judgement& judgement) {
    if (auto failure = missing_dependencies(step.state(), add.spec.dependencies)) {
        return failure;
    }
    if (const auto* refused = std::get_if<RefuseAdd>(&judgement)) {
        return FailureReply{refused->text};
    }
    if (const auto limit = objection_to_add(step, add)) {
        return FailureReply{*limit};
    }
    return std::nullopt;
}

bool is_group_paused(const State& state, const std::string& group) {
    return state.group(group)->status == GroupStatus::paused;
}

void add_task(Step& step, SessionId session, Add add, std::string warning) {
    const TaskId id = next_id(step.state(), step.situation().policy);
    const bool is_paused = is_group_paused(step.state(), add.spec.group);
    step.record(TaskAdded{
        id,
        make_run_id(step.now(), id),
        step.now().wall,
        make_spec(std::move(add.spec)),
        add.stashed || add.enqueue_at.has_value(),
        add.enqueue_at,
        add.options,
    });
    ForcedStarts starts;
    if (add.start_immediately) {
        force_start(step, id, starts);
    }
    AddedTaskReply reply{id, add.enqueue_at, is_paused, AddOutcome::added, std::move(warning)};
    answer_after(step, session, std::move(reply), std::move(starts));
}

}  // namespace

void handle(Step& step, SessionId session, const Add& add) {
    const State& state = step.state();
    if (auto failure = missing_group(state, add.spec.group)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    const Task* copied = copied_by(step, session, add);
    if (copied != nullptr && restarts_in_place(step, *copied)) {
        restart_by_copy(step, session, *copied, add);
        return;
    }
    const Judgement judgement = judge(step, add);
    if (const auto* existing = std::get_if<UseExisting>(&judgement)) {
        const bool is_paused = is_group_paused(state, add.spec.group);
        const AddedTaskReply reply{existing->id, std::nullopt, is_paused, existing->outcome};
        step.answer_change(session, reply);
        return;
    }
    if (auto failure = objection(step, add, judgement)) {
        step.answer_change(session, *std::move(failure));
        return;
    }
    Add added = add;
    if (copied != nullptr) {
        added.options = copied->options;
    }
    add_task(step, session, std::move(added), std::get<AddNew>(judgement).warning);
}

}  // namespace pueue::core
