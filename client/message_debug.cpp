#include "client/message_debug.hpp"

#include "protocol/base/clock.hpp"
#include "protocol/base/upstream_text.hpp"

#include <concepts>
#include <utility>
#include <variant>
#include <vector>

namespace pueue::client {

namespace {

// A value of the original's Debug notation.
class Shown {
  public:
    // A word, a number, a quoted text.
    static Shown leaf(std::string text) { return {std::move(text), "", "", false}; }
    // Name(x) and [x], {k: v}, Name { field: x }.
    static Shown tuple(std::string name) { return {std::move(name) + "(", ")", "", false}; }
    static Shown list() { return {"[", "]", "", false}; }
    static Shown map() { return {"{", "}", "", false}; }
    static Shown structure(std::string name) { return {std::move(name) + " {", "}", " ", true}; }

    Shown&& with(Shown item) && {
        items_.emplace_back("", std::move(item));
        return std::move(*this);
    }
    Shown&& with(std::string name, Shown item) && {
        items_.emplace_back(std::move(name) + ": ", std::move(item));
        return std::move(*this);
    }
    void add(std::string name, Shown item) {
        items_.emplace_back(name.empty() ? "" : std::move(name) + ": ", std::move(item));
    }

    [[nodiscard]] std::string text(DebugForm form) const {
        std::string out;
        write(out, form, 0);
        return out;
    }

  private:
    Shown(std::string open, std::string close, std::string inner, bool is_structure)
        : open_(std::move(open)),
          close_(std::move(close)),
          inner_(std::move(inner)),
          is_structure_(is_structure) {}

    void write(std::string& out, DebugForm form, std::size_t depth) const {
        const bool many = form == DebugForm::many_lines;
        if (items_.empty() && is_structure_) {
            out += open_.substr(0, open_.size() - 2);
            return;
        }
        out += open_;
        if (items_.empty()) {
            out += close_;
            return;
        }
        out += many ? "\n" : inner_;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            out += many ? std::string((depth + 1) * 4, ' ') : i == 0 ? "" : ", ";
            out += items_[i].first;
            items_[i].second.write(out, form, depth + 1);
            out += many ? ",\n" : "";
        }
        out += many ? std::string(depth * 4, ' ') : inner_;
        out += close_;
    }

    std::string open_;
    std::string close_;
    std::string inner_;
    bool is_structure_;
    std::vector<std::pair<std::string, Shown>> items_;
};

Shown show(std::unsigned_integral auto number) {
    return Shown::leaf(std::to_string(number));
}
Shown show(std::int32_t number) {
    return Shown::leaf(std::to_string(number));
}
Shown show(bool value) {
    return Shown::leaf(value ? "true" : "false");
}
Shown show(const std::string& text) {
    return Shown::leaf(quoted(text));
}
Shown show(TaskId id) {
    return show(id.value);
}
Shown show(const WallTime& time) {
    std::string text = to_rfc3339(time);
    if (text.ends_with('Z')) {
        text.replace(text.size() - 1, 1, "+00:00");
    }
    return Shown::leaf(std::move(text));
}
Shown hidden() {
    return Shown::leaf("\"hidden\"");
}

// The templates below find these by no other way: their types live in another namespace.
Shown show(wire::Signal signal);
Shown show(const wire::EditableTask& task);
Shown show(const wire::TaskToRestart& task);

template <class T>
Shown show(const std::optional<T>& value) {
    return value ? Shown::tuple("Some").with(show(*value)) : Shown::leaf("None");
}

template <class T>
Shown show(const std::vector<T>& items) {
    Shown list = Shown::list();
    for (const T& item : items) {
        list.add("", show(item));
    }
    return list;
}

Shown show(const TaskSelection& selection) {
    if (const auto* ids = std::get_if<std::vector<TaskId>>(&selection)) {
        return Shown::tuple("TaskIds").with(show(*ids));
    }
    if (const auto* group = std::get_if<std::string>(&selection)) {
        return Shown::tuple("Group").with(show(*group));
    }
    return Shown::leaf("All");
}

Shown show(wire::Signal signal) {
    switch (signal) {
        case wire::Signal::sig_int:
            return Shown::leaf("SigInt");
        case wire::Signal::sig_kill:
            return Shown::leaf("SigKill");
        case wire::Signal::sig_term:
            return Shown::leaf("SigTerm");
        case wire::Signal::sig_cont:
            return Shown::leaf("SigCont");
        case wire::Signal::sig_stop:
            break;
    }
    return Shown::leaf("SigStop");
}

Shown show(const TaskResult& result) {
    struct Visitor {
        Shown operator()(const Success&) const { return Shown::leaf("Success"); }
        Shown operator()(const Failed& failed) const {
            return Shown::tuple("Failed").with(show(failed.exit_code));
        }
        Shown operator()(const FailedToSpawn& failed) const {
            return Shown::tuple("FailedToSpawn").with(show(failed.reason));
        }
        Shown operator()(const Killed&) const { return Shown::leaf("Killed"); }
        Shown operator()(const Errored&) const { return Shown::leaf("Errored"); }
        Shown operator()(const DependencyFailed&) const { return Shown::leaf("DependencyFailed"); }
    };
    return std::visit(Visitor{}, result);
}

Shown show(const TaskStatus& status);

struct StatusVisitor {
    Shown operator()(const Locked& locked) const {
        return Shown::structure("Locked").with("previous_status", show(*locked.previous_status));
    }
    Shown operator()(const Stashed& stashed) const {
        return Shown::structure("Stashed").with("enqueue_at", show(stashed.enqueue_at));
    }
    Shown operator()(const Queued& queued) const {
        return Shown::structure("Queued").with("enqueued_at", show(queued.enqueued_at));
    }
    Shown operator()(const Running& running) const {
        return Shown::structure("Running")
            .with("enqueued_at", show(running.enqueued_at))
            .with("start", show(running.start));
    }
    Shown operator()(const Paused& paused) const {
        return Shown::structure("Paused")
            .with("enqueued_at", show(paused.enqueued_at))
            .with("start", show(paused.start));
    }
    Shown operator()(const Done& done) const {
        return Shown::structure("Done")
            .with("enqueued_at", show(done.enqueued_at))
            .with("start", show(done.start))
            .with("end", show(done.end))
            .with("result", show(done.result));
    }
};

Shown show(const TaskStatus& status) {
    return std::visit(
        StatusVisitor{},
        static_cast<const std::variant<Locked, Stashed, Queued, Running, Paused, Done>&>(status)
    );
}

Shown show(const Task& task) {
    const TaskSpec& spec = *task.spec;
    return Shown::structure("Task")
        .with("id", show(task.id))
        .with("original_command", show(spec.original_command))
        .with("command", show(spec.command))
        .with("path", show(spec.path))
        .with("envs", hidden())
        .with("group", show(spec.group))
        .with("dependencies", show(spec.dependencies))
        .with("label", show(spec.label))
        .with("status", show(task.status))
        .with("priority", show(spec.priority));
}

Shown show(const Group& group) {
    const char* status = group.status == GroupStatus::running  ? "Running"
                         : group.status == GroupStatus::paused ? "Paused"
                                                               : "Reset";
    return Shown::structure("Group")
        .with("status", Shown::leaf(status))
        .with("parallel_tasks", show(group.parallel_tasks));
}

Shown show(const std::map<std::string, Group, std::less<>>& groups) {
    Shown map = Shown::map();
    for (const auto& [name, group] : groups) {
        map.add(quoted(name), show(group));
    }
    return map;
}

Shown show(const wire::EditableTask& task) {
    return Shown::structure("EditableTask")
        .with("id", show(task.id))
        .with("original_command", show(task.original_command))
        .with("path", show(task.path))
        .with("label", show(task.label))
        .with("priority", show(task.priority));
}

Shown show(const wire::TaskToRestart& task) {
    return Shown::structure("TaskToRestart")
        .with("task_id", show(task.task_id))
        .with("original_command", show(task.original_command))
        .with("path", show(task.path))
        .with("label", show(task.label))
        .with("priority", show(task.priority));
}

Shown show(const wire::TaskLog& log) {
    return Shown::structure("TaskLogResponse")
        .with("task", show(log.task))
        .with("output_complete", show(log.output_complete))
        .with("output", hidden());
}

struct RequestVisitor {
    Shown operator()(const wire::AddRequest& add) const {
        return Shown::tuple("Add").with(Shown::structure("Task")
                                            .with("command", show(add.command))
                                            .with("path", show(add.path))
                                            .with("envs", hidden())
                                            .with("start_immediately", show(add.start_immediately))
                                            .with("stashed", show(add.stashed))
                                            .with("group", show(add.group))
                                            .with("enqueue_at", show(add.enqueue_at))
                                            .with("dependencies", show(add.dependencies))
                                            .with("label", show(add.label)));
    }
    Shown operator()(const wire::RemoveRequest& remove) const {
        return Shown::tuple("Remove").with(show(remove.tasks));
    }
    Shown operator()(const wire::SwitchRequest& request) const {
        return Shown::tuple("Switch").with(Shown::structure("SwitchRequest")
                                               .with("task_id_1", show(request.task_id_1))
                                               .with("task_id_2", show(request.task_id_2)));
    }
    Shown operator()(const wire::StashRequest& stash) const {
        return Shown::tuple("Stash").with(Shown::structure("StashRequest")
                                              .with("tasks", show(stash.tasks))
                                              .with("enqueue_at", show(stash.enqueue_at)));
    }
    Shown operator()(const wire::EnqueueRequest& enqueue) const {
        return Shown::tuple("Enqueue").with(Shown::structure("EnqueueRequest")
                                                .with("tasks", show(enqueue.tasks))
                                                .with("enqueue_at", show(enqueue.enqueue_at)));
    }
    Shown operator()(const wire::StartRequest& start) const {
        return Shown::tuple("Start").with(
            Shown::structure("StartRequest").with("tasks", show(start.tasks))
        );
    }
    Shown operator()(const wire::RestartRequest& restart) const {
        return Shown::tuple("Restart").with(
            Shown::structure("RestartRequest")
                .with("tasks", show(restart.tasks))
                .with("start_immediately", show(restart.start_immediately))
                .with("stashed", show(restart.stashed))
        );
    }
    Shown operator()(const wire::PauseRequest& pause) const {
        return Shown::tuple("Pause").with(Shown::structure("PauseRequest")
                                              .with("tasks", show(pause.tasks))
                                              .with("wait", show(pause.wait)));
    }
    Shown operator()(const wire::KillRequest& kill) const {
        return Shown::tuple("Kill").with(Shown::structure("KillRequest")
                                             .with("tasks", show(kill.tasks))
                                             .with("signal", show(kill.signal)));
    }
    Shown operator()(const wire::SendRequest& send) const {
        return Shown::tuple("Send").with(Shown::structure("SendRequest")
                                             .with("task_id", show(send.task_id))
                                             .with("input", show(send.input)));
    }
    Shown operator()(const wire::EditRequest& edit) const {
        return Shown::tuple("EditRequest").with(show(edit.tasks));
    }
    Shown operator()(const wire::EditRestoreRequest& restore) const {
        return Shown::tuple("EditRestore").with(show(restore.tasks));
    }
    Shown operator()(const wire::EditedTasksRequest& edited) const {
        return Shown::tuple("EditedTasks").with(show(edited.tasks));
    }
    Shown operator()(const wire::EnvRequest& env) const {
        if (const auto* set = std::get_if<wire::EnvSet>(&env.change)) {
            return Shown::tuple("Env").with(Shown::structure("Set")
                                                .with("task_id", show(set->task_id))
                                                .with("key", show(set->key))
                                                .with("value", show(set->value)));
        }
        const auto& unset = std::get<wire::EnvUnset>(env.change);
        return Shown::tuple("Env").with(Shown::structure("Unset")
                                            .with("task_id", show(unset.task_id))
                                            .with("key", show(unset.key)));
    }
    Shown operator()(const wire::GroupRequest& group) const {
        if (const auto* add = std::get_if<wire::GroupAdd>(&group.what)) {
            return Shown::tuple("Group").with(Shown::structure("Add")
                                                  .with("name", show(add->name))
                                                  .with("parallel_tasks", show(add->parallel_tasks))
            );
        }
        if (const auto* remove = std::get_if<wire::GroupRemove>(&group.what)) {
            return Shown::tuple("Group").with(Shown::tuple("Remove").with(show(remove->name)));
        }
        return Shown::tuple("Group").with(Shown::leaf("List"));
    }
    Shown operator()(const wire::ParallelRequest& parallel) const {
        return Shown::tuple("Parallel")
            .with(Shown::structure("ParallelRequest")
                      .with("parallel_tasks", show(parallel.parallel_tasks))
                      .with("group", show(parallel.group)));
    }
    Shown operator()(const wire::StatusRequest&) const { return Shown::leaf("Status"); }
    Shown operator()(const wire::LogRequest& log) const {
        return Shown::tuple("Log").with(Shown::structure("LogRequest")
                                            .with("tasks", show(log.tasks))
                                            .with("send_logs", show(log.send_logs))
                                            .with("lines", show(log.lines)));
    }
    Shown operator()(const wire::StreamRequest& stream) const {
        return Shown::tuple("Stream").with(Shown::structure("StreamRequest")
                                               .with("tasks", show(stream.tasks))
                                               .with("lines", show(stream.lines)));
    }
    Shown operator()(const wire::ResetRequest& reset) const {
        Shown target =
            reset.groups ? Shown::tuple("Groups").with(show(*reset.groups)) : Shown::leaf("All");
        return Shown::tuple("Reset").with(
            Shown::structure("ResetRequest").with("target", std::move(target))
        );
    }
    Shown operator()(const wire::CleanRequest& clean) const {
        return Shown::tuple("Clean").with(Shown::structure("CleanRequest")
                                              .with("successful_only", show(clean.successful_only))
                                              .with("group", show(clean.group)));
    }
    Shown operator()(const wire::ShutdownRequest& shutdown) const {
        const char* how = shutdown.graceful ? "Graceful" : "Emergency";
        return Shown::tuple("DaemonShutdown")
            .with(Shown::leaf(shutdown.keeps_tasks ? "Keep" : how));
    }
};

struct ResponseVisitor {
    Shown operator()(const wire::AddedTaskResponse& added) const {
        return Shown::tuple("AddedTask")
            .with(Shown::structure("AddedTaskResponse")
                      .with("task_id", show(added.task_id))
                      .with("enqueue_at", show(added.enqueue_at))
                      .with("group_is_paused", show(added.group_is_paused)));
    }
    Shown operator()(const wire::EditResponse& edit) const {
        return Shown::tuple("Edit").with(show(edit.tasks));
    }
    Shown operator()(const wire::StatusResponse& status) const {
        Shown tasks = Shown::map();
        for (const auto& [id, task] : status.state.tasks) {
            tasks.add(std::to_string(id.value), show(task));
        }
        return Shown::tuple("Status").with(Shown::structure("State")
                                               .with("tasks", std::move(tasks))
                                               .with("groups", show(status.state.groups)));
    }
    Shown operator()(const wire::LogResponse& response) const {
        Shown logs = Shown::map();
        for (const auto& [id, log] : response.tasks) {
            logs.add(std::to_string(id.value), show(log));
        }
        return Shown::tuple("Log").with(std::move(logs));
    }
    Shown operator()(const wire::GroupResponse& group) const {
        return Shown::tuple("Group").with(
            Shown::structure("GroupResponse").with("groups", show(group.groups))
        );
    }
    Shown operator()(const wire::StreamResponse& stream) const {
        Shown logs = Shown::map();
        for (const auto& [id, text] : stream.logs) {
            logs.add(std::to_string(id.value), show(text));
        }
        return Shown::tuple("Stream").with(
            Shown::structure("StreamResponse").with("logs", std::move(logs))
        );
    }
    Shown operator()(const wire::SuccessResponse& success) const {
        return Shown::tuple("Success").with(show(success.text));
    }
    Shown operator()(const wire::FailureResponse& failure) const {
        return Shown::tuple("Failure").with(show(failure.text));
    }
    Shown operator()(const wire::CloseResponse&) const { return Shown::leaf("Close"); }
};

}  // namespace

std::string debug_text(const wire::Request& request, DebugForm form) {
    return std::visit(RequestVisitor{}, request).text(form);
}

std::string debug_text(const wire::Response& response, DebugForm form) {
    return std::visit(ResponseVisitor{}, response).text(form);
}

}  // namespace pueue::client
