#include "tests/support/describe.hpp"

#include <cstdio>
#include <optional>
#include <vector>

namespace pueue {

namespace {

std::string text(std::uint64_t number) {
    return std::to_string(number);
}
std::string text(TaskId id) {
    return "task " + text(id.value);
}
std::string text(const std::vector<TaskId>& ids) {
    std::string out;
    for (const TaskId id : ids) {
        out += (out.empty() ? "" : " ") + text(id.value);
    }
    return "tasks [" + out + "]";
}
std::string text(const std::optional<WallTime>& time) {
    return time ? " until " + describe(*time) : std::string();
}
std::string text(GroupStatus status) {
    switch (status) {
        case GroupStatus::running:
            return "Running";
        case GroupStatus::paused:
            return "Paused";
        case GroupStatus::reset:
            return "Reset";
    }
    return "?";
}
std::string text(const TaskSelection& selection) {
    if (const auto* ids = std::get_if<std::vector<TaskId>>(&selection)) {
        return text(*ids);
    }
    const auto* group = std::get_if<std::string>(&selection);
    return group == nullptr ? std::string("everything") : "group " + *group;
}

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
// clang 16 does not deduce aggregates by itself.
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

std::string describe(const WallTime& time) {
    char out[40];
    std::snprintf(
        out,
        sizeof out,
        "%+lld.%03us",
        static_cast<long long>(time.seconds - describe_epoch.seconds),
        time.nanoseconds / 1'000'000U
    );
    return out;
}

std::string describe(const AttemptKey& key) {
    return text(key.task) + " attempt " + text(key.attempt.value);
}

std::string describe(const TaskResult& result) {
    return std::visit(
        Overloaded{
            [](const Success&) { return std::string("Success"); },
            [](const Failed& failed) { return "Failed(" + std::to_string(failed.exit_code) + ")"; },
            [](const FailedToSpawn& failed) { return "FailedToSpawn(" + failed.reason + ")"; },
            [](const Killed&) { return std::string("Killed"); },
            [](const Errored&) { return std::string("Errored"); },
            [](const DependencyFailed&) { return std::string("DependencyFailed"); },
        },
        result
    );
}

std::string describe(const TaskStatus& status) {
    return std::visit(
        Overloaded{
            [](const Locked& locked) {
                return "Locked(" + describe(*locked.previous_status) + ")";
            },
            [](const Stashed& stashed) { return "Stashed" + text(stashed.enqueue_at); },
            [](const Queued& queued) { return "Queued since " + describe(queued.enqueued_at); },
            [](const Running& running) { return "Running since " + describe(running.start); },
            [](const Paused& paused) { return "Paused, started " + describe(paused.start); },
            [](const Done& done) {
                return "Done(" + describe(done.result) + ") from " + describe(done.start) + " to " +
                       describe(done.end);
            },
        },
        static_cast<const std::variant<Locked, Stashed, Queued, Running, Paused, Done>&>(status)
    );
}

std::string describe(const Task& task) {
    return text(task.id) + " in " + task.spec->group + ": " + describe(task.status) +
           (task.attempt ? " as worker " + text(task.attempt->worker.value) : std::string());
}

}  // namespace pueue

namespace pueue::core {

std::string describe(const Record& record) {
    return std::visit(
        Overloaded{
            [](const GroupAdded& r) {
                return "group " + r.name + " added with " + text(r.parallel_tasks) + " slots";
            },
            [](const GroupRemoved& r) { return "group " + r.name + " removed"; },
            [](const GroupStatusSet& r) { return "group " + r.name + " is " + text(r.status); },
            [](const ParallelSet& r) {
                return "group " + r.group + " has " + text(r.parallel_tasks) + " slots";
            },
            [](const TaskAdded& r) {
                return text(r.id) + " added to " + r.spec->group + (r.stashed ? ", stashed" : "") +
                       text(r.enqueue_at);
            },
            [](const TaskStashed& r) { return text(r.id) + " stashed" + text(r.enqueue_at); },
            [](const TaskEnqueued& r) { return text(r.id) + " enqueued at " + describe(r.at); },
            [](const AttemptStarted& r) {
                return text(r.id) + " attempt " + text(r.attempt.value) + " started as worker " +
                       text(r.worker.value) + ", enqueued " + describe(r.enqueued_at) + ", start " +
                       describe(r.start);
            },
            [](const AttemptWithdrawn& r) { return text(r.id) + " attempt withdrawn"; },
            [](const TaskPaused& r) { return text(r.id) + " paused"; },
            [](const TaskResumed& r) { return text(r.id) + " resumed"; },
            [](const TaskFinished& r) {
                return text(r.id) + " finished: " + describe(r.result) + " from " +
                       describe(r.start) + " to " + describe(r.end);
            },
            [](const TasksRemoved& r) { return text(r.ids) + " removed"; },
            [](const TaskLocked& r) { return text(r.id) + " locked"; },
            [](const TaskUnlocked& r) { return text(r.id) + " unlocked"; },
            [](const TaskEdited& r) {
                return text(r.id) + " edited: " + r.fields.original_command;
            },
            [](const TaskRestarted& r) {
                return text(r.id) + " restarted" + (r.stashed ? ", stashed" : "") + ": " +
                       r.fields.original_command;
            },
            [](const AttemptsForgiven& r) { return text(r.id) + " is forgiven its failures"; },
            [](const HistoryForgotten& r) {
                return text(r.runs.size()) + " runs of the history forgotten";
            },
            [](const VariableSet& r) { return text(r.id) + " sets variable " + r.name; },
            [](const VariableUnset& r) { return text(r.id) + " unsets variable " + r.name; },
            [](const TasksSwitched& r) {
                return text(r.first) + " switched with " + text(r.second);
            },
            [](const FullResetSet& r) {
                return std::string("reset of everything ") + (r.active ? "begun" : "given up");
            },
            [](const IdsRestarted&) { return std::string("ids start at 0 again"); },
            [](const KeeperAdopted& r) {
                return "keeper " + text(std::uint64_t{r.keeper.value[0]}) + " adopted";
            },
            [](const StateReplaced&) { return std::string("everything replaced"); },
            [](const TaskImported& r) { return "task " + text(r.id) + " imported"; },
        },
        record
    );
}

std::string describe(const Answer& answer) {
    return std::visit(
        Overloaded{
            [](const SuccessReply& a) { return "success: " + a.text; },
            [](const FailureReply& a) { return "failure: " + a.text; },
            [](const AddedTaskReply& a) {
                return "added " + text(a.id) + text(a.enqueue_at) +
                       (a.group_is_paused ? " to a paused group" : "") +
                       (a.outcome == AddOutcome::added
                            ? ""
                            : ", outcome " + text(static_cast<std::uint64_t>(a.outcome))) +
                       (a.warning.empty() ? "" : ", warning: " + a.warning);
            },
            [](const StatusReply&) { return std::string("the state"); },
            [](const GroupsReply&) { return std::string("the groups"); },
            [](const LogReply& a) { return "the logs of " + text(a.ids); },
            [](const EditReply& a) { return text(a.ids) + " to edit"; },
        },
        answer
    );
}

std::string describe(const Action& action) {
    return std::visit(
        Overloaded{
            [](const Reply& a) {
                return "answer client " + text(a.session.value) +
                       (a.waits == Waits::durable ? " when durable: " : " when written: ") +
                       describe(a.answer);
            },
            [](const StartAttempt& a) {
                return "start " + describe(a.key) + " as worker " + text(a.worker.value);
            },
            [](const SignalTask& a) {
                return "signal " + describe(a.key) + " with " + std::to_string(a.signal);
            },
            [](const SendInput& a) {
                return "send input of client " + text(a.session.value) + " to " + describe(a.key);
            },
            [](const FollowLog& a) {
                return "show client " + text(a.session.value) + " the log of " + text(a.task);
            },
            [](const EndFollow& a) {
                return "end what client " + text(a.session.value) + " follows" +
                       (a.is_removed ? ", it is gone" : "");
            },
            [](const AcknowledgeExit& a) { return "acknowledge exit " + text(a.sequence); },
            [](const RunCallback& a) {
                return "callback for " + text(a.task.id) + ", " + text(a.queued) + " queued, " +
                       text(a.stashed) + " stashed";
            },
            [](const RotateLog& a) {
                return "put the log of " + text(a.id) + " attempt " + text(a.attempt.value) +
                       " aside, keep " + text(a.kept);
            },
            [](const RemoveLogs& a) {
                std::string out = "remove the logs of " + text(a.ids);
                for (const EarlierLogs& logs : a.earlier) {
                    out += ", of " + text(logs.id) + " up to attempt " + text(logs.newest.value);
                }
                return out;
            },
            [](const ExitDaemon& a) {
                return "exit with " + std::to_string(a.code) +
                       (a.leaves_tasks ? ", tasks kept" : "");
            },
        },
        action
    );
}

std::string describe(const Command& command) {
    return std::visit(
        Overloaded{
            [](const Add& c) {
                return "add to " + c.spec.group + " after " + text(c.spec.dependencies) +
                       (c.stashed ? ", stashed" : "") + text(c.enqueue_at) +
                       (c.start_immediately ? ", immediately" : "");
            },
            [](const Remove& c) { return "remove " + text(c.tasks); },
            [](const Switch& c) { return "switch " + text(c.first) + " with " + text(c.second); },
            [](const Stash& c) { return "stash " + text(c.tasks) + text(c.enqueue_at); },
            [](const Enqueue& c) { return "enqueue " + text(c.tasks) + text(c.enqueue_at); },
            [](const Start& c) { return "start " + text(c.tasks); },
            [](const Restart& c) {
                return "restart of " + text(c.tasks.size()) + (c.stashed ? ", stashed" : "") +
                       (c.start_immediately ? ", immediately" : "");
            },
            [](const Pause& c) { return "pause " + text(c.tasks) + (c.wait ? ", waiting" : ""); },
            [](const Kill& c) {
                return "kill " + text(c.tasks) + (c.signal ? " with " + c.signal->name : "");
            },
            [](const Send& c) { return "send to " + text(c.task); },
            [](const EditRequest& c) { return "edit " + text(c.tasks); },
            [](const EditRestore& c) { return "give up editing " + text(c.tasks); },
            [](const EditedTasks& c) { return "edited " + text(c.tasks.size()) + " tasks"; },
            [](const EnvSet& c) { return "set " + c.name + " of " + text(c.task); },
            [](const EnvUnset& c) { return "unset " + c.name + " of " + text(c.task); },
            [](const GroupAdd& c) { return "add group " + c.name; },
            [](const GroupRemove& c) { return "remove group " + c.name; },
            [](const GroupList&) { return std::string("list groups"); },
            [](const Parallel& c) {
                return "give group " + c.group + " " + text(c.parallel_tasks) + " slots";
            },
            [](const Status&) { return std::string("status"); },
            [](const Log& c) { return "log of " + text(c.tasks); },
            [](const Follow& c) { return "follow " + text(c.tasks); },
            [](const Reset& c) {
                return c.groups ? "reset " + text(c.groups->size()) + " groups"
                                : std::string("reset everything");
            },
            [](const Clean& c) {
                return std::string("clean") + (c.successful_only ? " successful ones" : "") +
                       (c.group ? " of group " + *c.group : "");
            },
            [](const Shutdown& c) {
                return std::string(c.graceful ? "shut down" : "shut down, emergency") +
                       (c.keeps_tasks ? ", tasks kept" : "");
            },
        },
        command
    );
}

std::string describe(const Event& event) {
    return std::visit(
        Overloaded{
            [](const ClientRequest& e) {
                return "client " + text(e.session.value) + ": " + describe(e.command);
            },
            [](const ClientGone& e) { return "client " + text(e.session.value) + " is gone"; },
            [](const ChildStarted& e) { return describe(e.key) + " runs"; },
            [](const StartFailed& e) { return describe(e.key) + " could not start: " + e.reason; },
            [](const ChildExited& e) {
                const char* how = e.signaled ? " died of signal " : " exited with ";
                return describe(e.key) + (e.lost ? " ended somehow, not with " : how) +
                       std::to_string(e.value) + " (exit " + text(e.sequence) + ")";
            },
            [](const InputSent& e) {
                return "input of client " + text(e.session.value) +
                       (e.error ? " failed: " + *e.error : " sent");
            },
            [](const KeeperReport& e) {
                return "keeper " + text(std::uint64_t{e.keeper.value[0]}) + " reports " +
                       text(e.alive.size()) + " alive, " + text(e.exits.size()) + " exits";
            },
            [](const KeeperLost&) { return std::string("keeper lost"); },
            [](const AlarmRang&) { return std::string("alarm"); },
            [](const StopRequested& e) {
                return std::string(e.keeps_tasks ? "stop requested, tasks kept" : "stop requested");
            },
            [](const StoreFailed& failed) { return "store failed: " + failed.reason; },
            [](const StoreRecovered&) { return std::string("store recovered"); },
        },
        event
    );
}

}  // namespace pueue::core
