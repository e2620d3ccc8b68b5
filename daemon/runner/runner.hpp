// The daemon's door to processes. The real one is KeeperLink; tests have a fake that survives the
// "death" of its daemon as a keeper does. Nothing here blocks, and nothing comes back but events:
// ChildStarted, StartFailed, ChildExited, InputSent, KeeperReport, KeeperLost.
#pragma once

#include "daemon/core/event.hpp"
#include "protocol/model/state.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pueue::runner {

/// Everything that one child needs, decided beforehand: the keeper looks nothing up.
struct Program {
    std::vector<std::string> programs;  ///< paths to try in turn with execve (pueued 6.1)
    bool scripts_by_shell = false;  ///< a candidate that is no executable format is a script for sh
    std::vector<std::string> arguments;    ///< argv, argv[0] included
    std::vector<std::string> environment;  ///< NAME=value
    std::string directory;
};

struct Launch : Program {
    AttemptKey key;
    std::string log_path;
    std::string
        impossible;  ///< not empty: cannot be started at all, for this reason (Rust Debug form)
};

using PostEvent = std::function<void(core::Event)>;

class Runner {
  public:
    virtual ~Runner() = default;

    /// Answered by ChildStarted or StartFailed. A key the keeper knows already is not started
    /// again.
    virtual void start(Launch launch) = 0;
    /// To the process group. A key that is gone is ignored: its ChildExited is on the way.
    virtual void signal(const AttemptKey& key, int number) = 0;
    /// A command that is no task. Not answered: what becomes of it is only logged.
    virtual void run(Program program) = 0;
    virtual void acknowledge(std::uint64_t sequence) = 0;
    /// To standard input. Answered by one InputSent, when all of it is in the pipe or cannot be.
    virtual void send_input(SessionId session, const AttemptKey& key, std::string input) = 0;
};

}  // namespace pueue::runner
