// The daemon in ten lines: takes everything that has happened, decides on each in order, writes
// once, and lets go of what may leave.
//
// Owned by App; lives on the loop thread. Events may be posted from anywhere on that thread, also
// from inside a turn: they are taken in the next one. Sleeps without a timer when nothing is due.
#pragma once

#include "daemon/alarm.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/scheduler.hpp"
#include "daemon/executor.hpp"
#include "daemon/journal/journal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <vector>

namespace pueue {

class Engine {
  public:
    /// All references outlive the engine. `failed` is called once, when the journal can no longer
    /// be trusted: nothing that was decided since has left, and nothing will.
    Engine(
        boost::asio::io_context& loop,
        core::Scheduler& scheduler,
        journal::Journal& journal,
        Executor& executor,
        std::function<void(const Error&)> failed
    );

    void post(core::Event event);

  private:
    void turn();
    void release_durable();
    void sync_soon();
    void fail(const Error& error);

    boost::asio::io_context& loop_;
    core::Scheduler& scheduler_;
    journal::Journal& journal_;
    Executor& executor_;
    std::function<void(const Error&)> failed_;
    WallAlarm wall_alarm_;
    DeadlineAlarm deadline_alarm_;
    boost::asio::steady_timer late_sync_;
    bool late_sync_is_set_ = false;
    std::vector<core::Event> inbox_;
    bool turn_is_posted_ = false;
    bool is_failed_ = false;
};

}  // namespace pueue
