#include "client/commands/commands.hpp"
#include "client/local_log.hpp"
#include "client/message_debug.hpp"
#include "protocol/base/upstream_text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <variant>
#include <vector>

namespace pueue::client {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds start_poll{1000};
constexpr milliseconds file_poll{250};
constexpr int file_polls_per_state_poll = 2;

constexpr const char* does_not_exist = "Pueue: The task to be followed doesn't exist.";
constexpr const char* was_removed = "Pueue: The followed task has been removed.";
constexpr const char* log_is_gone = "Pueue: Log file has gone away. Has the task been removed?\n";

Reported<TaskId> the_running_task(const State& state) {
    std::vector<TaskId> running;
    std::string list;
    for (const auto& [id, task] : state.tasks) {
        if (has_process(task)) {
            running.push_back(id);
            list += (list.empty() ? "" : ", ") + std::to_string(id.value);
        }
    }
    if (running.empty()) {
        return report("There are no running tasks.");
    }
    if (running.size() > 1) {
        return report("Multiple tasks are running, please select one of the following: " + list);
    }
    return running.front();
}

class LocalFollower {
  public:
    LocalFollower(Client& client, TaskId id) : client_(client), id_(id) {}

    Outcome run(State state, std::optional<std::uint64_t> lines) {
        TRY(const bool exists, wait_for_start(std::move(state)));
        if (!exists) {
            return plain_failure(does_not_exist);
        }
        auto file = open_local_log(client_.paths, id_);
        if (file.has_error()) {
            client_.console.err("Failed to get log file handles: " + file.error().text + "\n");
            return 0;
        }
        file_ = std::move(*file);
        if (lines) {
            const auto last = find_last_lines(file_.get(), *lines);
            offset_ = last.has_value() ? last->offset : 0;
        }
        return follow();
    }

  private:
    Reported<bool> wait_for_start(State state) {
        for (;;) {
            const Task* task = state.task(id_);
            if (task == nullptr) {
                return false;
            }
            if (has_process(*task) || is_done(*task)) {
                return true;
            }
            client_.pause(start_poll);
            TRY(state, fetch_state(client_));
        }
    }

    Outcome follow() {
        for (int round = 0;; ++round) {
            if (::access(client_.paths.task_log(id_).c_str(), F_OK) != 0) {
                client_.console.err(log_is_gone);
                return 0;
            }
            if (!copy()) {
                return 0;
            }
            if (round % file_polls_per_state_poll == 0) {
                TRY(const State state, fetch_state(client_));
                const Task* task = state.task(id_);
                if (task == nullptr) {
                    return plain_failure(was_removed);
                }
                if (!has_process(*task)) {
                    // What it wrote last may have come after the copy above.
                    std::ignore = copy();
                    return 0;
                }
            }
            client_.pause(file_poll);
        }
    }

    bool copy() {
        const auto end = read_in_pieces(file_.get(), offset_, [&](std::string_view piece) {
            client_.console.out(piece);
        });
        client_.console.flush();
        if (end.has_error()) {
            client_.console.err(
                "Pueue: Error while reading file: " + os_text(end.error().os_error) + "\n"
            );
            return false;
        }
        offset_ = *end;
        return true;
    }

    Client& client_;
    TaskId id_;
    UniqueFd file_;
    std::uint64_t offset_ = 0;
};

Outcome follow_remotely(const cli::FollowOptions& options, Client& client) {
    wire::StreamRequest request;
    std::vector<TaskId> ids;
    if (options.id) {
        ids.push_back(*options.id);
    }
    request.tasks = std::move(ids);
    request.lines = options.lines;
    CHECK_OK(client.connection.send(request));
    for (;;) {
        TRY(const wire::Response response, client.connection.receive());
        if (const auto* stream = std::get_if<wire::StreamResponse>(&response)) {
            for (const auto& [id, text] : stream->logs) {
                client.console.out(text);
            }
            client.console.flush();
        } else if (std::holds_alternative<wire::CloseResponse>(response)) {
            return 0;
        } else if (const auto* failure = std::get_if<wire::FailureResponse>(&response)) {
            return plain_failure(client.style.paint(failure->text, Color::red));
        } else if (const auto* success = std::get_if<wire::SuccessResponse>(&response)) {
            // The log has disappeared. The original waits for ever here.
            client.console.err(success->text + "\n");
            return 0;
        } else {
            client.console.flush();
            client.log.say(
                LogLevel::error,
                target::follow,
                "Received unhandled response message: " + debug_text(response, DebugForm::one_line)
            );
        }
    }
}

}  // namespace

Outcome run(const cli::FollowOptions& options, Client& client) {
    if (!client.settings.client.read_local_logs) {
        return follow_remotely(options, client);
    }
    TRY(State state, fetch_state(client));
    TaskId id;
    if (options.id) {
        id = *options.id;
    } else {
        TRY(id, the_running_task(state));
    }
    return LocalFollower(client, id).run(std::move(state), options.lines);
}

}  // namespace pueue::client
