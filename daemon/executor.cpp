#include "daemon/executor.hpp"

#include "daemon/log_reply.hpp"
#include "daemon/runner/task_logs.hpp"
#include "protocol/wire/codec.hpp"

#include <fcntl.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <tuple>
#include <type_traits>

namespace pueue {

namespace {

constexpr const char* callbacks_log_target = "pueue::daemon::callbacks";

Bytes encode(const core::SuccessReply& reply, const State& /*state*/) {
    return wire::encode_response(wire::SuccessResponse{reply.text});
}
Bytes encode(const core::FailureReply& reply, const State& /*state*/) {
    return wire::encode_response(wire::FailureResponse{reply.text});
}
std::string word_for(core::AddOutcome outcome) {
    switch (outcome) {
        case core::AddOutcome::added:
            return "added";
        case core::AddOutcome::existing:
            return "existing";
        case core::AddOutcome::skipped:
            return "skipped";
        case core::AddOutcome::restarted:
            return "restarted";
    }
    PUEUE_CHECK(false);
    return {};
}

/// An ordinary add is answered with the bytes of the original.
Bytes encode(const core::AddedTaskReply& reply, const State& /*state*/) {
    wire::AddedTaskResponse response{reply.id, reply.enqueue_at, reply.group_is_paused};
    if (reply.outcome != core::AddOutcome::added || !reply.warning.empty()) {
        response.ext.emplace().outcome = word_for(reply.outcome);
    }
    if (!reply.warning.empty()) {
        response.ext->warning = reply.warning;
    }
    return wire::encode_response(std::move(response));
}
Bytes encode(const core::StatusReply& /*reply*/, const State& state) {
    return wire::encode_status_response(state);
}
Bytes encode(const core::GroupsReply& /*reply*/, const State& state) {
    return wire::encode_group_response(state.groups);
}
Bytes encode(const core::EditReply& reply, const State& state) {
    wire::EditResponse response;
    for (const TaskId id : reply.ids) {
        const TaskSpec& spec = *state.task(id)->spec;
        response.tasks.push_back({id, spec.original_command, spec.path, spec.label, spec.priority});
    }
    return wire::encode_response(response);
}

std::vector<Task> tasks_of(const core::LogReply& reply, const State& state) {
    std::vector<Task> tasks;
    tasks.reserve(reply.ids.size());
    for (const TaskId id : reply.ids) {
        tasks.push_back(*state.task(id));
    }
    return tasks;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

bool is_empty(const core::RemoveLogs& logs) {
    return logs.ids.empty() && logs.earlier.empty();
}

/// What cannot be removed costs disk space and nothing else.
void remove_logs(const core::RemoveLogs& logs, const std::string& directory) {
    for (const TaskId id : logs.ids) {
        std::ignore = runner::remove_log(runner::log_path(directory, id));
    }
    for (const auto& [id, newest] : logs.earlier) {
        std::ignore = runner::remove_earlier_logs(directory, id, newest);
    }
}

}  // namespace

void Executor::take(std::vector<core::Action> actions, journal::Lsn lsn, const State& state) {
    DeleteLogs deletion;
    for (core::Action& action : actions) {
        if (auto* logs = std::get_if<core::RemoveLogs>(&action)) {
            append(deletion.logs.ids, logs->ids);
            append(deletion.logs.earlier, logs->earlier);
        }
    }
    for (core::Action& action : actions) {
        std::visit([&](auto& one) { prepare(std::move(one), lsn, state, deletion); }, action);
    }
    if (!is_empty(deletion.logs)) {
        until_durable_.emplace_back(lsn, std::move(deletion));
    }
}

void Executor::prepare(
    core::Reply reply, journal::Lsn lsn, const State& state, DeleteLogs& deletion
) {
    if (const auto* log = std::get_if<core::LogReply>(&reply.answer)) {
        until_written_.emplace_back(ReadLogs{reply.session, tasks_of(*log, state), *log});
        return;
    }
    const auto encode_for = [&](const auto& answer) -> Bytes {
        if constexpr (std::is_same_v<std::decay_t<decltype(answer)>, core::LogReply>) {
            PUEUE_CHECK(false);
            return {};
        } else {
            return encode(answer, state);
        }
    };
    Answer answer{reply.session, std::visit(encode_for, reply.answer)};
    if (reply.waits == core::Waits::written) {
        until_written_.emplace_back(std::move(answer));
    } else if (!is_empty(deletion.logs)) {
        deletion.then.push_back(std::move(answer));
    } else {
        until_durable_.emplace_back(lsn, std::move(answer));
    }
}

void Executor::prepare(
    const core::StartAttempt& start,
    journal::Lsn /*lsn*/,
    const State& state,
    DeleteLogs& /*deletion*/
) {
    const Task* task = state.task(start.key.task);
    PUEUE_CHECK(task != nullptr);
    until_written_.emplace_back(runner::make_launch(*task, start.worker, outside_.launch));
}

void Executor::prepare(
    const core::RemoveLogs& /*logs*/,
    journal::Lsn /*lsn*/,
    const State& /*state*/,
    DeleteLogs& /*deletion*/
) {
    // Collected by take(): all logs of one step are deleted together, before its replies.
}

template <class Simple>
void Executor::prepare(
    Simple action, journal::Lsn lsn, const State& /*state*/, DeleteLogs& /*deletion*/
) {
    // An exit is decided when nothing runs any more; the answers before it must still get out.
    constexpr bool is_durable =
        std::is_same_v<Simple, core::AcknowledgeExit> || std::is_same_v<Simple, core::ExitDaemon>;
    if constexpr (is_durable) {
        until_durable_.emplace_back(lsn, std::move(action));
    } else {
        until_written_.emplace_back(std::move(action));
    }
}

void Executor::written() {
    for (Prepared& prepared : std::exchange(until_written_, {})) {
        release(std::move(prepared));
    }
}

void Executor::durable(journal::Lsn lsn) {
    while (!until_durable_.empty() && until_durable_.front().first <= lsn) {
        Prepared prepared = std::move(until_durable_.front().second);
        until_durable_.pop_front();
        release(std::move(prepared));
    }
}

void Executor::without_store(const std::string& reason) {
    for (Prepared& prepared : std::exchange(until_written_, {})) {
        if (std::holds_alternative<runner::Launch>(prepared) ||
            std::holds_alternative<core::RunCallback>(prepared)) {
            until_written_.push_back(std::move(prepared));
        } else {
            release(std::move(prepared));
        }
    }
    for (auto& [lsn, prepared] : std::exchange(until_durable_, {})) {
        if (const auto* answer = std::get_if<Answer>(&prepared)) {
            fail(*answer, reason);
        } else if (std::holds_alternative<core::ExitDaemon>(prepared)) {
            release(std::move(prepared));
        } else {
            if (auto* logs = std::get_if<DeleteLogs>(&prepared)) {
                for (const Answer& promised : std::exchange(logs->then, {})) {
                    fail(promised, reason);
                }
            }
            until_durable_.emplace_back(lsn, std::move(prepared));
        }
    }
}

void Executor::forget_starts() {
    std::erase_if(until_written_, [](const Prepared& prepared) {
        return std::holds_alternative<runner::Launch>(prepared);
    });
}

void Executor::fail(const Answer& answer, const std::string& reason) {
    const wire::FailureResponse failure{
        "This is in effect, but lost if the daemon ends before its journal works again. " + reason};
    outside_.answer(answer.session, wire::encode_response(failure));
}

bool Executor::waits_for_sync() const {
    return std::any_of(until_durable_.begin(), until_durable_.end(), [](const auto& waiting) {
        return !std::holds_alternative<core::AcknowledgeExit>(waiting.second);
    });
}

void Executor::release(Prepared prepared) {
    std::visit([this](auto& one) { perform(std::move(one)); }, prepared);
}

void Executor::perform(Answer answer) {
    outside_.answer(answer.session, std::move(answer.payload));
}

void Executor::perform(ReadLogs read) {
    const auto job = std::make_shared<ReadLogs>(std::move(read));
    outside_.run_on_disk(
        journal::Urgency::slow,
        [this, job, directory = outside_.launch.log_directory] {
            Bytes payload = log_reply(job->tasks, job->what, directory);
            const auto shared = std::make_shared<Bytes>(std::move(payload));
            return [this, job, shared] { outside_.answer(job->session, std::move(*shared)); };
        }
    );
}

void Executor::perform(runner::Launch launch) {
    outside_.runner.start(std::move(launch));
}

void Executor::perform(const core::SignalTask& signal) {
    outside_.runner.signal(signal.key, signal.signal);
}

void Executor::perform(core::SendInput send) {
    outside_.runner.send_input(send.session, send.key, std::move(send.input));
}

void Executor::perform(const core::FollowLog& follow) {
    const std::string path = runner::log_path(outside_.launch.log_directory, follow.task);
    Result<UniqueFd> file = open_file(path, O_RDONLY);
    if (file.has_error()) {
        outside_.answer(
            follow.session,
            wire::encode_response(wire::FailureResponse{
                "Couldn't find output files for task. Maybe it finished? Try `log`"})
        );
        return;
    }
    std::uint64_t offset = 0;
    if (follow.lines) {
        const Result<std::uint64_t> begin =
            runner::begin_of_last_lines(file.value().get(), *follow.lines);
        offset = begin.has_value() ? begin.value() : 0;  // else from the beginning
    }
    outside_.follow(follow.session, {follow.task, std::move(file).value(), path, offset});
}

void Executor::perform(const core::EndFollow& end) {
    outside_.end_follow(end.session, end.is_removed);
}

void Executor::perform(const core::AcknowledgeExit& acknowledge) {
    outside_.runner.acknowledge(acknowledge.sequence);
}

// The log is read by the disk thread, ahead of any deletion that was decided later.
void Executor::perform(core::RunCallback callback) {
    PUEUE_CHECK(outside_.callback.has_value());
    const auto job = std::make_shared<core::RunCallback>(std::move(callback));
    outside_.run_on_disk(journal::Urgency::slow, [this, job] {
        const auto made = std::make_shared<Result<runner::Program>>(
            runner::make_callback(*job, *outside_.callback, outside_.launch)
        );
        return [this, made] {
            if (made->has_value()) {
                run_callback(std::move(*made).value());
            } else {
                outside_.logger.error(
                    callbacks_log_target,
                    "Failed to create callback command from template with error: " +
                        made->error().text
                );
            }
        };
    });
}

void Executor::run_callback(runner::Program program) {
    if (const auto nul = runner::find_nul(program)) {
        outside_.logger.error(
            callbacks_log_target, "Failed to spawn callback with error: " + nul->text
        );
        return;
    }
    outside_.runner.run(std::move(program));
}

// At once, before the start that may follow. A rename that fails leaves the output of the attempt
// to be overwritten by the next one, as in the original.
void Executor::perform(const core::RotateLog& rotate) {
    std::ignore =
        runner::rotate_log(outside_.launch.log_directory, rotate.id, rotate.attempt, rotate.kept);
}

void Executor::perform(DeleteLogs deletion) {
    const auto job = std::make_shared<DeleteLogs>(std::move(deletion));
    outside_.run_on_disk(
        journal::Urgency::slow,
        [this, job, directory = outside_.launch.log_directory] {
            remove_logs(job->logs, directory);
            return [this, job] {
                for (Answer& answer : job->then) {
                    perform(std::move(answer));
                }
            };
        }
    );
}

// Behind the callbacks whose logs are still being read.
void Executor::perform(const core::ExitDaemon& exit) {
    outside_.run_on_disk(journal::Urgency::slow, [this, exit] {
        return [this, exit] { outside_.exit(exit); };
    });
}

}  // namespace pueue
