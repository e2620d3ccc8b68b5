// The files that tasks write to: `⟨id⟩.log` in one directory, raw output, nothing added
// (pueued 6.6). It is always the newest attempt's; earlier ones are `⟨id⟩.⟨attempt⟩.log`.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::runner {

[[nodiscard]] std::string log_path(const std::string& directory, TaskId id);

/// Created or emptied, for appending: several writers share it and none overwrites another.
[[nodiscard]] Result<UniqueFd> create_log(const std::string& path);

/// The text of the original for a task that could not be started; errors are nobody's to hear.
void write_spawn_failure(const std::string& path, std::string_view reason);

[[nodiscard]] std::string earlier_log_path(
    const std::string& directory, TaskId id, AttemptNumber attempt
);

/// Makes the log of a task the log of this earlier attempt and an empty one in its place, unless
/// that has happened already; of the earlier ones, the newest `kept` stay.
[[nodiscard]] Result<> rotate_log(
    const std::string& directory, TaskId id, AttemptNumber attempt, std::uint32_t kept
);

/// Removes the logs of this earlier attempt and of those before it.
[[nodiscard]] Result<> remove_earlier_logs(
    const std::string& directory, TaskId id, AttemptNumber newest
);

/// A log that is not there is removed.
[[nodiscard]] Result<> remove_log(const std::string& path);

/// Where the last `lines` begin in an open log: behind the (lines + 1)-th newline from its end, or
/// 0.
[[nodiscard]] Result<std::uint64_t> begin_of_last_lines(int file, std::uint64_t lines);

struct LogEnd {
    Bytes text;
    bool is_complete = true;  ///< nothing before it was left out
};

/// At most the last `bytes` of a log.
[[nodiscard]] Result<LogEnd> read_log_end(const std::string& path, std::size_t bytes);

/// The whole of an open log, or what follows the (n+1)-th newline from its end (pueued 6.6).
[[nodiscard]] Result<LogEnd> read_log(int file, std::optional<std::uint64_t> lines);

}  // namespace pueue::runner
