#include "daemon/runner/launch.hpp"

#include "daemon/runner/task_logs.hpp"
#include "daemon/runner/template.hpp"

#include <algorithm>
#include <utility>

namespace pueue::runner {

namespace {

/// What libc searches when there is no PATH.
constexpr std::string_view default_path = "/bin:/usr/bin";

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

std::optional<std::string> path_of(const std::vector<std::string>& environment) {
    constexpr std::string_view beginning = "PATH=";
    for (const std::string& variable : environment) {
        if (variable.starts_with(beginning)) {
            return variable.substr(beginning.size());
        }
    }
    return std::nullopt;
}

Result<std::vector<std::string>> command_line(
    const std::string& command, const LaunchSettings& settings
) {
    static const std::vector<std::string> usual = {"sh", "-c", "{{ pueue_command_string }}"};
    const std::vector<std::string>& shell = settings.shell_command.value_or(usual);
    if (shell.empty()) {
        return invalid("daemon.shell_command is empty");
    }
    const TemplateVariables variables = {{"pueue_command_string", command}};
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

    const Result<> filled = fill_command_line(launch, task.spec->command, settings);
    if (filled.has_error()) {
        launch.impossible = filled.error().text;
    } else if (const auto nul = find_nul(launch)) {
        launch.impossible = "Error { kind: InvalidInput, message: \"" + nul->text + "\" }";
    }
    return launch;
}

Result<> fill_command_line(
    Program& program, const std::string& command, const LaunchSettings& settings
) {
    TRY(program.arguments, command_line(command, settings));
    const std::string& name = program.arguments.front();
    program.programs = candidate_programs(name, path_of(program.environment));
    program.scripts_by_shell = name.find('/') == std::string::npos;
    return {};
}

std::optional<Error> find_nul(const Program& program) {
    const bool found = any_has_nul(program.arguments) || any_has_nul(program.environment) ||
                       has_nul(program.directory);
    return found ? std::optional(invalid("nul byte found in provided data")) : std::nullopt;
}

}  // namespace pueue::runner
