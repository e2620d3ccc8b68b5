#include "daemon/engine.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace pueue {

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
      deadline_alarm_(loop, [this] { post(core::AlarmRang{}); }) {}

void Engine::post(core::Event event) {
    inbox_.push_back(std::move(event));
    schedule_turn();
}

void Engine::schedule_turn() {
    if (!std::exchange(turn_is_scheduled_, true)) {
        boost::asio::post(loop_, [this] { turn(); });
    }
}

void Engine::turn() {
    turn_is_scheduled_ = false;
    if (is_failed_) {
        inbox_.clear();
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
    set_alarms();
}

void Engine::durable(const Result<journal::Lsn>& lsn) {
    if (is_failed_) {
        return;
    }
    if (lsn.has_error()) {
        fail(lsn.error());
        return;
    }
    executor_.durable(lsn.value());
}

void Engine::set_alarms() {
    wall_alarm_.set(scheduler_.next_alarm());
    deadline_alarm_.set(scheduler_.next_deadline());
}

void Engine::fail(const Error& error) {
    is_failed_ = true;
    failed_(error);
}

}  // namespace pueue
