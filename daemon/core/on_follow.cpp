#include "daemon/core/handlers.hpp"
#include "daemon/core/texts.hpp"

#include <utility>

namespace pueue::core {

namespace {

/// The one that runs, if nobody said which; otherwise why there is none.
std::variant<TaskId, FailureReply> task_to_follow(const Step& step, const TaskSelection& tasks) {
    const auto* ids = std::get_if<std::vector<TaskId>>(&tasks);
    if (ids != nullptr && !ids->empty()) {
        return ids->front();
    }
    const std::set<TaskId>& live = step.indexes().live();
    if (live.empty()) {
        return FailureReply{"There are no running tasks."};
    }
    if (live.size() > 1) {
        return FailureReply{
            "Multiple tasks are running, please select one of the following: " +
            joined({live.begin(), live.end()})};
    }
    return *live.begin();
}

/// False: the follower is done with.
bool attend(Step& step, SessionId session, Follower& follower) {
    const Task* task = step.state().task(follower.task);
    const bool is_gone = task == nullptr || task->run != follower.run;
    if (!follower.is_shown) {
        if (is_gone) {
            step.answer_read(
                session, FailureReply{"Pueue: The task to be followed doesn't exist."}
            );
            return false;
        }
        if (!has_process(*task) && !is_done(*task)) {
            return true;
        }
        follower.is_shown = true;
        step.act(FollowLog{session, follower.task, follower.lines});
    }
    if (is_gone || is_done(*task)) {
        step.act(EndFollow{session, is_gone});
        return false;
    }
    return true;
}

}  // namespace

void handle(Step& step, SessionId session, const Follow& follow) {
    const auto chosen = task_to_follow(step, follow.tasks);
    if (const auto* failure = std::get_if<FailureReply>(&chosen)) {
        step.answer_read(session, *failure);
        return;
    }
    const TaskId id = std::get<TaskId>(chosen);
    const Task* task = step.state().task(id);
    const RunId run = task == nullptr ? RunId{} : task->run;
    step.situation().followers.insert_or_assign(session, Follower{id, run, follow.lines, false});
}

void attend_followers(Step& step) {
    std::map<SessionId, Follower>& followers = step.situation().followers;
    for (auto next = followers.begin(); next != followers.end();) {
        next = attend(step, next->first, next->second) ? std::next(next) : followers.erase(next);
    }
}

}  // namespace pueue::core
