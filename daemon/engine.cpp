#include "daemon/engine.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace pueue {

namespace {

// What nobody waits for (acknowledged exits, mostly) is synced at the latest after this time.
constexpr std::chrono::seconds sync_delay_max{1};

// Between two attempts to begin the journal anew; twice as long each time.
constexpr std::chrono::seconds retry_delay_min{1};
constexpr std::chrono::seconds retry_delay_max{60};

}  // namespace

Engine::Engine(
    boost::asio::io_context& loop,
    core::Scheduler& scheduler,
    journal::Journal& journal,
    Executor& executor,
    std::function<void(const std::string&)> warn
)
    : loop_(loop),
      scheduler_(scheduler),
      journal_(journal),
      executor_(executor),
      warn_(std::move(warn)),
      wall_alarm_(loop, [this] { post(core::AlarmRang{}); }),
      deadline_alarm_(loop, [this] { post(core::AlarmRang{}); }),
      late_sync_(loop),
      retry_(loop) {
    journal_.when_synced([this](const Result<journal::Lsn>& heard) { hear(heard); });
}

void Engine::post(core::Event event) {
    inbox_.push_back(std::move(event));
    if (!std::exchange(turn_is_posted_, true)) {
        boost::asio::post(loop_, [this] { turn(); });
    }
}

void Engine::turn() {
    turn_is_posted_ = false;
    for (const core::Event& event : std::exchange(inbox_, {})) {
        if (std::holds_alternative<core::KeeperLost>(event)) {
            executor_.forget_starts();
        }
        core::Decision decision = scheduler_.step(event, read_clock());
        const journal::Lsn lsn = journal_.append(decision.records);
        executor_.take(std::move(decision.actions), lsn, scheduler_.state());
    }
    let_go();
    wall_alarm_.set(scheduler_.next_alarm());
    deadline_alarm_.set(scheduler_.next_deadline());
}

void Engine::let_go() {
    if (has_journal_) {
        const Result<> written = journal_.write();
        if (written.has_value()) {
            executor_.written();
            release_durable();
            return;
        }
        lose_journal(written.error());
    }
    if (store_failure_) {
        executor_.without_store(*store_failure_);
    }
}

void Engine::release_durable() {
    executor_.durable(journal_.durable());
    if (executor_.waits_for_sync()) {
        journal_.request_sync();
    } else if (journal_.has_unsynced()) {
        sync_soon();
    }
}

void Engine::sync_soon() {
    if (std::exchange(late_sync_is_set_, true)) {
        return;
    }
    late_sync_.expires_after(sync_delay_max);
    late_sync_.async_wait([this](const boost::system::error_code& ec) {
        late_sync_is_set_ = false;
        if (!ec) {
            journal_.request_sync();
        }
    });
}

void Engine::hear(const Result<journal::Lsn>& from_journal) {
    if (from_journal.has_error() && has_journal_) {
        lose_journal(from_journal.error());
    } else if (from_journal.has_error()) {
        lose_store(from_journal.error());
        recover_later();
    } else if (!has_journal_ && !journal_.has_failed()) {
        regain_store();
    } else {
        release_durable();
    }
}

void Engine::lose_journal(const Error& error) {
    warn_("The journal failed: " + error.text);
    has_journal_ = false;
    retry_delay_ = retry_delay_min;
    recover();
}

void Engine::recover() {
    if (!journal_.recover_from_failure(scheduler_.state())) {
        recover_later();
    }
}

void Engine::recover_later() {
    retry_.expires_after(retry_delay_);
    retry_delay_ = std::min(2 * retry_delay_, retry_delay_max);
    retry_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec) {
            recover();
        }
    });
}

void Engine::lose_store(const Error& error) {
    const std::string reason = "The daemon cannot write its journal: " + error.text +
                               ". Free some space or repair the disk; it tries again by itself, "
                               "and running tasks go on.";
    if (store_failure_ != reason) {
        warn_(reason);
        post(core::StoreFailed{reason});
    }
    store_failure_ = reason;
}

void Engine::regain_store() {
    has_journal_ = true;
    if (std::exchange(store_failure_, std::nullopt)) {
        post(core::StoreRecovered{});
    }
    warn_("The journal works again");
    let_go();
}

}  // namespace pueue
