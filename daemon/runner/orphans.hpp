// Tasks whose keeper has died. Nobody can tell their keeper's successor about them, so the daemon
// looks after them until they end: it signals them, and finds out how they ended.
//
//  * The keeper was started by this daemon: they are its children now (it is a subreaper) and it
//    reaps them.
//  * The keeper had been adopted, or daemon and keeper have both died: somebody else reaps them.
//  The
//    end is seen by their pidfd, and the kernel is asked how; one that cannot tell makes it a
//    ChildExited that is `lost`.
//
// They are known from what the daemon was told about them, and from the dead keeper's spool
// (left_behind.hpp), which also has the exits that nobody acknowledged. That file stays until all
// of them have ended and are in the journal, so a next daemon can do the same.
#pragma once

#include "daemon/keeper/spool.hpp"
#include "daemon/runner/process_id.hpp"
#include "daemon/runner/runner.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/logger.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pueue::runner {

/// A task's main process, as far as the daemon was told of it.
struct TaskProcess {
    pid_t pid = -1;
    UniqueFd pidfd;
};
using TaskProcesses = std::map<AttemptKey, TaskProcess>;

class Orphans {
  public:
    /// `directory` is the keeper's. Each end is one call of `ended`.
    Orphans(
        boost::asio::io_context& loop,
        std::string directory,
        std::function<void(const core::ChildExited&)> ended,
        Logger& logger
    );

    // Both require that the spool of a dead keeper was set aside.
    /// At start: those of earlier keepers. What is gone without an exit is not reported: the state
    /// knows of it, and nobody else does.
    void find();
    /// When the keeper of this daemon has died: these, and what its spool says beyond them. What is
    /// gone without an exit is reported as lost.
    void take_over(TaskProcesses announced);

    [[nodiscard]] bool contains(const AttemptKey& key) const { return watched_.contains(key); }
    [[nodiscard]] std::vector<AttemptKey> keys() const;
    void signal(const AttemptKey& key, int number) const;

    /// A child of this process has ended and is not reaped. False: it is none of these.
    [[nodiscard]] bool reap(pid_t pid);

    /// Whether the number of an exit is from here, and not from a keeper.
    [[nodiscard]] static bool is_ours(std::uint64_t sequence) { return sequence >= first_sequence; }
    void acknowledge(std::uint64_t sequence);

  private:
    struct Watched {
        pid_t pid = -1;
        std::unique_ptr<boost::asio::posix::stream_descriptor> pidfd;
        std::unique_ptr<boost::asio::steady_timer> patience;
    };

    void report_exits(const std::map<AttemptKey, keeper::SpoolRecord>& exits);
    void watch(const AttemptKey& key, TaskProcess process);
    void ended_elsewhere(const AttemptKey& key);
    void wait_until_reaped(const AttemptKey& key);
    void report(AttemptKey key, std::optional<HowItEnded> how);
    void name_survivors() const;

    static constexpr std::uint64_t first_sequence = std::uint64_t{1} << 63;

    boost::asio::io_context& loop_;
    std::string directory_;
    std::function<void(const core::ChildExited&)> ended_;
    Logger& logger_;
    std::map<AttemptKey, Watched> watched_;
    std::set<AttemptKey> reported_;  ///< that the file still has
    std::uint64_t last_sequence_ = first_sequence;
    std::uint64_t acknowledged_ = first_sequence;
};

}  // namespace pueue::runner
