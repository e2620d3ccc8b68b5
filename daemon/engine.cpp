#include "daemon/engine.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace pueue {

namespace {

// What nobody waits for (acknowledged exits, mostly) is synced at the latest after this time.
constexpr std::chrono::seconds sync_delay_max{1};

}  // namespace

Engine::Engine(
    boost::asio::io_context& loop,
    core::Scheduler& scheduler,
    journal::Journal& journal,
    Executor& executor,
    std::function<void(const Error&)> failed
)
    : loop_(loop),
      scheduler_(scheduler),
      journal_(journal),
      executor_(executor),
      failed_(std::move(failed)),
      wall_alarm_(loop, [this] { post(core::AlarmRang{}); }),
      deadline_alarm_(loop, [this] { post(core::AlarmRang{}); }),
      late_sync_(loop) {
    journal_.when_synced([this](const Result<journal::Lsn>& synced) {
        if (synced.has_error()) {
            fail(synced.error());
        } else {
            release_durable();
        }
    });
}

void Engine::post(core::Event event) {
    inbox_.push_back(std::move(event));
    if (!std::exchange(turn_is_posted_, true)) {
        boost::asio::post(loop_, [this] { turn(); });
    }
}

void Engine::turn() {
    turn_is_posted_ = false;
    if (is_failed_) {
        return;
    }
    for (const core::Event& event : std::exchange(inbox_, {})) {
        core::Decision decision = scheduler_.step(event, read_clock());
        const journal::Lsn lsn = journal_.append(decision.records);
        executor_.take(std::move(decision.actions), lsn, scheduler_.state());
    }
    if (const Result<> written = journal_.write(); written.has_error()) {
        fail(written.error());
        return;
    }
    executor_.written();
    release_durable();
    wall_alarm_.set(scheduler_.next_alarm());
    deadline_alarm_.set(scheduler_.next_deadline());
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
        if (!ec && !is_failed_) {
            journal_.request_sync();
        }
    });
}

void Engine::fail(const Error& error) {
    if (!std::exchange(is_failed_, true)) {
        failed_(error);
    }
}

}  // namespace pueue
