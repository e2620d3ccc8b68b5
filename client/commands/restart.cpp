#include "client/commands/commands.hpp"
#include "client/editor.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <variant>

namespace pueue::client {

namespace {

struct Candidates {
    std::vector<TaskId> matching;
    std::vector<TaskId> others;
};

Reported<Candidates> find_candidates(const cli::RestartOptions& options, const State& state) {
    Candidates found;
    if (options.all_failed || options.failed_in_group) {
        for (const auto& [id, task] : state.tasks) {
            const bool concerned =
                options.all_failed || task.spec->group == *options.failed_in_group;
            if (concerned && has_failed(task)) {
                found.matching.push_back(id);
            }
        }
        return found;
    }
    if (options.ids.empty()) {
        return report("Please provide the ids of the tasks you want to restart.");
    }
    for (const TaskId id : options.ids) {
        const Task* task = state.task(id);
        (task != nullptr && is_done(*task) ? found.matching : found.others).push_back(id);
    }
    return found;
}

using EditedTasks = std::map<TaskId, wire::EditableTask>;

wire::EditableTask editable(const Task& task) {
    return {
        task.id,
        task.spec->original_command,
        task.spec->path,
        task.spec->label,
        task.spec->priority};
}

Reported<EditedTasks> edit_all(
    const std::vector<TaskId>& ids, const State& state, const Client& client
) {
    std::vector<wire::EditableTask> tasks;
    tasks.reserve(ids.size());
    for (const TaskId id : ids) {
        tasks.push_back(editable(state.tasks.at(id)));
    }
    TRY(const auto edited, edit_tasks(tasks, client.settings));
    EditedTasks by_id;
    for (const wire::EditableTask& task : edited) {
        if (std::find(ids.begin(), ids.end(), task.id) == ids.end()) {
            return report(
                "Found unexpected task id during editing: " + std::to_string(task.id.value)
            );
        }
        by_id[task.id] = task;
    }
    return by_id;
}

// The refusal of one request ends the whole command.
Reported<std::string> call(const wire::Request& request, Client& client) {
    TRY(const wire::Response response, client.connection.call(request));
    if (const auto* failure = std::get_if<wire::FailureResponse>(&response)) {
        return report(failure->text);
    }
    const auto* success = std::get_if<wire::SuccessResponse>(&response);
    return success == nullptr ? std::string() : success->text;
}

Reported<> restart_in_place(
    const cli::RestartOptions& options, const std::vector<wire::EditableTask>& tasks, Client& client
) {
    wire::RestartRequest request;
    request.start_immediately = options.immediate;
    request.stashed = options.stashed;
    for (const wire::EditableTask& task : tasks) {
        request.tasks.push_back(
            {task.id, task.original_command, task.path, task.label, task.priority}
        );
    }
    const Reported<std::string> text = call(request, client);
    if (text.has_error()) {
        // A copy cannot come too late, and neither does what stands for it: none of the tasks was
        // finished any more, so somebody else has restarted them. Limits give their reasons.
        const std::string said = text.error().messages.front();
        const bool came_too_late = said.starts_with("The command failed for tasks: ") &&
                                   said.find('\n') == std::string::npos && !options.in_place &&
                                   !client.is_strict;
        return came_too_late ? Reported<>() : Reported<>(text.error());
    }
    // Below the list of what was restarted: what was not, and why.
    const std::size_t more = text->find('\n');
    if (more != std::string::npos && !client.is_strict) {
        client.console.err(text->substr(more + 1) + "\n");
    }
    return {};
}

Reported<> add_copies(
    const cli::RestartOptions& options,
    const std::vector<wire::EditableTask>& tasks,
    const State& state,
    Client& client
) {
    for (const wire::EditableTask& task : tasks) {
        const TaskSpec& spec = *state.tasks.at(task.id).spec;
        wire::AddRequest request;
        request.command = task.original_command;
        request.path = task.path;
        request.envs = spec.environment;
        request.start_immediately = options.immediate;
        request.stashed = options.stashed;
        request.group = spec.group;
        request.priority = task.priority;
        request.label = task.label;
        if (!client.is_strict) {
            request.ext.emplace().copy_of = task.id;
        }
        CHECK_OK(call(request, client));
    }
    return {};
}

std::string id_list(const std::vector<TaskId>& ids) {
    std::string list;
    for (const TaskId id : ids) {
        list += (list.empty() ? "" : ", ") + std::to_string(id.value);
    }
    return "[" + list + "]";
}

}  // namespace

Outcome run(const cli::RestartOptions& options, Client& client) {
    // The file that a daemon writes says `restart_in_place: false`, so that this is no wish.
    const bool by_default = client.settings.client.restart_in_place || !client.is_strict;
    const bool in_place = (by_default || options.in_place) && !options.not_in_place;
    TRY(const State state, fetch_state(client));
    TRY(const Candidates candidates, find_candidates(options, state));
    EditedTasks edited;
    if (options.edit) {
        TRY(edited, edit_all(candidates.matching, state, client));
    }
    std::vector<TaskId> ids = candidates.matching;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::vector<wire::EditableTask> tasks;
    for (const TaskId id : ids) {
        const auto found = edited.find(id);
        tasks.push_back(found != edited.end() ? found->second : editable(state.tasks.at(id)));
    }
    if (in_place) {
        CHECK_OK(restart_in_place(options, tasks, client));
    } else {
        CHECK_OK(add_copies(options, tasks, state, client));
    }
    if (!candidates.matching.empty()) {
        client.console.out("Restarted tasks: " + id_list(candidates.matching) + "\n");
    }
    if (!candidates.others.empty()) {
        client.console.err("Couldn't restart tasks: " + id_list(candidates.others) + "\n");
    }
    return 0;
}

}  // namespace pueue::client
