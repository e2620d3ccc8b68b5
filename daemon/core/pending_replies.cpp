#include "daemon/core/pending_replies.hpp"

#include "daemon/core/texts.hpp"

#include <utility>

namespace pueue::core {

namespace {

Answer not_started(const std::vector<PendingReplies::Wish>& wishes) {
    std::vector<TaskId> ids;
    for (const PendingReplies::Wish& wish : wishes) {
        ids.push_back(wish.task);
    }
    return FailureReply{
        "The keeper process does not respond. These tasks have not been started: " + joined(ids)};
}

}  // namespace

void PendingReplies::wait(
    Promise promise,
    Until until,
    const std::vector<AttemptKey>& attempts,
    std::vector<Wish> wishes,
    Instant deadline
) {
    const Number number = next_++;
    Wait wait{promise.session, std::move(promise.answer), until, {}, std::move(wishes), deadline};
    waits_.emplace(number, std::move(wait));
    for (const AttemptKey& attempt : attempts) {
        attach(number, attempt);
    }
    note_if_done(number);
}

void PendingReplies::started(const AttemptKey& attempt) {
    for (const Number number : waiting_for(attempt)) {
        if (waits_.at(number).until == Until::started) {
            detach(number, attempt);
            note_if_done(number);
        }
    }
}

void PendingReplies::ended(const AttemptKey& attempt) {
    for (const Number number : waiting_for(attempt)) {
        detach(number, attempt);
        note_if_done(number);
    }
}

void PendingReplies::withdrawn(const AttemptKey& attempt) {
    for (const Number number : waiting_for(attempt)) {
        detach(number, attempt);
        Wait& wait = waits_.at(number);
        if (wait.until == Until::started) {
            wait.wishes.push_back({attempt.task, attempt.run});
        }
        note_if_done(number);
    }
}

void PendingReplies::forget(SessionId session) {
    for (auto& [number, wait] : waits_) {
        if (wait.session == session) {
            wait.session.reset();
        }
    }
}

std::vector<Promise> PendingReplies::take_due(Instant now) {
    // Deadlines do not run backwards, so the overdue waits are the first ones.
    for (auto wait = waits_.begin(); wait != waits_.end() && wait->second.deadline <= now; ++wait) {
        done_.insert(wait->first);
    }
    std::vector<Promise> due;
    for (const Number number : std::exchange(done_, {})) {
        Wait& wait = waits_.at(number);
        if (!wait.wishes.empty() && std::holds_alternative<SuccessReply>(wait.answer)) {
            wait.answer = not_started(wait.wishes);
        }
        for (const AttemptKey& attempt : wait.attempts) {
            by_attempt_.erase({attempt, number});
        }
        if (wait.session) {
            due.push_back({*wait.session, std::move(wait.answer)});
        }
        waits_.erase(number);
    }
    return due;
}

std::optional<Instant> PendingReplies::next_deadline() const {
    return waits_.empty() ? std::nullopt : std::optional(waits_.begin()->second.deadline);
}

std::vector<PendingReplies::Number> PendingReplies::waiting_for(const AttemptKey& attempt) const {
    std::vector<Number> numbers;
    for (auto entry = by_attempt_.lower_bound({attempt, Number{0}});
         entry != by_attempt_.end() && entry->first == attempt;
         ++entry) {
        numbers.push_back(entry->second);
    }
    return numbers;
}

void PendingReplies::attach(Number number, const AttemptKey& attempt) {
    waits_.at(number).attempts.insert(attempt);
    by_attempt_.insert({attempt, number});
}

void PendingReplies::detach(Number number, const AttemptKey& attempt) {
    waits_.at(number).attempts.erase(attempt);
    by_attempt_.erase({attempt, number});
}

void PendingReplies::note_if_done(Number number) {
    const Wait& wait = waits_.at(number);
    if (wait.attempts.empty() && wait.wishes.empty()) {
        done_.insert(number);
    }
}

}  // namespace pueue::core
