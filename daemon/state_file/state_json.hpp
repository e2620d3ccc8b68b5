// The original's state file and the values in it: reading any bytes, writing what the original
// would.
//
// Reading tolerates what the original tolerates: unknown fields, absent optional ones, any order of
// members, white space. It is total and takes no more memory than its input and what it returns;
// equal environments become one object.
//
// Writing is in pieces, so that a large state is never in memory a second time. Behind the fields
// of the original comes one of our own, the mark of the store: its reader skips it, its writer
// drops it, so a file that has it was written by us and not by the original after us.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::state_file {

struct Content {
    /// As written: a running task has no attempt, a group may be missing.
    std::map<TaskId, Task> tasks;
    std::map<std::string, Group, std::less<>> groups;
    std::optional<std::string> store;  ///< of the mark
};

/// Error: invalid, with what is wrong and where.
[[nodiscard]] Result<Content> decode(Bytes text, EnvironmentPool& environments);

using Sink = std::function<Result<>(ByteView)>;

/// Error: the sink's.
[[nodiscard]] Result<> encode(const State& state, std::string_view store, const Sink& sink);

/// How a file ends that `encode` wrote and nobody has touched since.
[[nodiscard]] std::string ending(std::string_view store);

}  // namespace pueue::state_file
