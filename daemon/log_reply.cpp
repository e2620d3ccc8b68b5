#include "daemon/log_reply.hpp"

#include "daemon/runner/rust_error.hpp"
#include "daemon/runner/task_logs.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/snappy_frame.hpp"

#include <fcntl.h>

#include <optional>

namespace pueue {

namespace {

// Compat: the Debug form of the original's error [log] [log-of-many-lines].
Error unreadable(const std::string& what, const Error& error) {
    return invalid(
        "Failed reading process output file: " + what + ", " +
        runner::rust_debug_os_error(error.os_error) + ")"
    );
}

Result<runner::LogEnd> read_log(const std::string& path, std::optional<std::uint64_t> lines) {
    const Result<UniqueFd> file = open_file(path, O_RDONLY);
    if (file.has_error()) {
        return unreadable(
            "IoPathError(" + quoted(path) + ", \"getting log file handle\"", file.error()
        );
    }
    Result<runner::LogEnd> log = runner::read_log(file.value().get(), lines);
    if (log.has_error()) {
        const char* doing = lines ? "reading next log chunk" : "compressing log output";
        return unreadable("IoError(" + quoted(doing), log.error());
    }
    return log;
}

}  // namespace

Bytes log_reply(
    const std::vector<Task>& tasks, const core::LogReply& what, const std::string& log_directory
) {
    std::vector<runner::LogEnd> logs(tasks.size());
    std::vector<wire::TaskLogView> views;
    views.reserve(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (!what.send_logs) {
            views.push_back({tasks[i], true, std::nullopt});
            continue;
        }
        const std::string path = runner::log_path(log_directory, tasks[i].id);
        Result<runner::LogEnd> log = read_log(path, what.lines);
        if (log.has_error()) {
            return wire::encode_response(wire::FailureResponse{log.error().text});
        }
        logs[i] = std::move(log).value();
        logs[i].text = wire::compress_snappy_frames(logs[i].text);
        views.push_back({tasks[i], logs[i].is_complete, logs[i].text});
    }
    return wire::encode_log_response(views);
}

}  // namespace pueue
