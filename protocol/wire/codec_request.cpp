#include "protocol/wire/codec.hpp"
#include "protocol/wire/codec_shapes.hpp"
#include "protocol/wire/decoder.hpp"
#include "protocol/wire/encoder.hpp"

#include <tuple>
#include <utility>

namespace pueue::wire {

namespace {

// Two requests whose wire form says in a variant what their struct says more simply.
struct AllGroups {};
using ResetTarget = std::variant<AllGroups, std::vector<std::string>>;
struct WireReset {
    ResetTarget target;
};
enum class WireShutdown { emergency, graceful, keep };

WireReset to_wire(const ResetRequest& request) {
    if (request.groups) {
        return {*request.groups};
    }
    return {AllGroups()};
}

ResetRequest from_wire(WireReset reset) {
    if (auto* groups = std::get_if<std::vector<std::string>>(&reset.target)) {
        return {std::move(*groups)};
    }
    return {};
}

WireShutdown to_wire(const ShutdownRequest& request) {
    if (request.keeps_tasks) {
        return WireShutdown::keep;
    }
    return request.graceful ? WireShutdown::graceful : WireShutdown::emergency;
}

ShutdownRequest from_wire(WireShutdown shutdown) {
    return {shutdown != WireShutdown::emergency, shutdown == WireShutdown::keep};
}

using GroupChange = decltype(GroupRequest::what);
using EnvChange = decltype(EnvRequest::change);

}  // namespace

template <>
inline constexpr auto shape::of<TaskSelection> = shape::choice("TaskIds", "Group", "All");
template <>
inline constexpr auto shape::of<AllTasks> = shape::Unit();

template <>
inline constexpr auto shape::of<Signal> =
    shape::names("SigInt", "SigKill", "SigTerm", "SigCont", "SigStop");

template <>
inline constexpr auto shape::of<TaskToRestart> = shape::record(
    "struct TaskToRestart",
    shape::field("task_id", &TaskToRestart::task_id),
    shape::field("original_command", &TaskToRestart::original_command),
    shape::field("path", &TaskToRestart::path),
    shape::field("label", &TaskToRestart::label),
    shape::field("priority", &TaskToRestart::priority)
);

template <>
inline constexpr auto shape::of<EnvChange> = shape::choice("Set", "Unset");
template <>
inline constexpr auto shape::of<EnvSet> = shape::variant_record(
    "struct variant EnvRequest::Set",
    shape::field("task_id", &EnvSet::task_id),
    shape::field("key", &EnvSet::key),
    shape::field("value", &EnvSet::value)
);
template <>
inline constexpr auto shape::of<EnvUnset> = shape::variant_record(
    "struct variant EnvRequest::Unset",
    shape::field("task_id", &EnvUnset::task_id),
    shape::field("key", &EnvUnset::key)
);

template <>
inline constexpr auto shape::of<GroupChange> = shape::choice("Add", "Remove", "List");
template <>
inline constexpr auto shape::of<GroupAdd> = shape::variant_record(
    "struct variant GroupRequest::Add",
    shape::field("name", &GroupAdd::name),
    shape::field("parallel_tasks", &GroupAdd::parallel_tasks)
);
template <>
inline constexpr auto shape::of<GroupRemove> = shape::newtype(&GroupRemove::name);
template <>
inline constexpr auto shape::of<GroupList> = shape::Unit();

template <>
inline constexpr auto shape::of<WireReset> =
    shape::record("struct ResetRequest", shape::field("target", &WireReset::target));
template <>
inline constexpr auto shape::of<ResetTarget> = shape::choice("All", "Groups");
template <>
inline constexpr auto shape::of<AllGroups> = shape::Unit();

template <>
inline constexpr auto shape::of<WireShutdown> = shape::names("Emergency", "Graceful", "Keep");

template <>
inline constexpr auto shape::of<Request> = shape::choice(
    "Add",
    "Remove",
    "Switch",
    "Stash",
    "Enqueue",
    "Start",
    "Restart",
    "Pause",
    "Kill",
    "Send",
    "EditRequest",
    "EditRestore",
    "EditedTasks",
    "Env",
    "Group",
    "Parallel",
    "Status",
    "Log",
    "Stream",
    "Reset",
    "Clean",
    "DaemonShutdown"
);

template <>
inline constexpr auto shape::of<AddRequest> = shape::record(
    "struct AddRequest",
    shape::field("command", &AddRequest::command),
    shape::field("path", &AddRequest::path),
    shape::field("envs", &AddRequest::envs),
    shape::field("start_immediately", &AddRequest::start_immediately),
    shape::field("stashed", &AddRequest::stashed),
    shape::field("group", &AddRequest::group),
    shape::field("enqueue_at", &AddRequest::enqueue_at),
    shape::field("dependencies", &AddRequest::dependencies),
    shape::field("priority", &AddRequest::priority),
    shape::field("label", &AddRequest::label),
    shape::extra("ext", &AddRequest::ext)
);
template <>
inline constexpr auto shape::of<AddExtension> = shape::record(
    "struct AddExtension",
    shape::extra("copy_of", &AddExtension::copy_of),
    shape::extra("id_conflict_policy", &AddExtension::id_conflict_policy),
    shape::extra("id_reuse_policy", &AddExtension::id_reuse_policy),
    shape::extra("on_reject", &AddExtension::on_reject),
    shape::extra("restart", &AddExtension::restart)
);
template <>
inline constexpr auto shape::of<StartExtension> = shape::record(
    "struct StartExtension", shape::field("force_attempt", &StartExtension::force_attempt)
);
template <>
inline constexpr auto shape::of<RemoveRequest> = shape::newtype(&RemoveRequest::tasks);
template <>
inline constexpr auto shape::of<SwitchRequest> = shape::record(
    "struct SwitchRequest",
    shape::field("task_id_1", &SwitchRequest::task_id_1),
    shape::field("task_id_2", &SwitchRequest::task_id_2)
);
template <>
inline constexpr auto shape::of<StashRequest> = shape::record(
    "struct StashRequest",
    shape::field("tasks", &StashRequest::tasks),
    shape::field("enqueue_at", &StashRequest::enqueue_at)
);
template <>
inline constexpr auto shape::of<EnqueueRequest> = shape::record(
    "struct EnqueueRequest",
    shape::field("tasks", &EnqueueRequest::tasks),
    shape::field("enqueue_at", &EnqueueRequest::enqueue_at)
);
template <>
inline constexpr auto shape::of<StartRequest> = shape::record(
    "struct StartRequest",
    shape::field("tasks", &StartRequest::tasks),
    shape::extra("ext", &StartRequest::ext)
);
template <>
inline constexpr auto shape::of<RestartRequest> = shape::record(
    "struct RestartRequest",
    shape::field("tasks", &RestartRequest::tasks),
    shape::field("start_immediately", &RestartRequest::start_immediately),
    shape::field("stashed", &RestartRequest::stashed)
);
template <>
inline constexpr auto shape::of<PauseRequest> = shape::record(
    "struct PauseRequest",
    shape::field("tasks", &PauseRequest::tasks),
    shape::field("wait", &PauseRequest::wait)
);
template <>
inline constexpr auto shape::of<KillRequest> = shape::record(
    "struct KillRequest",
    shape::field("tasks", &KillRequest::tasks),
    shape::field("signal", &KillRequest::signal)
);
template <>
inline constexpr auto shape::of<SendRequest> = shape::record(
    "struct SendRequest",
    shape::field("task_id", &SendRequest::task_id),
    shape::field("input", &SendRequest::input)
);
template <>
inline constexpr auto shape::of<EditRequest> = shape::newtype(&EditRequest::tasks);
template <>
inline constexpr auto shape::of<EditRestoreRequest> = shape::newtype(&EditRestoreRequest::tasks);
template <>
inline constexpr auto shape::of<EditedTasksRequest> = shape::newtype(&EditedTasksRequest::tasks);
template <>
inline constexpr auto shape::of<EnvRequest> = shape::newtype(&EnvRequest::change);
template <>
inline constexpr auto shape::of<GroupRequest> = shape::newtype(&GroupRequest::what);
template <>
inline constexpr auto shape::of<ParallelRequest> = shape::record(
    "struct ParallelRequest",
    shape::field("parallel_tasks", &ParallelRequest::parallel_tasks),
    shape::field("group", &ParallelRequest::group)
);
template <>
inline constexpr auto shape::of<StatusRequest> = shape::Unit();
template <>
inline constexpr auto shape::of<LogRequest> = shape::record(
    "struct LogRequest",
    shape::field("tasks", &LogRequest::tasks),
    shape::field("send_logs", &LogRequest::send_logs),
    shape::field("lines", &LogRequest::lines)
);
template <>
inline constexpr auto shape::of<StreamRequest> = shape::record(
    "struct StreamRequest",
    shape::field("tasks", &StreamRequest::tasks),
    shape::field("lines", &StreamRequest::lines)
);
template <>
inline constexpr auto shape::of<ResetRequest> =
    shape::converted<ResetRequest, WireReset>(to_wire, from_wire);
template <>
inline constexpr auto shape::of<CleanRequest> = shape::record(
    "struct CleanRequest",
    shape::field("successful_only", &CleanRequest::successful_only),
    shape::field("group", &CleanRequest::group)
);
template <>
inline constexpr auto shape::of<ShutdownRequest> =
    shape::converted<ShutdownRequest, WireShutdown>(to_wire, from_wire);

bool AddRequest::operator==(const AddRequest& other) const {
    const auto rest = [](const AddRequest& r) {
        return std::tie(
            r.command,
            r.path,
            r.start_immediately,
            r.stashed,
            r.group,
            r.enqueue_at,
            r.dependencies,
            r.priority,
            r.label,
            r.ext
        );
    };
    const bool same_envs = envs == other.envs || (envs && other.envs && *envs == *other.envs);
    return same_envs && rest(*this) == rest(other);
}

Decoded<Request> decode_request(ByteView payload, EnvironmentPool* pool) {
    Reader in(payload);
    Decoder decode(in, pool);
    Request request;
    decode(request);
    if (in.failed()) {
        return DecodeError{is_well_formed(payload), in.error_text()};
    }
    return request;
}

Bytes encode_request(const Request& request) {
    Bytes payload;
    Encoder encode(payload);
    encode(request);
    return payload;
}

}  // namespace pueue::wire
