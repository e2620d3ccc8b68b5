#include "tests/wire/show_message.hpp"

#include "protocol/base/clock.hpp"

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pueue::wire {

namespace {

std::string show(bool value) {
    return value ? "true" : "false";
}
std::string show(std::uint64_t value) {
    return std::to_string(value);
}
std::string show(std::int32_t value) {
    return std::to_string(value);
}
std::string show(TaskId value) {
    return std::to_string(value.value);
}

std::string show(const std::string& value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else {
            out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
        }
    }
    return out + '"';
}

// Needed by the templates below.
std::string show(Signal value);
std::string show(const TaskToRestart& value);
std::string show(const EditableTask& value);
std::string show(const Task& value);
std::string show(const TaskLog& value);
std::string show(const Group& value);

std::string show(const WallTime& value) {
    return show(to_rfc3339(value));
}

template <class T>
std::string show(const std::optional<T>& value) {
    return value ? show(*value) : "null";
}

template <class Range, class Show>
std::string list(char open, const Range& items, char close, Show show_item) {
    std::string out(1, open);
    for (const auto& item : items) {
        out += (out.size() == 1 ? "" : ", ") + show_item(item);
    }
    return out + close;
}

template <class T>
std::string show(const std::vector<T>& items) {
    return list('[', items, ']', [](const T& item) { return show(item); });
}

using Members = std::vector<std::pair<std::string, std::string>>;

std::string object(const Members& members) {
    return list('{', members, '}', [](const auto& member) {
        return show(member.first) + ": " + member.second;
    });
}

std::string variant(const std::string& name, const std::string& content) {
    return object({{name, content}});
}

std::string unit(const std::string& name) {
    return show(name);
}

template <class... Shows>
struct Overloaded : Shows... {
    using Shows::operator()...;
};
// clang 16 does not make this one itself.
template <class... Shows>
Overloaded(Shows...) -> Overloaded<Shows...>;

std::string show(const EnvironmentPtr& value) {
    return list('{', value->variables(), '}', [](const Environment::Variable& variable) {
        return show(std::string(variable.first)) + ": " + show(std::string(variable.second));
    });
}

std::string show(const TaskSelection& value) {
    return std::visit(
        Overloaded{
            [](const std::vector<TaskId>& ids) { return variant("TaskIds", show(ids)); },
            [](const std::string& group) { return variant("Group", show(group)); },
            [](AllTasks) { return unit("All"); }},
        value
    );
}

std::string show(Signal value) {
    switch (value) {
        case Signal::sig_int:
            return unit("SigInt");
        case Signal::sig_kill:
            return unit("SigKill");
        case Signal::sig_term:
            return unit("SigTerm");
        case Signal::sig_cont:
            return unit("SigCont");
        case Signal::sig_stop:
            return unit("SigStop");
    }
    return {};
}

std::string show(const TaskToRestart& value) {
    return object(
        {{"task_id", show(value.task_id)},
         {"original_command", show(value.original_command)},
         {"path", show(value.path)},
         {"label", show(value.label)},
         {"priority", show(value.priority)}}
    );
}

std::string show(const EditableTask& value) {
    return object(
        {{"id", show(value.id)},
         {"command", show(value.original_command)},
         {"path", show(value.path)},
         {"label", show(value.label)},
         {"priority", show(value.priority)}}
    );
}

std::string show(const TaskResult& value) {
    return std::visit(
        Overloaded{
            [](Success) { return unit("Success"); },
            [](Failed failed) { return variant("Failed", show(failed.exit_code)); },
            [](const FailedToSpawn& failed) {
                return variant("FailedToSpawn", show(failed.reason));
            },
            [](Killed) { return unit("Killed"); },
            [](Errored) { return unit("Errored"); },
            [](DependencyFailed) { return unit("DependencyFailed"); }},
        value
    );
}

std::string show(const TaskStatus& value) {
    const auto started = [](const auto& status) {
        return Members{{"enqueued_at", show(status.enqueued_at)}, {"start", show(status.start)}};
    };
    return std::visit(
        Overloaded{
            [](const Locked& status) {
                return variant(
                    "Locked", object({{"previous_status", show(*status.previous_status)}})
                );
            },
            [](const Stashed& status) {
                return variant("Stashed", object({{"enqueue_at", show(status.enqueue_at)}}));
            },
            [](const Queued& status) {
                return variant("Queued", object({{"enqueued_at", show(status.enqueued_at)}}));
            },
            [&](const Running& status) { return variant("Running", object(started(status))); },
            [&](const Paused& status) { return variant("Paused", object(started(status))); },
            [&](const Done& status) {
                Members members = started(status);
                members.emplace_back("end", show(status.end));
                members.emplace_back("result", show(status.result));
                return variant("Done", object(members));
            }},
        static_cast<const TaskStatus::variant&>(value)
    );
}

std::string show(const Task& value) {
    return object(
        {{"id", show(value.id)},
         {"created_at", show(value.created_at)},
         {"original_command", show(value.spec->original_command)},
         {"command", show(value.spec->command)},
         {"path", show(value.spec->path)},
         {"envs", show(value.spec->environment)},
         {"group", show(value.spec->group)},
         {"dependencies", show(value.spec->dependencies)},
         {"priority", show(value.spec->priority)},
         {"label", show(value.spec->label)},
         {"status", show(value.status)}}
    );
}

std::string show(const TaskLog& value) {
    std::string output = "null";
    if (value.output) {
        output = list('[', *value.output, ']', [](char c) {
            return std::to_string(static_cast<unsigned char>(c));
        });
    }
    return object(
        {{"task", show(value.task)},
         {"output_complete", show(value.output_complete)},
         {"output", output}}
    );
}

std::string show(const Group& value) {
    const char* const names[] = {"Running", "Paused", "Reset"};
    return object(
        {{"status", unit(names[static_cast<int>(value.status)])},
         {"parallel_tasks", show(value.parallel_tasks)}}
    );
}

template <class Key, class T, class Less>
std::string show(const std::map<Key, T, Less>& value) {
    return list('{', value, '}', [](const auto& pair) {
        return show(pair.first) + ": " + show(pair.second);
    });
}

std::string show(const EnvRequest& request) {
    return std::visit(
        Overloaded{
            [](const EnvSet& set) {
                return variant(
                    "Set",
                    object(
                        {{"task_id", show(set.task_id)},
                         {"key", show(set.key)},
                         {"value", show(set.value)}}
                    )
                );
            },
            [](const EnvUnset& unset) {
                return variant(
                    "Unset", object({{"task_id", show(unset.task_id)}, {"key", show(unset.key)}})
                );
            }},
        request.change
    );
}

std::string show(const GroupRequest& request) {
    return std::visit(
        Overloaded{
            [](const GroupAdd& add) {
                return variant(
                    "Add",
                    object({{"name", show(add.name)}, {"parallel_tasks", show(add.parallel_tasks)}})
                );
            },
            [](const GroupRemove& remove) { return variant("Remove", show(remove.name)); },
            [](GroupList) { return unit("List"); }},
        request.what
    );
}

struct ShowRequest {
    std::string operator()(const AddRequest& r) const {
        return variant(
            "Add",
            object(
                {{"command", show(r.command)},
                 {"path", show(r.path)},
                 {"envs", show(r.envs)},
                 {"start_immediately", show(r.start_immediately)},
                 {"stashed", show(r.stashed)},
                 {"group", show(r.group)},
                 {"enqueue_at", show(r.enqueue_at)},
                 {"dependencies", show(r.dependencies)},
                 {"priority", show(r.priority)},
                 {"label", show(r.label)}}
            )
        );
    }
    std::string operator()(const RemoveRequest& r) const {
        return variant("Remove", show(r.tasks));
    }
    std::string operator()(const SwitchRequest& r) const {
        const Members members{{"task_id_1", show(r.task_id_1)}, {"task_id_2", show(r.task_id_2)}};
        return variant("Switch", object(members));
    }
    std::string operator()(const StashRequest& r) const {
        const Members members{{"tasks", show(r.tasks)}, {"enqueue_at", show(r.enqueue_at)}};
        return variant("Stash", object(members));
    }
    std::string operator()(const EnqueueRequest& r) const {
        const Members members{{"tasks", show(r.tasks)}, {"enqueue_at", show(r.enqueue_at)}};
        return variant("Enqueue", object(members));
    }
    std::string operator()(const StartRequest& r) const {
        return variant("Start", object({{"tasks", show(r.tasks)}}));
    }
    std::string operator()(const RestartRequest& r) const {
        const Members members{
            {"tasks", show(r.tasks)},
            {"start_immediately", show(r.start_immediately)},
            {"stashed", show(r.stashed)}};
        return variant("Restart", object(members));
    }
    std::string operator()(const PauseRequest& r) const {
        return variant("Pause", object({{"tasks", show(r.tasks)}, {"wait", show(r.wait)}}));
    }
    std::string operator()(const KillRequest& r) const {
        return variant("Kill", object({{"tasks", show(r.tasks)}, {"signal", show(r.signal)}}));
    }
    std::string operator()(const SendRequest& r) const {
        return variant("Send", object({{"task_id", show(r.task_id)}, {"input", show(r.input)}}));
    }
    std::string operator()(const EditRequest& r) const {
        return variant("EditRequest", show(r.tasks));
    }
    std::string operator()(const EditRestoreRequest& r) const {
        return variant("EditRestore", show(r.tasks));
    }
    std::string operator()(const EditedTasksRequest& r) const {
        return variant("EditedTasks", show(r.tasks));
    }
    std::string operator()(const EnvRequest& r) const { return variant("Env", show(r)); }
    std::string operator()(const GroupRequest& r) const { return variant("Group", show(r)); }
    std::string operator()(const ParallelRequest& r) const {
        const Members members{{"parallel_tasks", show(r.parallel_tasks)}, {"group", show(r.group)}};
        return variant("Parallel", object(members));
    }
    std::string operator()(StatusRequest) const { return unit("Status"); }
    std::string operator()(const LogRequest& r) const {
        const Members members{
            {"tasks", show(r.tasks)}, {"send_logs", show(r.send_logs)}, {"lines", show(r.lines)}};
        return variant("Log", object(members));
    }
    std::string operator()(const StreamRequest& r) const {
        return variant("Stream", object({{"tasks", show(r.tasks)}, {"lines", show(r.lines)}}));
    }
    std::string operator()(const ResetRequest& r) const {
        const std::string target = r.groups ? variant("Groups", show(*r.groups)) : unit("All");
        return variant("Reset", object({{"target", target}}));
    }
    std::string operator()(const CleanRequest& r) const {
        const Members members{
            {"successful_only", show(r.successful_only)}, {"group", show(r.group)}};
        return variant("Clean", object(members));
    }
    std::string operator()(const ShutdownRequest& r) const {
        return variant(
            "DaemonShutdown",
            unit(
                r.keeps_tasks ? "Keep"
                : r.graceful  ? "Graceful"
                              : "Emergency"
            )
        );
    }
};

struct ShowResponse {
    std::string operator()(const AddedTaskResponse& r) const {
        const Members members{
            {"task_id", show(r.task_id)},
            {"enqueue_at", show(r.enqueue_at)},
            {"group_is_paused", show(r.group_is_paused)}};
        return variant("AddedTask", object(members));
    }
    std::string operator()(const EditResponse& r) const { return variant("Edit", show(r.tasks)); }
    std::string operator()(const StatusResponse& r) const {
        const Members members{{"tasks", show(r.state.tasks)}, {"groups", show(r.state.groups)}};
        return variant("Status", object(members));
    }
    std::string operator()(const LogResponse& r) const { return variant("Log", show(r.tasks)); }
    std::string operator()(const GroupResponse& r) const {
        return variant("Group", object({{"groups", show(r.groups)}}));
    }
    std::string operator()(const StreamResponse& r) const {
        return variant("Stream", object({{"logs", show(r.logs)}}));
    }
    std::string operator()(const SuccessResponse& r) const {
        return variant("Success", show(r.text));
    }
    std::string operator()(const FailureResponse& r) const {
        return variant("Failure", show(r.text));
    }
    std::string operator()(CloseResponse) const { return unit("Close"); }
};

}  // namespace

std::string show_message(const Request& request) {
    return std::visit(ShowRequest{}, request);
}

std::string show_message(const Response& response) {
    return std::visit(ShowResponse{}, response);
}

}  // namespace pueue::wire
