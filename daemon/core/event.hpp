// What can happen: the list. Every change of the daemon begins as one of these.
#pragma once

#include "daemon/core/command.hpp"
#include "protocol/base/clock.hpp"
#include "protocol/model/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pueue::core {

/// A client asks. Its answer is exactly one Reply action with the same session, now or in a later
/// step.
struct ClientRequest {
    SessionId session;
    Command command;
};

/// A client went away. What it was promised is no longer owed.
struct ClientGone {
    SessionId session;
};

/// The attempt has a process and runs its program.
struct ChildStarted {
    AttemptKey key;
};

/// The attempt never ran anything. `reason` is the text of FailedToSpawn, in upstream's words.
struct StartFailed {
    AttemptKey key;
    std::string reason;
};

/// The attempt's main process is gone. `sequence` is the keeper's number for it, to be
/// acknowledged.
struct ChildExited {
    AttemptKey key;
    bool signaled = false;
    int value = 0;  ///< the exit code, or the signal's number
    std::uint64_t sequence = 0;
    bool lost = false;  ///< it has ended and nobody can say how
};

/// The end of a SendInput: everything is in the pipe, or `error` says what the system answered, in
/// Rust's Debug form.
struct InputSent {
    SessionId session;
    TaskId task;
    std::optional<std::string> error;
};

/// A keeper is connected: at start-up, and again whenever one had to be replaced. Nothing is
/// started before the first of these. It says everything that the keeper has.
struct KeeperReport {
    KeeperId keeper;
    std::vector<AttemptKey> alive;
    std::vector<ChildExited> exits;
    /// The keeper before this one ended under the eyes of this daemon: an attempt that is neither
    /// alive nor among the exits has never run, whichever of the two it was given to.
    bool nothing_lost = false;
};

/// The connection to the keeper broke. Starts wait for the next KeeperReport, which comes in a
/// later turn: what was decided before must not leave over the new connection.
struct KeeperLost {};

/// The time that next_alarm() or next_deadline() named has come.
struct AlarmRang {};

/// A signal asks the daemon to end: as Shutdown, without anybody to answer.
struct StopRequested {
    bool keeps_tasks = false;  ///< they run on; a later daemon takes them over
};

/// What is decided cannot be put on record for now. `reason` is for clients: what is wrong, and
/// what to do about it.
struct StoreFailed {
    std::string reason;
};

/// It can be again, and everything decided meanwhile is on record.
struct StoreRecovered {};

using Event = std::variant<
    ClientRequest,
    ClientGone,
    ChildStarted,
    StartFailed,
    ChildExited,
    InputSent,
    KeeperReport,
    KeeperLost,
    AlarmRang,
    StopRequested,
    StoreFailed,
    StoreRecovered>;

}  // namespace pueue::core
