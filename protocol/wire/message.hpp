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
};
struct RemoveRequest {
    std::vector<TaskId> tasks;
};
struct SwitchRequest {
    TaskId task_id_1;
    TaskId task_id_2;
};
struct StashRequest {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
};
struct EnqueueRequest {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
};
struct StartRequest {
    TaskSelection tasks;
};
struct TaskToRestart {
    TaskId task_id;
    std::string original_command;
    std::string path;
    std::optional<std::string> label;
    std::int32_t priority = 0;
};
struct RestartRequest {
    std::vector<TaskToRestart> tasks;
    bool start_immediately = false;
    bool stashed = false;
};
struct PauseRequest {
    TaskSelection tasks;
    bool wait = false;
};
struct KillRequest {
    TaskSelection tasks;
    std::optional<Signal> signal;
};
struct SendRequest {
    TaskId task_id;
    std::string input;
};
struct EditRequest {
    std::vector<TaskId> tasks;
};
struct EditRestoreRequest {
    std::vector<TaskId> tasks;
};
/// On the wire its original_command is called `command`.
struct EditableTask {
    TaskId id;
    std::string original_command;
    std::string path;
    std::optional<std::string> label;
    std::int32_t priority = 0;
};
struct EditedTasksRequest {
    std::vector<EditableTask> tasks;
};
struct EnvSet {
    TaskId task_id;
    std::string key;
    std::string value;
};
struct EnvUnset {
    TaskId task_id;
    std::string key;
};
struct EnvRequest {
    std::variant<EnvSet, EnvUnset> change;
};
struct GroupAdd {
    std::string name;
    std::optional<std::uint64_t> parallel_tasks;
};
struct GroupRemove {
    std::string name;
};
struct GroupList {};
struct GroupRequest {
    std::variant<GroupAdd, GroupRemove, GroupList> what;
};
struct ParallelRequest {
    std::uint64_t parallel_tasks = 1;
    std::string group;
};
struct StatusRequest {};
struct LogRequest {
    TaskSelection tasks;
    bool send_logs = false;
    std::optional<std::uint64_t> lines;
};
struct StreamRequest {
    TaskSelection tasks;
    std::optional<std::uint64_t> lines;
};
struct ResetRequest {
    std::optional<std::vector<std::string>> groups;  ///< none: All
};
struct CleanRequest {
    bool successful_only = false;
    std::optional<std::string> group;
};
struct ShutdownRequest {
    bool graceful = true;  ///< false: Emergency
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
};
struct EditResponse {
    std::vector<EditableTask> tasks;
};
struct StatusResponse {
    State state;
};
struct TaskLog {
    Task task;
    bool output_complete = true;
    std::optional<Bytes> output;  ///< a snappy frame stream (snappy_frame.hpp)
};
struct LogResponse {
    std::map<TaskId, TaskLog> tasks;
};
struct GroupResponse {
    std::map<std::string, Group, std::less<>> groups;
};
struct StreamResponse {
    std::map<TaskId, std::string> logs;
};
struct SuccessResponse {
    std::string text;
};
struct FailureResponse {
    std::string text;
};
struct CloseResponse {};

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
