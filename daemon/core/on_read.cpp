#include "daemon/core/handlers.hpp"
#include "daemon/core/selection.hpp"

#include <algorithm>
#include <utility>

namespace pueue::core {

void handle(Step& step, SessionId session, const Status& /*status*/) {
    step.situation().spectators.insert_or_assign(session, std::nullopt);
    step.answer_read(session, StatusReply{});
}

void handle(Step& step, SessionId session, const Log& log) {
    std::vector<TaskId> ids = selected(step.state(), log.tasks, [](const Task&) { return true; });
    std::erase_if(ids, [&](TaskId id) { return step.state().task(id) == nullptr; });
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    step.answer_read(session, LogReply{std::move(ids), log.send_logs, log.lines});
}

}  // namespace pueue::core
