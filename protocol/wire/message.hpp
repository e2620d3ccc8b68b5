// One struct per request and response, with the names of the wire (pueued 3.1 and 3.2).
// The variants list them in the order of the contract.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/model/state.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pueue::wire {

enum class Signal { sig_int, sig_kill, sig_term, sig_cont, sig_stop };

// What 4.0.4 does not know travels in a map `ext`, which it skips. It is there only if something is
// in it.

/// Policies are in their words (model/policy.hpp).
struct AddExtension {
    std::optional<TaskId> copy_of;  ///< surely not a restart of that task, but a copy
    std::optional<std::string> id_conflict_policy;
    std::optional<std::string> id_reuse_policy;
    std::optional<std::string> on_reject;
    std::optional<std::string> restart;
    bool operator==(const AddExtension&) const = default;
};
struct StartExtension {
    bool force_attempt = false;
    bool operator==(const StartExtension&) const = default;
};
struct AddedTaskExtension {
    std::string outcome;  ///< added, existing, skipped, restarted
    std::optional<std::string> warning;
    bool operator==(const AddedTaskExtension&) const = default;
};

struct AddRequest {
    std::string command;
    std::string path;
    EnvironmentPtr envs;
    bool start_immediately = false;
    bool stashed = false;
    std::string group;
    std::optional<WallTime> enqueue_at;
    std::vector<TaskId> dependencies;
    std::optional<std::int32_t> priority;
    std::optional<std::string> label;
    std::optional<AddExtension> ext = {};

    /// By content: equal environments need not be one object.
    bool operator==(const AddRequest& other) const;
};
struct RemoveRequest {
    std::vector<TaskId> tasks;
    bool operator==(const RemoveRequest&) const = default;
};
struct SwitchRequest {
    TaskId task_id_1;
    TaskId task_id_2;
    bool operator==(const SwitchRequest&) const = default;
};
struct StashRequest {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
    bool operator==(const StashRequest&) const = default;
};
struct EnqueueRequest {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
    bool operator==(const EnqueueRequest&) const = default;
};
struct StartRequest {
    TaskSelection tasks;
    std::optional<StartExtension> ext = {};
    bool operator==(const StartRequest&) const = default;
};
struct TaskToRestart {
    TaskId task_id;
    std::string original_command;
    std::string path;
    std::optional<std::string> label;
    std::int32_t priority = 0;
    bool operator==(const TaskToRestart&) const = default;
};
struct RestartRequest {
    std::vector<TaskToRestart> tasks;
    bool start_immediately = false;
    bool stashed = false;
    bool operator==(const RestartRequest&) const = default;
};
struct PauseRequest {
    TaskSelection tasks;
    bool wait = false;
    bool operator==(const PauseRequest&) const = default;
};
struct KillRequest {
    TaskSelection tasks;
    std::optional<Signal> signal;
    bool operator==(const KillRequest&) const = default;
};
struct SendRequest {
    TaskId task_id;
    std::string input;
    bool operator==(const SendRequest&) const = default;
};
struct EditRequest {
    std::vector<TaskId> tasks;
    bool operator==(const EditRequest&) const = default;
};
struct EditRestoreRequest {
    std::vector<TaskId> tasks;
    bool operator==(const EditRestoreRequest&) const = default;
};
/// On the wire its original_command is called `command`.
struct EditableTask {
    TaskId id;
    std::string original_command;
    std::string path;
    std::optional<std::string> label;
    std::int32_t priority = 0;
    bool operator==(const EditableTask&) const = default;
};
struct EditedTasksRequest {
    std::vector<EditableTask> tasks;
    bool operator==(const EditedTasksRequest&) const = default;
};
struct EnvSet {
    TaskId task_id;
    std::string key;
    std::string value;
    bool operator==(const EnvSet&) const = default;
};
struct EnvUnset {
    TaskId task_id;
    std::string key;
    bool operator==(const EnvUnset&) const = default;
};
struct EnvRequest {
    std::variant<EnvSet, EnvUnset> change;
    bool operator==(const EnvRequest&) const = default;
};
struct GroupAdd {
    std::string name;
    std::optional<std::uint64_t> parallel_tasks;
    bool operator==(const GroupAdd&) const = default;
};
struct GroupRemove {
    std::string name;
    bool operator==(const GroupRemove&) const = default;
};
struct GroupList {
    bool operator==(const GroupList&) const = default;
};
struct GroupRequest {
    std::variant<GroupAdd, GroupRemove, GroupList> what;
    bool operator==(const GroupRequest&) const = default;
};
struct ParallelRequest {
    std::uint64_t parallel_tasks = 1;
    std::string group;
    bool operator==(const ParallelRequest&) const = default;
};
struct StatusRequest {
    bool operator==(const StatusRequest&) const = default;
};
struct LogRequest {
    TaskSelection tasks;
    bool send_logs = false;
    std::optional<std::uint64_t> lines;
    bool operator==(const LogRequest&) const = default;
};
struct StreamRequest {
    TaskSelection tasks;
    std::optional<std::uint64_t> lines;
    bool operator==(const StreamRequest&) const = default;
};
struct ResetRequest {
    std::optional<std::vector<std::string>> groups;  ///< none: All
    bool operator==(const ResetRequest&) const = default;
};
struct CleanRequest {
    bool successful_only = false;
    std::optional<std::string> group;
    bool operator==(const CleanRequest&) const = default;
};
struct ShutdownRequest {
    bool graceful = true;  ///< false: Emergency
    /// Graceful, but tasks run on. A word that the original does not know: it refuses the request,
    /// and so does not kill what was to be kept.
    bool keeps_tasks = false;
    bool operator==(const ShutdownRequest&) const = default;
};

using Request = std::variant<
    AddRequest,
    RemoveRequest,
    SwitchRequest,
    StashRequest,
    EnqueueRequest,
    StartRequest,
    RestartRequest,
    PauseRequest,
    KillRequest,
    SendRequest,
    EditRequest,
    EditRestoreRequest,
    EditedTasksRequest,
    EnvRequest,
    GroupRequest,
    ParallelRequest,
    StatusRequest,
    LogRequest,
    StreamRequest,
    ResetRequest,
    CleanRequest,
    ShutdownRequest>;

struct AddedTaskResponse {
    TaskId task_id;
    std::optional<WallTime> enqueue_at;
    bool group_is_paused = false;
    std::optional<AddedTaskExtension> ext = {};
    bool operator==(const AddedTaskResponse&) const = default;
};
struct EditResponse {
    std::vector<EditableTask> tasks;
    bool operator==(const EditResponse&) const = default;
};
struct StatusResponse {
    State state;
    bool operator==(const StatusResponse&) const = default;
};
struct TaskLog {
    Task task;
    bool output_complete = true;
    std::optional<Bytes> output;  ///< a snappy frame stream (snappy_frame.hpp)
    bool operator==(const TaskLog&) const = default;
};
struct LogResponse {
    std::map<TaskId, TaskLog> tasks;
    bool operator==(const LogResponse&) const = default;
};
struct GroupResponse {
    std::map<std::string, Group, std::less<>> groups;
    bool operator==(const GroupResponse&) const = default;
};
struct StreamResponse {
    std::map<TaskId, std::string> logs;
    bool operator==(const StreamResponse&) const = default;
};
struct SuccessResponse {
    std::string text;
    bool operator==(const SuccessResponse&) const = default;
};
struct FailureResponse {
    std::string text;
    bool operator==(const FailureResponse&) const = default;
};
struct CloseResponse {
    bool operator==(const CloseResponse&) const = default;
};

using Response = std::variant<
    AddedTaskResponse,
    EditResponse,
    StatusResponse,
    LogResponse,
    GroupResponse,
    StreamResponse,
    SuccessResponse,
    FailureResponse,
    CloseResponse>;

}  // namespace pueue::wire
