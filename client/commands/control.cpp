// Commands that are one request, and the text of one reply.
#include "client/commands/commands.hpp"

#include <algorithm>

namespace pueue::client {

bool confirm(Console& console, const std::string& question) {
    console.err(question + "\n");
    for (;;) {
        console.out("Do you want to continue [Y/n]: ");
        console.flush();
        const auto answer = console.read_line();
        const char first = answer && !answer->empty() ? answer->front() : '\0';
        if (!answer || first == 'n' || first == 'N') {
            console.err("Aborted!\n");
            return false;
        }
        if (answer->empty() || first == 'y' || first == 'Y' || *answer == "\r") {
            return true;
        }
    }
}

std::string task_list(const std::vector<TaskId>& ids) {
    std::string list;
    for (const TaskId id : ids) {
        list += (list.empty() ? "task" : ", task") + std::to_string(id.value);
    }
    return list;
}

Outcome run(const cli::RemoveOptions& options, Client& client) {
    if (client.settings.client.show_confirmation_questions &&
        !confirm(client.console, "You are trying to remove: " + task_list(options.ids))) {
        return 1;
    }
    return call_and_finish(client, wire::RemoveRequest{options.ids});
}

Outcome run(const cli::SwitchOptions& options, Client& client) {
    return call_and_finish(client, wire::SwitchRequest{options.first, options.second});
}

Outcome run(const cli::StashOptions& options, Client& client) {
    return call_and_finish(client, wire::StashRequest{options.selection.resolve(), options.delay});
}

Outcome run(const cli::EnqueueOptions& options, Client& client) {
    return call_and_finish(
        client, wire::EnqueueRequest{options.selection.resolve(), options.delay}
    );
}

Outcome run(const cli::StartOptions& options, Client& client) {
    wire::StartRequest request{options.selection.resolve()};
    if (options.force_attempt) {
        request.ext = wire::StartExtension{true};
    }
    return call_and_finish(client, request, options.selection.group);
}

Outcome run(const cli::PauseOptions& options, Client& client) {
    return call_and_finish(
        client,
        wire::PauseRequest{options.selection.resolve(), options.wait},
        options.selection.group
    );
}

Outcome run(const cli::KillOptions& options, Client& client) {
    // The ids that were typed, even where a group or all counts instead of them.
    const std::string question = "You are trying to kill: " + task_list(options.selection.ids);
    if (client.settings.client.show_confirmation_questions && !confirm(client.console, question)) {
        return 1;
    }
    return call_and_finish(
        client,
        wire::KillRequest{options.selection.resolve(), options.signal},
        options.selection.group
    );
}

Outcome run(const cli::SendOptions& options, Client& client) {
    return call_and_finish(client, wire::SendRequest{options.id, options.input});
}

Outcome run(const cli::EnvSetOptions& options, Client& client) {
    wire::EnvRequest request{wire::EnvSet{options.id, options.key, options.value}};
    return call_and_finish(client, request);
}

Outcome run(const cli::EnvUnsetOptions& options, Client& client) {
    wire::EnvRequest request{wire::EnvUnset{options.id, options.key}};
    return call_and_finish(client, request);
}

Outcome run(const cli::CleanOptions& options, Client& client) {
    return call_and_finish(client, wire::CleanRequest{options.successful_only, options.group});
}

Outcome run(const cli::ShutdownOptions& options, Client& client) {
    return call_and_finish(client, wire::ShutdownRequest{true, options.keep});
}

Outcome run(const cli::ParallelOptions& options, Client& client) {
    if (!options.parallel_tasks) {
        // Compat: the original asks for the groups and then does not know what to do with
        // them [parallel].
        TRY(const wire::Response response,
            client.connection.call(wire::GroupRequest{wire::GroupList{}}));
        return finish_with(client, response);
    }
    return call_and_finish(
        client,
        wire::ParallelRequest{*options.parallel_tasks, options.group.value_or(default_group)},
        options.group
    );
}

Outcome run(const cli::ResetOptions& options, Client& client) {
    TRY(const State state, fetch_state(client));
    std::vector<std::string> groups = options.groups;
    if (groups.empty()) {
        for (const auto& [name, group] : state.groups) {
            groups.push_back(name);
        }
    }
    std::vector<TaskId> running;
    for (const auto& [id, task] : state.tasks) {
        const bool concerned =
            std::find(groups.begin(), groups.end(), task.spec->group) != groups.end();
        if (concerned && has_process(task)) {
            running.push_back(id);
        }
    }
    if (!running.empty() && !options.force &&
        !confirm(client.console, "You are trying to remove running tasks: " + task_list(running))) {
        return 1;
    }
    const auto unknown = std::find_if(groups.begin(), groups.end(), [&](const auto& name) {
        return !state.groups.contains(name);
    });
    const auto suspect = unknown == groups.end() ? std::nullopt : std::optional(*unknown);
    wire::ResetRequest request;
    if (!groups.empty()) {
        request.groups = std::move(groups);
    }
    return call_and_finish(client, request, suspect);
}

}  // namespace pueue::client
