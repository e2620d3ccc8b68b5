#include "daemon/runner/launch.hpp"

#include "daemon/runner/task_logs.hpp"
#include "daemon/runner/template.hpp"

#include <algorithm>
#include <utility>

namespace pueue::runner {

namespace {

/// What libc searches when there is no PATH.
constexpr std::string_view default_path = "/bin:/usr/bin";

constexpr std::string_view group_variable = "PUEUE_GROUP";
constexpr std::string_view worker_variable = "PUEUE_WORKER_ID";

std::string assignment(std::string_view name, std::string_view value) {
    std::string text;
    text.reserve(name.size() + 1 + value.size());
    text.append(name).append("=").append(value);
    return text;
}

std::vector<std::string> environment_of(const Task& task, WorkerId worker) {
    std::vector<std::string> environment;
    environment.reserve(task.spec->environment->size() + 2);
    for (const auto& [name, value] : task.spec->environment->variables()) {
        if (name != group_variable && name != worker_variable) {
            environment.push_back(assignment(name, value));
        }
    }
    environment.push_back(assignment(group_variable, task.spec->group));
    environment.push_back(assignment(worker_variable, std::to_string(worker.value)));
    return environment;
}

std::optional<std::string> path_of(const Environment& environment) {
    for (const auto& [name, value] : environment.variables()) {
        if (name == "PATH") {
            return std::string(value);
        }
    }
    return std::nullopt;
}

Result<std::vector<std::string>> command_line(const Task& task, const LaunchSettings& settings) {
    static const std::vector<std::string> usual = {"sh", "-c", "{{ pueue_command_string }}"};
    const std::vector<std::string>& shell = settings.shell_command.value_or(usual);
    if (shell.empty()) {
        return invalid("daemon.shell_command is empty");
    }
    const TemplateVariables variables = {{"pueue_command_string", task.spec->command}};
    std::vector<std::string> words;
    for (const std::string& part : shell) {
        TRY(std::string word, render(part, variables));
        words.push_back(std::move(word));
    }
    return words;
}

bool has_nul(const std::string& text) {
    return text.find('\0') != std::string::npos;
}

bool any_has_nul(const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), has_nul);
}

}  // namespace

std::vector<std::string> candidate_programs(
    const std::string& program, const std::optional<std::string>& path
) {
    if (program.empty() || program.find('/') != std::string::npos) {
        return {program};
    }
    std::vector<std::string> candidates;
    const std::string searched = path.value_or(std::string(default_path));
    for (std::size_t begin = 0; begin <= searched.size();) {
        const std::size_t end = std::min(searched.find(':', begin), searched.size());
        const std::string directory = searched.substr(begin, end - begin);
        candidates.push_back(directory.empty() ? program : directory + "/" + program);
        begin = end + 1;
    }
    return candidates;
}

Launch make_launch(const Task& task, WorkerId worker, const LaunchSettings& settings) {
    Launch launch;
    launch.key = task.key();
    launch.log_path = log_path(settings.log_directory, task.id);
    launch.directory = task.spec->path;
    launch.environment = environment_of(task, worker);

    Result<std::vector<std::string>> words = command_line(task, settings);
    if (words.has_error()) {
        launch.impossible = words.error().text;
        return launch;
    }
    launch.arguments = std::move(words).value();
    const std::string& program = launch.arguments.front();
    launch.programs = candidate_programs(program, path_of(*task.spec->environment));
    launch.scripts_by_shell = program.find('/') == std::string::npos;
    if (any_has_nul(launch.arguments) || any_has_nul(launch.environment) ||
        has_nul(launch.directory)) {
        launch.impossible =
            "Error { kind: InvalidInput, message: \"nul byte found in provided data\" }";
    }
    return launch;
}

}  // namespace pueue::runner
