// The daemon in ten lines: takes everything that has happened, decides on each in order, writes
// once, and lets go of what may leave.
//
// Owned by App; lives on the loop thread. Events may be posted from anywhere on that thread, also
// from inside a turn: they are taken in the next one. Sleeps without a timer when nothing is due.
//
// When the journal fails, a way out is looked for at once: memory is right. If there is none, the
// store has failed: the core begins nothing new, clients are told what is wrong, running tasks go
// on, and the journal is tried again now and then until it works. The daemon never ends because of
// it.
#pragma once

#include "daemon/alarm.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/scheduler.hpp"
#include "daemon/executor.hpp"
#include "daemon/journal/journal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pueue {

class Engine {
  public:
    /// All references outlive the engine. `warn` is told when the journal fails and works again.
    Engine(
        boost::asio::io_context& loop,
        core::Scheduler& scheduler,
        journal::Journal& journal,
        Executor& executor,
        std::function<void(const std::string&)> warn
    );

    void post(core::Event event);

  private:
    void turn();
    void let_go();
    void release_durable();
    void sync_soon();

    void hear(const Result<journal::Lsn>& from_journal);
    void lose_journal(const Error& error);
    void recover();
    void recover_later();
    void lose_store(const Error& error);
    void regain_store();

    boost::asio::io_context& loop_;
    core::Scheduler& scheduler_;
    journal::Journal& journal_;
    Executor& executor_;
    std::function<void(const std::string&)> warn_;
    WallAlarm wall_alarm_;
    DeadlineAlarm deadline_alarm_;
    boost::asio::steady_timer late_sync_;
    bool late_sync_is_set_ = false;
    std::vector<core::Event> inbox_;
    bool turn_is_posted_ = false;

    bool has_journal_ = true;
    std::optional<std::string> store_failure_;  ///< why; the core and clients know it
    boost::asio::steady_timer retry_;
    std::chrono::seconds retry_delay_{0};
};

}  // namespace pueue
