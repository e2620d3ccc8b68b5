// Performs each action exactly once, when the records before it are written or durable (the classes
// are in core/action.hpp).
//
// Whatever an action needs from State is taken out of it at once, before the next event is decided:
// replies are encoded, launches are built. What waits here afterwards is bytes and values. Order is
// kept within each class; an exit comes after every reply and every callback before it.
#pragma once

#include "daemon/core/action.hpp"
#include "daemon/journal/disk_thread.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/runner/callback.hpp"
#include "daemon/runner/launch.hpp"
#include "daemon/runner/runner.hpp"
#include "daemon/server/log_follower.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/logger.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pueue {

class Executor {
  public:
    /// Where actions go. The references outlive the executor.
    struct Outside {
        std::function<void(SessionId, Bytes)> answer;
        std::function<void(SessionId, server::FollowedLog)> follow;
        std::function<void(SessionId, bool is_removed)> end_follow;
        runner::Runner& runner;
        journal::RunOnDisk run_on_disk;
        std::function<void(const core::ExitDaemon&)> exit;
        runner::LaunchSettings launch;
        std::optional<runner::CallbackSettings> callback;
        Logger& logger;
    };

    explicit Executor(Outside outside) : outside_(std::move(outside)) {}

    /// `lsn`: the end of the records that were decided together with these actions.
    void take(std::vector<core::Action> actions, journal::Lsn lsn, const State& state);

    /// Every record that take() has seen is written.
    void written();
    /// Every record up to here is durable.
    void durable(journal::Lsn lsn);

    /// Nothing can be put on record for now, and `reason` says why. Lets go of what depends on no
    /// record: reads, signals, an exit. Who waits for a change learns that it is in effect and not
    /// on the disk. Starts, callbacks, deletions and acknowledgements wait for better times.
    void without_store(const std::string& reason);

    /// The keeper they were meant for is out of reach; what becomes of them is settled with its
    /// next report.
    void forget_starts();

    /// Somebody is waiting for a sync. (An acknowledgement to the keeper is not somebody.)
    [[nodiscard]] bool waits_for_sync() const;

  private:
    struct Answer {
        SessionId session;
        Bytes payload;
    };
    struct ReadLogs {
        SessionId session;
        std::vector<Task> tasks;
        core::LogReply what;
    };
    struct DeleteLogs {
        core::RemoveLogs logs;
        std::vector<Answer> then;
    };
    using Prepared = std::variant<
        Answer,
        ReadLogs,
        runner::Launch,
        core::SignalTask,
        core::SendInput,
        core::FollowLog,
        core::EndFollow,
        core::AcknowledgeExit,
        core::RunCallback,
        core::RotateLog,
        DeleteLogs,
        core::ExitDaemon>;

    // Turns an action into what will be performed, and puts it where it waits.
    void prepare(core::Reply reply, journal::Lsn lsn, const State& state, DeleteLogs& deletion);
    void prepare(
        const core::StartAttempt& start, journal::Lsn lsn, const State& state, DeleteLogs& deletion
    );
    void prepare(
        const core::RemoveLogs& logs, journal::Lsn lsn, const State& state, DeleteLogs& deletion
    );
    template <class Simple>
    void prepare(Simple action, journal::Lsn lsn, const State& state, DeleteLogs& deletion);

    void perform(Answer answer);
    void perform(ReadLogs read);
    void perform(runner::Launch launch);
    void perform(const core::SignalTask& signal);
    void perform(core::SendInput send);
    void perform(const core::FollowLog& follow);
    void perform(const core::EndFollow& end);
    void perform(const core::AcknowledgeExit& acknowledge);
    void perform(core::RunCallback callback);
    void run_callback(runner::Program program);
    void perform(const core::RotateLog& rotate);
    void perform(DeleteLogs deletion);
    void perform(const core::ExitDaemon& exit);
    void release(Prepared prepared);
    void fail(const Answer& answer, const std::string& reason);

    Outside outside_;
    std::vector<Prepared> until_written_;
    std::deque<std::pair<journal::Lsn, Prepared>> until_durable_;
};

}  // namespace pueue
