// The output of tasks as files beside us, when the daemon runs on this machine.
#pragma once

#include "client/report.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/config/paths.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::client {

struct LastLines {
    std::uint64_t offset = 0;  ///< where they begin
    bool complete = true;      ///< nothing comes before them
};

/// Error text: `I/O error at path "…" while getting log file handle:` and the system's words.
[[nodiscard]] Result<UniqueFd> open_local_log(const config::Paths& paths, TaskId id);

/// Where the last `lines` lines begin. An unfinished last line is one more (client contract 4.4).
[[nodiscard]] Result<LastLines> find_last_lines(int file, std::uint64_t lines);

/// The last lines as the JSON of `log` shows them: joined by newlines, none at the end, an
/// unfinished one counted like the others, those that cannot be read replaced by a remark.
[[nodiscard]] std::string read_last_lines_joined(int file, std::uint64_t lines);

/// From `offset` to what is the end now.
[[nodiscard]] Result<std::string> read_from(int file, std::uint64_t offset);

/// The same in pieces, for logs of any size. Returns where it ended.
[[nodiscard]] Result<std::uint64_t> read_in_pieces(
    int file, std::uint64_t offset, const std::function<void(std::string_view)>& take
);

}  // namespace pueue::client
