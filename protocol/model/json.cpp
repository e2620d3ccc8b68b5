#include "protocol/model/json.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace pueue {

namespace {

std::string_view name_of(GroupStatus status) {
    switch (status) {
        case GroupStatus::running:
            return "Running";
        case GroupStatus::paused:
            return "Paused";
        case GroupStatus::reset:
            break;
    }
    return "Reset";
}

// The letter behind the backslash; 0 if the character has no short escape.
char short_escape(char c) {
    constexpr std::string_view characters = "\"\\\n\r\t\b\f";
    constexpr std::string_view letters = "\"\\nrtbf";
    const std::size_t index = characters.find(c);
    return index == std::string_view::npos ? '\0' : letters[index];
}

}  // namespace

struct JsonWriter::Result {
    JsonWriter& json;

    void operator()(const Success&) const { json.to_ += "\"Success\""; }
    void operator()(const Failed& failed) const {
        json.to_ += "{\"Failed\":" + std::to_string(failed.exit_code) + "}";
    }
    void operator()(const FailedToSpawn& failed) const {
        json.to_ += '{';
        json.text("FailedToSpawn", failed.reason);
        json.to_ += '}';
    }
    void operator()(const Killed&) const { json.to_ += "\"Killed\""; }
    void operator()(const Errored&) const { json.to_ += "\"Errored\""; }
    void operator()(const DependencyFailed&) const { json.to_ += "\"DependencyFailed\""; }
};

struct JsonWriter::Status {
    JsonWriter& json;

    void operator()(const Locked& locked) const {
        json.to_ += "{\"Locked\":{\"previous_status\":";
        json.status(*locked.previous_status);
        json.to_ += "}}";
    }
    void operator()(const Stashed& stashed) const {
        json.to_ += "{\"Stashed\":{";
        if (stashed.enqueue_at) {
            json.time("enqueue_at", *stashed.enqueue_at);
        } else {
            json.to_ += "\"enqueue_at\":null";
        }
        json.to_ += "}}";
    }
    void operator()(const Queued& queued) const {
        json.to_ += "{\"Queued\":{";
        json.time("enqueued_at", queued.enqueued_at);
        json.to_ += "}}";
    }
    void operator()(const Running& running) const {
        live("Running", running.enqueued_at, running.start);
    }
    void operator()(const Paused& paused) const {
        live("Paused", paused.enqueued_at, paused.start);
    }
    void operator()(const Done& done) const {
        json.to_ += "{\"Done\":{";
        json.time("enqueued_at", done.enqueued_at);
        json.to_ += ',';
        json.time("start", done.start);
        json.to_ += ',';
        json.time("end", done.end);
        json.to_ += ",\"result\":";
        std::visit(Result{json}, done.result);
        json.to_ += "}}";
    }
    void live(std::string_view name, const WallTime& enqueued_at, const WallTime& start) const {
        json.to_ += '{';
        json.key(name);
        json.to_ += '{';
        json.time("enqueued_at", enqueued_at);
        json.to_ += ',';
        json.time("start", start);
        json.to_ += "}}";
    }
};

void JsonWriter::string(std::string_view text) {
    to_ += '"';
    for (const char c : text) {
        if (const char letter = short_escape(c)) {
            to_ += '\\';
            to_ += letter;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            to_ += "\\u00";
            to_ += static_cast<unsigned char>(c) < 0x10 ? '0' : '1';
            to_ += "0123456789abcdef"[static_cast<unsigned char>(c) & 0xfU];
        } else {
            to_ += c;
        }
    }
    to_ += '"';
}

void JsonWriter::key(std::string_view key) {
    to_ += '"';
    to_ += key;
    to_ += "\":";
}

void JsonWriter::time(std::string_view name, const WallTime& time) {
    key(name);
    to_ += '"';
    append_rfc3339(to_, time, local_);
    to_ += '"';
}

void JsonWriter::text(std::string_view name, std::string_view text) {
    key(name);
    string(text);
}

void JsonWriter::status(const TaskStatus& status) {
    std::visit(Status{*this}, static_cast<const TaskStatus::variant&>(status));
}

void JsonWriter::environment(const Task& task) {
    EnvironmentPtr shown = task.spec->environment;
    if (const std::optional<WorkerId> worker = visible_worker(task)) {
        shown = shown->with("PUEUE_GROUP", task.spec->group)
                    ->with("PUEUE_WORKER_ID", std::to_string(worker->value));
    }
    std::string_view separator;
    for (const auto& [name, value] : shown->variables()) {
        to_ += std::exchange(separator, ",");
        string(name);
        to_ += ':';
        string(value);
    }
}

void JsonWriter::task(const Task& task, ShowEnvironment show) {
    const TaskSpec& spec = *task.spec;
    to_ += "{\"id\":" + std::to_string(task.id.value) + ",";
    time("created_at", task.created_at);
    to_ += ',';
    text("original_command", spec.original_command);
    to_ += ',';
    text("command", spec.command);
    to_ += ',';
    text("path", spec.path);
    to_ += ",\"envs\":{";
    if (show == ShowEnvironment::yes) {
        environment(task);
    }
    to_ += "},";
    text("group", spec.group);
    to_ += ",\"dependencies\":[";
    std::string_view separator;
    for (const TaskId id : spec.dependencies) {
        to_ += std::exchange(separator, ",");
        to_ += std::to_string(id.value);
    }
    to_ += "],\"priority\":" + std::to_string(spec.priority) + ",";
    key("label");
    if (spec.label) {
        string(*spec.label);
    } else {
        to_ += "null";
    }
    to_ += ',';
    key("status");
    status(task.status);
    to_ += '}';
}

void JsonWriter::task_member(const Task& one) {
    key(std::to_string(one.id.value));
    task(one, ShowEnvironment::yes);
}

void JsonWriter::groups(const std::map<std::string, Group, std::less<>>& groups) {
    std::string_view separator;
    to_ += '{';
    for (const auto& [name, group] : groups) {
        to_ += std::exchange(separator, ",");
        string(name);
        to_ += ":{";
        text("status", name_of(group.status));
        to_ += ",\"parallel_tasks\":" + std::to_string(group.parallel_tasks) + "}";
    }
    to_ += '}';
}

std::string status_to_json(
    std::span<const Task* const> tasks, const std::map<std::string, Group, std::less<>>& groups
) {
    std::string out = "{\"tasks\":{";
    JsonWriter json(out);
    std::string_view separator;
    for (const Task* task : tasks) {
        out += std::exchange(separator, ",");
        json.task_member(*task);
    }
    out += "},\"groups\":";
    json.groups(groups);
    return out + "}";
}

}  // namespace pueue
