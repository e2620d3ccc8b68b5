#include "client/commands/commands.hpp"
#include "client/text/utf8.hpp"
#include "client/view/time_view.hpp"
#include "protocol/base/upstream_text.hpp"

#include <climits>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <variant>

namespace pueue::client {

namespace {

std::string join_words(const std::vector<std::string>& words, bool escape) {
    std::string command;
    for (const std::string& word : words) {
        command += &word == &words.front() ? "" : " ";
        command += escape ? shell_escape(word) : word;
    }
    return command;
}

struct Free {
    // What realpath and getcwd allocate.
    void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc)
};
using CString = std::unique_ptr<char, Free>;

Reported<std::string> directory_for(const std::optional<std::string>& wanted) {
    std::string path;
    if (wanted) {
        const CString canonical(::realpath(wanted->c_str(), nullptr));
        if (canonical == nullptr) {
            return report(os_text(errno)).in("Failed to canonicalize given working directory path");
        }
        path = canonical.get();
    } else {
        const CString current(::getcwd(nullptr, 0));
        if (current == nullptr) {
            return report(os_text(errno));
        }
        path = current.get();
    }
    if (!is_utf8(path)) {
        return report(
            "Couldn't serialize message:\nValue(\"path contains invalid UTF-8 characters\")"
        );
    }
    return path;
}

// The whole environment. What is no UTF-8 cannot be sent.
EnvironmentPtr own_environment(Console& console) {
    std::vector<Environment::Variable> variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view variable = *entry;
        // A name may begin with `=`.
        const std::size_t equals = variable.find('=', 1);
        if (variable.empty() || equals == std::string_view::npos) {
            continue;
        }
        if (!is_utf8(variable)) {
            console.err(
                "Warning: the environment variable " + to_utf8_lossy(variable.substr(0, equals)) +
                " is not valid UTF-8 and is not passed on.\n"
            );
            continue;
        }
        variables.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
    }
    // Of equal names the first one counts for a program; the last one for the map.
    std::reverse(variables.begin(), variables.end());
    return Environment::of(std::move(variables));
}

std::string announcement(
    const wire::AddedTaskResponse& added, const cli::AddOptions& options, const Client& client
) {
    const std::string id = std::to_string(added.task_id.value);
    if (options.print_task_id) {
        return id + "\n";
    }
    const bool is_new = !added.ext || added.ext->outcome == "added";
    std::string text = is_new ? "New task added (id " + id + ")."
                              : "There is such a task already (id " + id + ").";
    if (added.enqueue_at) {
        const TimeView times(client.settings.client, read_clock().wall);
        text += " It will be enqueued at " + times.in_text(*added.enqueue_at);
    }
    if (added.group_is_paused && !options.follow) {
        text += "\nThe group of this task is currently paused!";
    }
    return text + "\n";
}

}  // namespace

std::string shell_escape(std::string_view word) {
    const auto is_plain = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("-_=/,.+").find(c) != std::string_view::npos;
    };
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) {
        return std::string(word);
    }
    std::string escaped = "'";
    for (const char c : word) {
        if (c == '\'' || c == '!') {
            escaped += {'\'', '\\', c, '\''};
        } else {
            escaped += c;
        }
    }
    return escaped + "'";
}

Outcome run(const cli::AddOptions& options, Client& client) {
    wire::AddRequest request;
    request.command = join_words(options.command, options.escape);
    TRY(request.path, directory_for(options.working_directory));
    request.envs = own_environment(client.console);
    request.start_immediately = options.immediate;
    request.stashed = options.stashed;
    request.group = options.group.value_or(default_group);
    request.enqueue_at = options.delay;
    request.dependencies = options.after;
    request.priority = options.priority;
    request.label = options.label;
    if (options.id_conflict_policy || options.id_reuse_policy || options.on_reject) {
        request.ext = wire::AddExtension{
            {}, options.id_conflict_policy, options.id_reuse_policy, options.on_reject, {}};
    }
    TRY(const wire::Response response, client.connection.call(std::move(request)));
    const auto* added = std::get_if<wire::AddedTaskResponse>(&response);
    if (added == nullptr) {
        return finish_with(client, response, options.group);
    }
    if (added->ext && added->ext->warning) {
        client.console.err("Warning: " + *added->ext->warning + "\n");
    }
    const std::string text = announcement(*added, options, client);
    if (!options.follow) {
        client.console.out(text);
        return 0;
    }
    // Standard output is the task's alone then.
    client.console.err(text);
    return run(cli::FollowOptions{added->task_id, std::nullopt}, client);
}

}  // namespace pueue::client
