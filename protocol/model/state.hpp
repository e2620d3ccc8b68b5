// What is: every task and every group, as values. No rules; those are in daemon/core.
#pragma once

#include "protocol/model/task.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace pueue {

enum class GroupStatus { running, paused, reset };

struct Group {
    GroupStatus status = GroupStatus::running;
    std::uint64_t parallel_tasks = 1;  ///< 0: no limit

    bool operator==(const Group&) const = default;
};

/// The group every daemon has and nobody can remove.
inline constexpr const char* default_group = "default";

/// A run with a label that was over when its task was cleaned or removed.
struct ClosedRun {
    TaskId task;
    std::string group;
    std::string label;
    std::string command;  ///< as typed
    std::string path;
    AttemptNumber attempts;
    WallTime start;
    WallTime end;
    TaskResult result;

    bool operator==(const ClosedRun&) const = default;
};

struct State {
    std::map<TaskId, Task> tasks;
    std::map<std::string, Group, std::less<>> groups;

    // Known to daemons only; not on the wire.
    TaskId next_task_id;                 ///< above every id ever given out
    KeeperId keeper;                     ///< the newest keeper that attempts were given to
    bool resetting_everything = false;   ///< when it is done, ids start at 0 again
    std::map<RunId, ClosedRun> history;  ///< the oldest first: a run's id begins with its time

    [[nodiscard]] const Task* task(TaskId id) const {
        const auto found = tasks.find(id);
        return found == tasks.end() ? nullptr : &found->second;
    }
    [[nodiscard]] const Group* group(std::string_view name) const {
        const auto found = groups.find(name);
        return found == groups.end() ? nullptr : &found->second;
    }

    bool operator==(const State&) const = default;
};

// Which tasks a request is about (pueued 3.1, TaskSelection).
struct AllTasks {
    bool operator==(const AllTasks&) const = default;
};
using TaskSelection =
    std::variant<std::vector<TaskId>, std::string, AllTasks>;  ///< ids, a group's name, all

}  // namespace pueue
