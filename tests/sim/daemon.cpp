#include "tests/sim/daemon.hpp"

#include <iterator>

namespace pueue::sim {

namespace {

/// Small, so that a run meets the growth of a segment, too.
constexpr std::uint64_t segment_chunk_bytes = 4096;
/// The same for compaction.
constexpr std::uint64_t compact_from_bytes = 1000;

bool waits_for_disk(const core::Action& action) {
    if (const auto* reply = std::get_if<core::Reply>(&action)) {
        return reply->waits == core::Waits::durable;
    }
    return std::holds_alternative<core::AcknowledgeExit>(action) ||
           std::holds_alternative<core::ExitDaemon>(action);
}

}  // namespace

std::unique_ptr<Daemon> Daemon::boot(
    journal::FileSystem& files, core::Policy policy, const Now& now, Findings& findings
) {
    std::unique_ptr<Daemon> daemon(new Daemon);
    journal::JournalOptions options;
    options.random = now.random;
    options.chunk_bytes = segment_chunk_bytes;
    options.compact_from_bytes = compact_from_bytes;
    options.when_compacted = [raw = daemon.get()](const Result<journal::Compacted>& one) {
        raw->compactions_ += one.has_value() ? 1U : 0U;
    };
    options.run_on_disk = [raw = daemon.get()](journal::Urgency, journal::Work work) {
        raw->jobs_.push_back(std::move(work));
    };
    EnvironmentPool environments;
    auto opened = journal::Journal::open(files, environments, std::move(options));
    if (opened.has_error()) {
        findings.add("the store can be opened: " + opened.error().text);
        return nullptr;
    }
    daemon->journal_ = std::move(opened.value().journal);
    daemon->scheduler_ = std::make_unique<core::Scheduler>(std::move(opened.value().state), policy);
    daemon->states_.emplace(daemon->journal_->written(), daemon->scheduler_->state());
    daemon->journal_->when_synced([raw = daemon.get()](const Result<journal::Lsn>& synced) {
        raw->has_failed_ = raw->has_failed_ || synced.has_error();
    });
    return daemon;
}

bool Daemon::turn(const Now& now, const Observer& observer) {
    for (const core::Event& event : std::exchange(inbox_, {})) {
        const State before = scheduler_->state();
        core::Decision decision = scheduler_->step(event, now);
        const journal::Lsn lsn = journal_->append(decision.records);
        observer(event, now, before, decision);
        states_.insert_or_assign(lsn, scheduler_->state());
        for (core::Action& action : decision.actions) {
            take(std::move(action), lsn);
        }
    }
    if (journal_->write().has_error()) {
        has_failed_ = true;
        return false;
    }
    release_written();
    release_durable();
    return true;
}

void Daemon::take(core::Action action, journal::Lsn lsn) {
    std::shared_ptr<const State> shown;
    if (const auto* reply = std::get_if<core::Reply>(&action)) {
        if (std::holds_alternative<core::StatusReply>(reply->answer)) {
            shown = std::make_shared<const State>(scheduler_->state());
        }
    }
    Waiting waiting{lsn, std::move(action), std::move(shown)};
    if (waits_for_disk(waiting.action)) {
        until_durable_.push_back(std::move(waiting));
    } else {
        until_written_.push_back(std::move(waiting));
    }
}

void Daemon::leave(core::Action action, std::shared_ptr<const State> shown) {
    if (auto* reply = std::get_if<core::Reply>(&action)) {
        answers.push_back({reply->session, std::move(reply->answer), std::move(shown)});
    } else if (const auto* start = std::get_if<core::StartAttempt>(&action)) {
        to_keeper.emplace_back(*start);
    } else if (const auto* signal = std::get_if<core::SignalTask>(&action)) {
        to_keeper.emplace_back(*signal);
    } else if (const auto* acknowledge = std::get_if<core::AcknowledgeExit>(&action)) {
        to_keeper.emplace_back(*acknowledge);
    } else if (auto* input = std::get_if<core::SendInput>(&action)) {
        inputs.push_back(std::move(*input));
    } else if (const auto* end = std::get_if<core::EndFollow>(&action)) {
        // What the client sees of a followed log is not simulated; that it ends is.
        answers.push_back({end->session, core::SuccessReply{"the log is complete"}, nullptr});
    } else if (const auto* exit = std::get_if<core::ExitDaemon>(&action)) {
        exit_code = exit->code;
    }
}

void Daemon::release_written() {
    for (Waiting& waiting : std::exchange(until_written_, {})) {
        leave(std::move(waiting.action), std::move(waiting.shown));
    }
}

void Daemon::release_durable() {
    while (!until_durable_.empty() && until_durable_.front().lsn <= journal_->durable()) {
        Waiting waiting = std::move(until_durable_.front());
        until_durable_.pop_front();
        leave(std::move(waiting.action), std::move(waiting.shown));
    }
    if (!until_durable_.empty()) {
        journal_->request_sync();
    }
    forget_old_states();
}

void Daemon::run_disk_job() {
    journal::Work work = std::move(jobs_.front());
    jobs_.pop_front();
    completions_.push_back(work());
}

bool Daemon::run_completion() {
    journal::Completion completion = std::move(completions_.front());
    completions_.pop_front();
    if (completion) {
        completion();
    }
    if (has_failed_) {
        return false;
    }
    release_durable();
    return true;
}

void Daemon::forget_old_states() {
    states_.erase(states_.begin(), std::prev(states_.upper_bound(journal_->durable())));
}

const State& Daemon::durable_state() const {
    return states_.begin()->second;
}

const State& Daemon::written_state() const {
    return std::prev(states_.upper_bound(journal_->written()))->second;
}

std::vector<State> Daemon::states_since_durable() const {
    const auto end = has_failed_ ? states_.end() : states_.upper_bound(journal_->written());
    std::vector<State> states;
    for (auto state = states_.begin(); state != end; ++state) {
        states.push_back(state->second);
    }
    return states;
}

}  // namespace pueue::sim
