#include "daemon/core/handlers.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/texts.hpp"

#include <utility>
#include <vector>

namespace pueue::core {

void handle(Step& step, SessionId session, const Restart& restart) {
    std::vector<TaskId> ids;
    for (const FieldsOf& one : restart.tasks) {
        ids.push_back(one.task);
    }
    Answer answer = id_list("Tasks has restarted", divide(step.state(), ids, is_done));
    for (const FieldsOf& one : restart.tasks) {
        const Task* task = step.state().task(one.task);
        if (task != nullptr && is_done(*task)) {
            step.record(TaskRestarted{one.task, one.fields, step.now().wall, restart.stashed});
        }
    }
    ForcedStarts starts;
    if (restart.start_immediately) {
        // Every id, also one that was never Done, and even when the answer is a failure.
        for (const TaskId id : ids) {
            force_start(step, id, starts);
        }
    }
    answer_after(step, session, std::move(answer), std::move(starts));
}

}  // namespace pueue::core
