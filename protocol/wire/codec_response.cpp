#include "protocol/wire/codec.hpp"
#include "protocol/wire/codec_shapes.hpp"
#include "protocol/wire/decoder.hpp"
#include "protocol/wire/encoder.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace pueue::wire {

template <>
inline constexpr auto shape::of<GroupStatus> = shape::names("Running", "Paused", "Reset");
template <>
inline constexpr auto shape::of<Group> = shape::record(
    "struct Group",
    shape::field("status", &Group::status),
    shape::field("parallel_tasks", &Group::parallel_tasks)
);
template <>
inline constexpr auto shape::of<State> = shape::record(
    "struct State", shape::field("tasks", &State::tasks), shape::field("groups", &State::groups)
);
template <>
inline constexpr auto shape::of<TaskLog> = shape::record(
    "struct TaskLogResponse",
    shape::field("task", &TaskLog::task),
    shape::field("output_complete", &TaskLog::output_complete),
    shape::octets("output", &TaskLog::output)
);

template <>
inline constexpr auto shape::of<Response> = shape::choice(
    "AddedTask", "Edit", "Status", "Log", "Group", "Stream", "Success", "Failure", "Close"
);

template <>
inline constexpr auto shape::of<AddedTaskResponse> = shape::record(
    "struct AddedTaskResponse",
    shape::field("task_id", &AddedTaskResponse::task_id),
    shape::field("enqueue_at", &AddedTaskResponse::enqueue_at),
    shape::field("group_is_paused", &AddedTaskResponse::group_is_paused),
    shape::extra("ext", &AddedTaskResponse::ext)
);
template <>
inline constexpr auto shape::of<AddedTaskExtension> = shape::record(
    "struct AddedTaskExtension",
    shape::field("outcome", &AddedTaskExtension::outcome),
    shape::extra("warning", &AddedTaskExtension::warning)
);
template <>
inline constexpr auto shape::of<EditResponse> = shape::newtype(&EditResponse::tasks);
template <>
inline constexpr auto shape::of<StatusResponse> = shape::newtype(&StatusResponse::state);
template <>
inline constexpr auto shape::of<LogResponse> = shape::newtype(&LogResponse::tasks);
template <>
inline constexpr auto shape::of<GroupResponse> =
    shape::record("struct GroupResponse", shape::field("groups", &GroupResponse::groups));
template <>
inline constexpr auto shape::of<StreamResponse> =
    shape::record("struct StreamResponse", shape::field("logs", &StreamResponse::logs));
template <>
inline constexpr auto shape::of<SuccessResponse> = shape::newtype(&SuccessResponse::text);
template <>
inline constexpr auto shape::of<FailureResponse> = shape::newtype(&FailureResponse::text);
template <>
inline constexpr auto shape::of<CloseResponse> = shape::Unit();

namespace {

// Field names, times and numbers of one task; what is longer is added by name.
constexpr std::size_t task_bytes_usual = 512;

// One allocation for hundreds of megabytes. A guess that is too small costs a copy, no more.
std::size_t expected_bytes(const Task& task) {
    const TaskSpec& spec = *task.spec;
    const std::size_t environment = spec.environment ? spec.environment->encoded().size() : 0;
    return task_bytes_usual + environment + spec.original_command.size() + spec.command.size() +
           spec.path.size() + 2 * spec.group.size() + 9 * spec.dependencies.size();
}

}  // namespace

Bytes encode_status_response(const State& state) {
    std::size_t expected = 64 * (state.groups.size() + 1);
    for (const auto& [id, task] : state.tasks) {
        expected += expected_bytes(task);
    }
    Bytes payload;
    payload.reserve(expected);
    Encoder encode(payload);
    encode.begin_variant("Status");
    encode(state);
    return payload;
}

Bytes encode_group_response(const std::map<std::string, Group, std::less<>>& groups) {
    Bytes payload;
    Encoder encode(payload);
    encode.begin_variant("Group");
    encode.map(1);
    encode.member("groups", groups);
    return payload;
}

Bytes encode_log_response(std::span<const TaskLogView> tasks) {
    std::size_t expected = 16;
    for (const TaskLogView& log : tasks) {
        expected += expected_bytes(log.task) + (log.output ? 2 * log.output->size() : 0);
    }
    Bytes payload;
    payload.reserve(expected);
    Encoder encode(payload);
    encode.begin_variant("Log");
    encode.map(tasks.size());
    for (const TaskLogView& log : tasks) {
        encode(log.task.id);
        encode.map(decltype(shape::of<TaskLog>)::size);
        encode.member("task", log.task);
        encode.member("output_complete", log.output_complete);
        encode.octets_member("output", log.output);
    }
    return payload;
}

Bytes encode_response(const Response& response) {
    if (const auto* status = std::get_if<StatusResponse>(&response)) {
        return encode_status_response(status->state);
    }
    Bytes payload;
    Encoder encode(payload);
    encode(response);
    return payload;
}

Decoded<Response> decode_response(ByteView payload, EnvironmentPool* pool) {
    EnvironmentPool of_this_response;
    Reader in(payload);
    Decoder decode(in, pool != nullptr ? pool : &of_this_response);
    Response response;
    decode(response);
    if (in.failed()) {
        return DecodeError{is_well_formed(payload), in.error_text()};
    }
    return response;
}

void throw_exception_from_error(const DecodeError& error, const boost::source_location& where) {
    pueue::throw_exception_from_error(Error(error), where);
}

}  // namespace pueue::wire
