#include "tests/client/states.hpp"

#include <boost/json.hpp>
#include <boost/json/src.hpp>

#include <memory>

namespace pueue::client::test {

namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
    return std::string(value.as_string());
}

WallTime time_of(const json::value& value) {
    return from_rfc3339(text_of(value)).value();
}

TaskResult result_of(const json::value& value) {
    if (value.is_string()) {
        const std::string name = text_of(value);
        if (name == "Success") {
            return Success{};
        }
        if (name == "Killed") {
            return Killed{};
        }
        if (name == "Errored") {
            return Errored{};
        }
        return DependencyFailed{};
    }
    const auto& object = value.as_object();
    if (const auto* code = object.if_contains("Failed")) {
        return Failed{static_cast<std::int32_t>(code->as_int64())};
    }
    return FailedToSpawn{text_of(object.at("FailedToSpawn"))};
}

TaskStatus status_of(const json::value& value) {
    const auto& [name, content] = *value.as_object().begin();
    const auto& fields = content.as_object();
    if (name == "Locked") {
        return Locked{std::make_shared<TaskStatus>(status_of(fields.at("previous_status")))};
    }
    if (name == "Stashed") {
        const auto& at = fields.at("enqueue_at");
        return Stashed{at.is_null() ? std::nullopt : std::optional(time_of(at))};
    }
    if (name == "Queued") {
        return Queued{time_of(fields.at("enqueued_at"))};
    }
    if (name == "Running") {
        return Running{time_of(fields.at("enqueued_at")), time_of(fields.at("start"))};
    }
    if (name == "Paused") {
        return Paused{time_of(fields.at("enqueued_at")), time_of(fields.at("start"))};
    }
    return Done{
        time_of(fields.at("enqueued_at")),
        time_of(fields.at("start")),
        time_of(fields.at("end")),
        result_of(fields.at("result"))};
}

Task task_of(const json::object& object) {
    auto spec = std::make_shared<TaskSpec>();
    spec->original_command = text_of(object.at("original_command"));
    spec->command = text_of(object.at("command"));
    spec->path = text_of(object.at("path"));
    spec->group = text_of(object.at("group"));
    spec->priority = static_cast<std::int32_t>(object.at("priority").as_int64());
    std::vector<Environment::Variable> variables;
    for (const auto& [name, value] : object.at("envs").as_object()) {
        variables.emplace_back(name, value.as_string());
    }
    spec->environment = Environment::of(std::move(variables));
    for (const auto& id : object.at("dependencies").as_array()) {
        spec->dependencies.push_back(TaskId{id.to_number<std::uint64_t>()});
    }
    if (!object.at("label").is_null()) {
        spec->label = text_of(object.at("label"));
    }
    Task task;
    task.id.value = object.at("id").to_number<std::uint64_t>();
    task.created_at = time_of(object.at("created_at"));
    task.status = status_of(object.at("status"));
    task.spec = std::move(spec);
    return task;
}

}  // namespace

State state_from_json(const std::string& text) {
    const json::value document = json::parse(text);
    State state;
    for (const auto& [id, task] : document.at("tasks").as_object()) {
        Task read = task_of(task.as_object());
        state.tasks[read.id] = std::move(read);
    }
    for (const auto& [name, group] : document.at("groups").as_object()) {
        const std::string status = text_of(group.at("status"));
        state.groups[std::string(name)] = Group{
            status == "Running"  ? GroupStatus::running
            : status == "Paused" ? GroupStatus::paused
                                 : GroupStatus::reset,
            group.at("parallel_tasks").to_number<std::uint64_t>()};
    }
    return state;
}

}  // namespace pueue::client::test
