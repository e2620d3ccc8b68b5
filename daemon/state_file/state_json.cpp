#include "daemon/state_file/state_json.hpp"

#include "daemon/state_file/json_reader.hpp"
#include "protocol/base/text.hpp"
#include "protocol/model/json.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>
#include <vector>

namespace pueue::state_file {

namespace {

constexpr std::size_t piece_bytes = std::size_t{256} * 1024;

template <class Read>
struct Field {
    std::string_view name;
    Read read;
    bool is_required = true;
    bool is_there = false;
};
template <class Read>
Field(std::string_view, Read) -> Field<Read>;
template <class Read>
Field(std::string_view, Read, bool) -> Field<Read>;

constexpr bool optional = false;

// An object with these fields, in any order, among others.
template <class... Reads>
void read_struct(JsonReader& in, Field<Reads>... fields) {
    for (JsonReader::Object members = in.object(); members.next();) {
        const auto take = [&](auto& field) {
            if (field.name != members.key()) {
                return false;
            }
            if (std::exchange(field.is_there, true)) {
                in.fail("duplicate field `" + std::string(field.name) + "`");
            }
            field.read();
            return true;
        };
        if (!(take(fields) || ...)) {
            in.skip();
        }
    }
    const auto check = [&](const auto& field) {
        if (field.is_required && !field.is_there) {
            in.fail("missing field `" + std::string(field.name) + "`");
        }
    };
    (check(fields), ...);
}

void unknown(JsonReader& in, std::string_view what, std::string_view name) {
    in.fail("unknown " + std::string(what) + " `" + std::string(name) + "`");
}

WallTime read_time(JsonReader& in) {
    const std::string_view text = in.string();
    const Result<WallTime> time = from_rfc3339(text);
    if (time.has_error()) {
        in.fail(time.error().text);
        return {};
    }
    return *time;
}

template <class Read>
auto read_optional(JsonReader& in, Read read) {
    return in.take_null() ? std::nullopt : std::optional(read(in));
}

std::string read_text(JsonReader& in) {
    return std::string(in.string());
}

TaskResult read_named_result(JsonReader& in) {
    const std::string_view name = in.string();
    if (name == "Success") {
        return Success{};
    }
    if (name == "Killed") {
        return Killed{};
    }
    if (name == "Errored") {
        return Errored{};
    }
    if (name != "DependencyFailed") {
        unknown(in, "result", name);
    }
    return DependencyFailed{};
}

TaskResult read_result(JsonReader& in) {
    if (in.at_string()) {
        return read_named_result(in);
    }
    TaskResult result;
    JsonReader::Object variant = in.object();
    if (!variant.next()) {
        in.fail("a result without a name");
    } else if (variant.key() == "Failed") {
        result = Failed{in.i32()};
    } else if (variant.key() == "FailedToSpawn") {
        result = FailedToSpawn{read_text(in)};
    } else {
        unknown(in, "result", variant.key());
    }
    if (variant.next()) {
        in.fail("a result with two names");
    }
    return result;
}

TaskStatus read_status(JsonReader& in);

// Nesting is bounded by the reader.
TaskStatus read_locked(JsonReader& in) {  // NOLINT(misc-no-recursion)
    Locked locked;
    read_struct(in, Field{"previous_status", [&] {
                              locked.previous_status =
                                  std::make_shared<const TaskStatus>(read_status(in));
                          }});
    return locked;
}

TaskStatus read_stashed(JsonReader& in) {
    Stashed stashed;
    const auto read = [&] { stashed.enqueue_at = read_optional(in, read_time); };
    read_struct(in, Field{"enqueue_at", read, optional});
    return stashed;
}

TaskStatus read_queued(JsonReader& in) {
    Queued queued;
    read_struct(in, Field{"enqueued_at", [&] { queued.enqueued_at = read_time(in); }});
    return queued;
}

// Running and Paused.
template <class Status>
TaskStatus read_live(JsonReader& in) {
    Status status;
    read_struct(
        in,
        Field{"enqueued_at", [&] { status.enqueued_at = read_time(in); }},
        Field{"start", [&] { status.start = read_time(in); }}
    );
    return status;
}

TaskStatus read_done(JsonReader& in) {
    Done done;
    read_struct(
        in,
        Field{"enqueued_at", [&] { done.enqueued_at = read_time(in); }},
        Field{"start", [&] { done.start = read_time(in); }},
        Field{"end", [&] { done.end = read_time(in); }},
        Field{"result", [&] { done.result = read_result(in); }}
    );
    return done;
}

TaskStatus read_status_named(JsonReader& in, std::string_view name) {  // NOLINT(misc-no-recursion)
    if (name == "Locked") {
        return read_locked(in);
    }
    if (name == "Stashed") {
        return read_stashed(in);
    }
    if (name == "Queued") {
        return read_queued(in);
    }
    if (name == "Running") {
        return read_live<Running>(in);
    }
    if (name == "Paused") {
        return read_live<Paused>(in);
    }
    if (name == "Done") {
        return read_done(in);
    }
    unknown(in, "status", name);
    return {};
}

TaskStatus read_status(JsonReader& in) {  // NOLINT(misc-no-recursion)
    JsonReader::Object variant = in.object();
    if (!variant.next()) {
        in.fail("a status without a name");
        return {};
    }
    TaskStatus status = read_status_named(in, variant.key());
    if (variant.next()) {
        in.fail("a status with two names");
    }
    return status;
}

EnvironmentPtr read_environment(JsonReader& in, EnvironmentPool& environments) {
    std::vector<Environment::Variable> variables;
    for (JsonReader::Object members = in.object(); members.next();) {
        variables.emplace_back(members.key(), in.string());
    }
    return environments.intern(Environment::of(std::move(variables)));
}

std::vector<TaskId> read_dependencies(JsonReader& in) {
    std::vector<TaskId> ids;
    for (JsonReader::Array items = in.array(); items.next();) {
        ids.push_back(TaskId{in.u64()});
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

Task read_task(JsonReader& in, EnvironmentPool& environments) {
    Task task;
    TaskSpec spec;
    read_struct(
        in,
        Field{"id", [&] { task.id = TaskId{in.u64()}; }},
        Field{"created_at", [&] { task.created_at = read_time(in); }},
        Field{"original_command", [&] { spec.original_command = read_text(in); }},
        Field{"command", [&] { spec.command = read_text(in); }},
        Field{"path", [&] { spec.path = read_text(in); }},
        Field{"envs", [&] { spec.environment = read_environment(in, environments); }},
        Field{"group", [&] { spec.group = read_text(in); }},
        Field{"dependencies", [&] { spec.dependencies = read_dependencies(in); }},
        Field{"priority", [&] { spec.priority = in.i32(); }},
        Field{"label", [&] { spec.label = read_optional(in, read_text); }, optional},
        Field{"status", [&] { task.status = read_status(in); }}
    );
    task.spec = std::make_shared<const TaskSpec>(std::move(spec));
    return task;
}

// What addresses a task is the name of its member, whatever the id inside says.
TaskId read_id(JsonReader& in, std::string_view key) {
    TaskId id;
    const char* end = key.data() + key.size();
    const auto [stopped, error] = std::from_chars(key.data(), end, id.value);
    // The largest number is no id: no other could come after it.
    if (error != std::errc() || stopped != end || key != std::to_string(id.value) ||
        id.value + 1 == 0) {
        unknown(in, "id of a task:", key);
    }
    return id;
}

void read_tasks(JsonReader& in, EnvironmentPool& environments, Content& to) {
    for (JsonReader::Object members = in.object(); members.next();) {
        const TaskId id = read_id(in, members.key());
        Task task = read_task(in, environments);
        task.id = id;
        to.tasks.insert_or_assign(to.tasks.end(), id, std::move(task));
    }
}

GroupStatus read_group_status(JsonReader& in) {
    const std::string_view name = in.string();
    if (name == "Running") {
        return GroupStatus::running;
    }
    if (name == "Paused") {
        return GroupStatus::paused;
    }
    if (name != "Reset") {
        unknown(in, "status of a group", name);
    }
    return GroupStatus::reset;
}

void read_groups(JsonReader& in, Content& to) {
    for (JsonReader::Object members = in.object(); members.next();) {
        std::string name(members.key());
        Group group;
        read_struct(
            in,
            Field{"status", [&] { group.status = read_group_status(in); }},
            Field{"parallel_tasks", [&] { group.parallel_tasks = in.u64(); }}
        );
        to.groups.insert_or_assign(std::move(name), group);
    }
}

}  // namespace

Result<Content> decode(Bytes text, EnvironmentPool& environments) {
    if (!is_utf8(text)) {
        return invalid("stream did not contain valid UTF-8");
    }
    Content content;
    JsonReader in(text);
    const auto read_mark = [&] {
        read_struct(in, Field{"store", [&] { content.store = read_text(in); }});
    };
    read_struct(
        in,
        Field{"tasks", [&] { read_tasks(in, environments, content); }},
        Field{"groups", [&] { read_groups(in, content); }},
        Field{"pueue_plus_plus", read_mark, optional}
    );
    in.end();
    if (in.failed()) {
        return in.error();
    }
    return content;
}

std::string ending(std::string_view store) {
    return ",\"pueue_plus_plus\":{\"store\":\"" + std::string(store) + "\"}}";
}

Result<> encode(const State& state, std::string_view store, const Sink& sink) {
    std::string piece = "{\"tasks\":{";
    JsonWriter json(piece);
    std::string_view separator;
    for (const auto& [id, task] : state.tasks) {
        piece += std::exchange(separator, ",");
        json.task_member(task);
        if (piece.size() >= piece_bytes) {
            CHECK_OK(sink(piece));
            piece.clear();
        }
    }
    piece += "},\"groups\":";
    json.groups(state.groups);
    piece += ending(store);
    return sink(piece);
}

}  // namespace pueue::state_file
