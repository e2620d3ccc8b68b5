#include "client/view/json_view.hpp"

#include "protocol/base/clock.hpp"

#include <array>
#include <cstdio>

namespace pueue::client {

namespace {

void append_key(std::string& to, std::string_view key) {
    to += '"';
    to += key;
    to += "\":";
}

void append_time(std::string& to, std::string_view key, const WallTime& time) {
    append_key(to, key);
    append_json_string(to, to_rfc3339(time));
}

void append_text(std::string& to, std::string_view key, std::string_view text) {
    append_key(to, key);
    append_json_string(to, text);
}

void append_result(std::string& to, const TaskResult& result) {
    struct Visitor {
        std::string& to;

        void operator()(const Success&) const { to += "\"Success\""; }
        void operator()(const Failed& failed) const {
            to += "{\"Failed\":" + std::to_string(failed.exit_code) + "}";
        }
        void operator()(const FailedToSpawn& failed) const {
            to += "{\"FailedToSpawn\":";
            append_json_string(to, failed.reason);
            to += '}';
        }
        void operator()(const Killed&) const { to += "\"Killed\""; }
        void operator()(const Errored&) const { to += "\"Errored\""; }
        void operator()(const DependencyFailed&) const { to += "\"DependencyFailed\""; }
    };
    std::visit(Visitor{to}, result);
}

void append_status(std::string& to, const TaskStatus& status);

struct StatusWriter {
    std::string& to;

    void operator()(const Locked& locked) const {
        to += "{\"Locked\":{\"previous_status\":";
        append_status(to, *locked.previous_status);
        to += "}}";
    }
    void operator()(const Stashed& stashed) const {
        to += "{\"Stashed\":{";
        if (stashed.enqueue_at) {
            append_time(to, "enqueue_at", *stashed.enqueue_at);
        } else {
            to += "\"enqueue_at\":null";
        }
        to += "}}";
    }
    void operator()(const Queued& queued) const {
        to += "{\"Queued\":{";
        append_time(to, "enqueued_at", queued.enqueued_at);
        to += "}}";
    }
    void operator()(const Running& running) const {
        live("Running", running.enqueued_at, running.start);
    }
    void operator()(const Paused& paused) const {
        live("Paused", paused.enqueued_at, paused.start);
    }
    void operator()(const Done& done) const {
        to += "{\"Done\":{";
        append_time(to, "enqueued_at", done.enqueued_at);
        to += ',';
        append_time(to, "start", done.start);
        to += ',';
        append_time(to, "end", done.end);
        to += ",\"result\":";
        append_result(to, done.result);
        to += "}}";
    }
    void live(std::string_view name, const WallTime& enqueued_at, const WallTime& start) const {
        to += '{';
        append_key(to, name);
        to += '{';
        append_time(to, "enqueued_at", enqueued_at);
        to += ',';
        append_time(to, "start", start);
        to += "}}";
    }
};

void append_status(std::string& to, const TaskStatus& status) {
    std::visit(
        StatusWriter{to},
        static_cast<const std::variant<Locked, Stashed, Queued, Running, Paused, Done>&>(status)
    );
}

void append_environment(std::string& to, const Environment& environment) {
    to += '{';
    bool first = true;
    for (const auto& [name, value] : environment.variables()) {
        to += first ? "" : ",";
        first = false;
        append_json_string(to, name);
        to += ':';
        append_json_string(to, value);
    }
    to += '}';
}

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

}  // namespace

void append_json_string(std::string& to, std::string_view text) {
    to += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                to += "\\\"";
                break;
            case '\\':
                to += "\\\\";
                break;
            case '\n':
                to += "\\n";
                break;
            case '\r':
                to += "\\r";
                break;
            case '\t':
                to += "\\t";
                break;
            case '\b':
                to += "\\b";
                break;
            case '\f':
                to += "\\f";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    std::array<char, 8> escape{};
                    std::snprintf(
                        escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c)
                    );
                    to += escape.data();
                } else {
                    to += c;
                }
        }
    }
    to += '"';
}

void append_json_task(std::string& to, const Task& task, ShowEnvironment environment) {
    const TaskSpec& spec = *task.spec;
    to += "{\"id\":" + std::to_string(task.id.value) + ",";
    append_time(to, "created_at", task.created_at);
    to += ',';
    append_text(to, "original_command", spec.original_command);
    to += ',';
    append_text(to, "command", spec.command);
    to += ',';
    append_text(to, "path", spec.path);
    to += ",\"envs\":";
    append_environment(
        to, environment == ShowEnvironment::yes ? *spec.environment : *Environment::empty()
    );
    to += ',';
    append_text(to, "group", spec.group);
    to += ",\"dependencies\":[";
    for (std::size_t i = 0; i < spec.dependencies.size(); ++i) {
        to += (i == 0 ? "" : ",") + std::to_string(spec.dependencies[i].value);
    }
    to += "],\"priority\":" + std::to_string(spec.priority) + ",\"label\":";
    if (spec.label) {
        append_json_string(to, *spec.label);
    } else {
        to += "null";
    }
    to += ",\"status\":";
    append_status(to, task.status);
    to += '}';
}

std::string groups_to_json(const std::map<std::string, Group, std::less<>>& groups) {
    std::string out = "{";
    for (const auto& [name, group] : groups) {
        out += out.size() == 1 ? "" : ",";
        append_json_string(out, name);
        out += ":{\"status\":\"" + std::string(name_of(group.status)) +
               "\",\"parallel_tasks\":" + std::to_string(group.parallel_tasks) + "}";
    }
    return out + "}";
}

std::string status_to_json(
    std::span<const Task* const> tasks, const std::map<std::string, Group, std::less<>>& groups
) {
    std::string out = "{\"tasks\":{";
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        out += (i == 0 ? "\"" : ",\"") + std::to_string(tasks[i]->id.value) + "\":";
        append_json_task(out, *tasks[i], ShowEnvironment::yes);
    }
    return out + "},\"groups\":" + groups_to_json(groups) + "}";
}

}  // namespace pueue::client
