// What a client can want: the list. Shape-checked values; whether a wish can be granted is decided
// by the handlers. Named and described in pueued 3.4.
#pragma once

#include "protocol/model/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pueue::core {

struct Add {
    TaskSpec spec;
    bool start_immediately = false;
    bool stashed = false;
    std::optional<WallTime> enqueue_at;
};

struct Remove {
    std::vector<TaskId> tasks;
};

struct Stash {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
    std::string enqueue_at_text;  ///< for the reply: zones and formats are the outside's business
};

struct Enqueue {
    TaskSelection tasks;
    std::optional<WallTime> enqueue_at;
    std::string enqueue_at_text;
};

struct Start {
    TaskSelection tasks;
};

struct Pause {
    TaskSelection tasks;
    bool wait = false;
};

/// The signal's number and the name replies use ("sigterm").
struct SignalName {
    int number = 0;
    std::string name;
};

struct Kill {
    TaskSelection tasks;
    std::optional<SignalName> signal;  ///< none: SIGKILL, and the reply waits for the deaths
};

struct GroupAdd {
    std::string name;
    std::optional<std::uint64_t> parallel_tasks;
};

struct GroupRemove {
    std::string name;
};

struct GroupList {};

struct Parallel {
    std::string group;
    std::uint64_t parallel_tasks = 1;
};

struct Status {};

struct Log {
    TaskSelection tasks;
    bool send_logs = false;
    std::optional<std::uint64_t> lines;
};

struct Clean {
    bool successful_only = false;
    std::optional<std::string> group;
};

struct Shutdown {
    bool graceful = true;  ///< false: exit code 1
};

using Command = std::variant<
    Add,
    Remove,
    Stash,
    Enqueue,
    Start,
    Pause,
    Kill,
    GroupAdd,
    GroupRemove,
    GroupList,
    Parallel,
    Status,
    Log,
    Clean,
    Shutdown>;

}  // namespace pueue::core
