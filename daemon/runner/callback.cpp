#include "daemon/runner/callback.hpp"

#include "daemon/runner/task_logs.hpp"
#include "daemon/runner/template.hpp"
#include "protocol/base/text.hpp"

#include <array>
#include <utility>

namespace pueue::runner {

namespace {

struct ResultName {
    const char* operator()(const Success& /*result*/) const { return "Success"; }
    const char* operator()(const Failed& /*result*/) const { return "Failed"; }
    const char* operator()(const FailedToSpawn& /*result*/) const { return "FailedToSpawn"; }
    const char* operator()(const Killed& /*result*/) const { return "Killed"; }
    const char* operator()(const Errored& /*result*/) const { return "Errored"; }
    const char* operator()(const DependencyFailed& /*result*/) const { return "DependencyFailed"; }
};

std::string exit_code_of(const TaskResult& result) {
    if (std::holds_alternative<Success>(result)) {
        return "0";
    }
    const auto* failed = std::get_if<Failed>(&result);
    return failed == nullptr ? "None" : std::to_string(failed->exit_code);
}

// The last lines of a log. A command line has room for 128 KiB, so of a log whose lines are longer
// than that the beginning of the first one may be missing.
std::string output_of(const std::string& path, std::uint64_t lines) {
    constexpr std::array<std::size_t, 2> attempts = {std::size_t{64} << 10U, std::size_t{1} << 20U};
    LogEnd end;
    for (const std::size_t bytes : attempts) {
        Result<LogEnd> read = read_log_end(path, bytes);
        if (read.has_error()) {
            return "";
        }
        end = std::move(read).value();
        const auto newlines = std::count(end.text.begin(), end.text.end(), '\n');
        if (end.is_complete || static_cast<std::uint64_t>(newlines) > lines) {
            break;
        }
    }
    return last_lines_of(end.text, lines);
}

TemplateVariables variables_of(
    const core::RunCallback& callback, std::uint64_t log_lines, const std::string& log
) {
    const Task& task = callback.task;
    const auto* done = task.status.get_if<Done>();
    PUEUE_CHECK(done != nullptr);
    return {
        {"id", std::to_string(task.id.value)},
        {"command", task.spec->command},
        {"path", task.spec->path},
        {"group", task.spec->group},
        {"queued_count", std::to_string(callback.queued)},
        {"stashed_count", std::to_string(callback.stashed)},
        {"result", std::visit(ResultName(), done->result)},
        {"exit_code", exit_code_of(done->result)},
        {"start", std::to_string(done->start.seconds)},
        {"end", std::to_string(done->end.seconds)},
        {"output", output_of(log, log_lines)},
        {"output_path", log},
    };
}

}  // namespace

Result<Program> make_callback(
    const core::RunCallback& callback,
    const CallbackSettings& settings,
    const LaunchSettings& launch
) {
    const std::string log = log_path(launch.log_directory, callback.task.id);
    const TemplateVariables variables = variables_of(callback, settings.log_lines, log);
    TRY(const std::string command, render(settings.command, variables));
    Program program;
    program.environment = settings.environment;
    program.directory = settings.directory;
    CHECK_OK(fill_command_line(program, command, launch));
    return program;
}

}  // namespace pueue::runner
