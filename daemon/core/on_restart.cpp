#include "daemon/core/handlers.hpp"
#include "daemon/core/limits.hpp"
#include "daemon/core/operations.hpp"
#include "daemon/core/texts.hpp"

#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pueue::core {

namespace {

/// What the answer says below its list of ids.
void append_line(Answer& answer, const std::string& line) {
    std::visit(
        [&](auto& reply) {
            if constexpr (requires { reply.text; }) {
                reply.text += "\n" + line;
            }
        },
        answer
    );
}

}  // namespace

void handle(Step& step, SessionId session, const Restart& restart) {
    std::vector<TaskId> ids;
    std::vector<std::string> limits;
    for (const FieldsOf& one : restart.tasks) {
        ids.push_back(one.task);
    }
    const auto can_be_restarted = [&](const Task& task) {
        auto limit = is_done(task) ? objection_to_restart(step, task) : std::nullopt;
        if (limit) {
            limits.push_back(*std::move(limit));
        }
        return is_done(task) && !limit;
    };
    const Divided divided = divide(step.state(), ids, can_be_restarted);
    Answer answer = id_list("Tasks has restarted", divided);
    for (const std::string& limit : limits) {
        append_line(answer, limit);
    }
    const std::set<TaskId> restarting(divided.matching.begin(), divided.matching.end());
    for (const FieldsOf& one : restart.tasks) {
        const Task* task = step.state().task(one.task);
        if (restarting.contains(one.task) && is_done(*task)) {
            core::restart(step, one, restart.stashed);
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
