#include "tests/sim/host.hpp"

#include "tests/support/describe.hpp"

#include <algorithm>
#include <string>

namespace pueue::sim {

namespace {

constexpr int sigkill = 9;
constexpr int sigcont = 18;
constexpr int sigstop = 19;

}  // namespace

void Host::begin_keeper() {
    keeper_.value = random_.bytes();
    keeper_.value[0] |= 1U;  // never all zero
}

void Host::start(const AttemptKey& key) {
    if (processes_.contains(key)) {
        messages.push_back(core::ChildStarted{key});
        return;
    }
    // Of what its predecessors have written down it knows nothing; the daemon reads that.
    const auto spooled = std::find_if(exits_.begin(), exits_.end(), [&](const Exit& exit) {
        return exit.message.key == key && exit.keeper == keeper_;
    });
    if (spooled != exits_.end()) {
        messages.push_back(spooled->message);
        return;
    }
    if (random_.percent(4)) {
        results_[key] = FailedToSpawn{"no such program"};
        messages.push_back(core::StartFailed{key, "no such program"});
        return;
    }
    const bool is_second = executed_.contains(key) && executed_.at(key) == power_cuts_;
    findings_.expect(!is_second, describe(key) + " is executed once");
    findings_.expect(
        !acknowledged_.contains(key), describe(key) + " does not run again: its exit is on record"
    );
    for (const auto& [other, process] : processes_) {
        findings_.expect(other.run != key.run, describe(key) + " runs beside no other of its task");
    }
    executed_[key] = power_cuts_;
    lost_.erase(key);
    results_.erase(key);
    processes_[key] = {};
    messages.push_back(core::ChildStarted{key});
}

void Host::signal(const AttemptKey& key, int number) {
    const auto found = processes_.find(key);
    if (found == processes_.end()) {
        return;
    }
    Process& process = found->second;
    if (number == sigstop) {
        process.is_stopped = true;
    } else if (number == sigcont) {
        process.is_stopped = false;
    } else if (process.deadly_signal != sigkill) {
        process.deadly_signal = number;
    }
}

std::optional<bool> Host::is_stopped(const AttemptKey& key) const {
    const auto found = processes_.find(key);
    if (found == processes_.end() || meddled_with_.contains(key)) {
        return std::nullopt;
    }
    return found->second.is_stopped;
}

void Host::acknowledge(std::uint64_t sequence) {
    for (const Exit& exit : exits_) {
        if (exit.message.sequence <= sequence && !processes_.contains(exit.message.key)) {
            acknowledged_.insert(exit.message.key);
        }
    }
    std::erase_if(exits_, [&](const Exit& exit) { return exit.message.sequence <= sequence; });
}

core::KeeperReport Host::report() const {
    core::KeeperReport report;
    report.keeper = keeper_;
    for (const Exit& exit : exits_) {
        report.exits.push_back(exit.message);
    }
    for (const auto& [key, process] : processes_) {
        report.alive.push_back(key);
    }
    return report;
}

bool Host::end_a_process() {
    std::vector<AttemptKey> dying;
    std::vector<AttemptKey> able;
    for (const auto& [key, process] : processes_) {
        if (process.deadly_signal == sigkill ||
            (process.deadly_signal != 0 && !process.is_stopped)) {
            dying.push_back(key);
        } else if (!process.is_stopped) {
            able.push_back(key);
        }
    }
    if (!dying.empty()) {
        const AttemptKey key = random_.pick(dying);
        end(key, true, processes_.at(key).deadly_signal);
        return true;
    }
    if (able.empty()) {
        return false;
    }
    const AttemptKey key = random_.pick(able);
    const int code = random_.percent(70) ? 0 : static_cast<int>(1 + random_.below(3));
    end(key, false, code);
    return true;
}

void Host::end(const AttemptKey& key, bool signaled, int value) {
    core::ChildExited exit{key, signaled, value, ++last_sequence_};
    exit.lost = processes_.at(key).is_stranger;
    processes_.erase(key);
    exits_.push_back({exit, keeper_});
    messages.push_back(exit);
    if (exit.lost) {
        results_[key] = Errored{};
    } else if (signaled) {
        results_[key] = Killed{};
    } else if (value == 0) {
        results_[key] = Success{};
    } else {
        results_[key] = Failed{value};
    }
}

void Host::lose_keeper(Seen seen) {
    const bool is_seen = seen == Seen::yes;
    for (auto next = processes_.begin(); next != processes_.end();) {
        next->second.is_orphan = true;
        next->second.is_stranger = next->second.is_stranger || !is_seen;
        if (!is_seen && random_.percent(40)) {
            lost_.insert(next->first);
            next = processes_.erase(next);
        } else {
            ++next;
        }
    }
    messages.clear();
    begin_keeper();
}

void Host::lose_daemon() {
    for (auto& [key, process] : processes_) {
        process.is_stranger = process.is_orphan;
    }
    messages.clear();
}

void Host::lose_power() {
    ++power_cuts_;
    exits_.resize(exits_.empty() ? 0 : random_.below(exits_.size() + 1));
    std::erase_if(results_, [&](const auto& entry) { return !remembers_exit_of(entry.first); });
    for (const auto& [key, process] : processes_) {
        lost_.insert(key);
    }
    processes_.clear();
    messages.clear();
    begin_keeper();
}

bool Host::is_dying(const AttemptKey& key) const {
    const auto found = processes_.find(key);
    return found != processes_.end() && found->second.deadly_signal == sigkill;
}

bool Host::remembers_exit_of(const AttemptKey& key) const {
    return std::any_of(exits_.begin(), exits_.end(), [&](const Exit& exit) {
        return exit.message.key == key;
    });
}

std::vector<core::ChildExited> Host::exits() const {
    std::map<AttemptKey, core::ChildExited> newest;
    for (const Exit& exit : exits_) {
        if (!runs(exit.message.key)) {
            newest.insert_or_assign(exit.message.key, exit.message);
        }
    }
    std::vector<core::ChildExited> all;
    for (const auto& [key, message] : newest) {
        all.push_back(message);
    }
    return all;
}

const TaskResult* Host::result(const AttemptKey& key) const {
    const auto found = results_.find(key);
    return found == results_.end() ? nullptr : &found->second;
}

}  // namespace pueue::sim
