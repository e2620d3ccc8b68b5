#include "daemon/runner/orphans.hpp"

#include "daemon/runner/left_behind.hpp"

#include <boost/asio/post.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <utility>

namespace pueue::runner {

namespace asio = boost::asio;

namespace {

constexpr const char* log_target = "pueue::daemon::keeper";

/// A process that has ended and that its new parent does not reap in this time is not waited for.
constexpr std::chrono::seconds reaping_patience{5};

bool is_child(pid_t pid) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

TaskProcess pinned(const keeper::SpoolRecord& run) {
    return {run.pid, pin({run.pid, run.start_ticks, run.boot})};
}

}  // namespace

Orphans::Orphans(
    asio::io_context& loop,
    std::string directory,
    std::function<void(const core::ChildExited&)> ended,
    Logger& logger
)
    : loop_(loop), directory_(std::move(directory)), ended_(std::move(ended)), logger_(logger) {}

void Orphans::find() {
    const LeftBehind left = read_left_behind(directory_);
    report_exits(left.exits);
    for (const auto& [key, run] : left.runs) {
        TaskProcess process = contains(key) ? TaskProcess() : pinned(run);
        if (process.pidfd) {
            watch(key, std::move(process));
        }
    }
    name_survivors();
    if (watched_.empty() && left.exits.empty()) {
        remove_left_behind(directory_);
    }
}

void Orphans::take_over(TaskProcesses announced) {
    const LeftBehind left = read_left_behind(directory_);
    report_exits(left.exits);
    for (const auto& [key, exited] : left.exits) {
        announced.erase(key);
    }
    for (const auto& [key, run] : left.runs) {
        if (contains(key) || announced.contains(key) || reported_.contains(key)) {
            continue;
        }
        if (TaskProcess process = pinned(run); process.pidfd) {
            watch(key, std::move(process));
        } else {
            report(key, std::nullopt);
        }
    }
    for (auto& [key, process] : announced) {
        watch(key, std::move(process));
    }
    name_survivors();
}

void Orphans::report_exits(const std::map<AttemptKey, keeper::SpoolRecord>& exits) {
    for (const auto& [key, record] : exits) {
        if (!reported_.contains(key)) {
            report(key, HowItEnded{record.facts.code != CLD_EXITED, record.facts.status});
        }
    }
}

std::vector<AttemptKey> Orphans::keys() const {
    std::vector<AttemptKey> keys;
    for (const auto& [key, watched] : watched_) {
        keys.push_back(key);
    }
    return keys;
}

void Orphans::signal(const AttemptKey& key, int number) const {
    const auto found = watched_.find(key);
    if (found != watched_.end()) {
        signal_group(found->second.pid, found->second.pidfd->native_handle(), number);
    }
}

// The end of a child of ours is told by reap(): only its parent gets the status, and gets it once.
void Orphans::watch(const AttemptKey& key, TaskProcess process) {
    Watched& watched = watched_[key];
    watched.pid = process.pid;
    watched.pidfd =
        std::make_unique<asio::posix::stream_descriptor>(loop_, process.pidfd.release());
    if (is_child(process.pid)) {
        return;
    }
    const auto on_end = [this, key](const boost::system::error_code& ec) {
        if (!ec) {
            ended_elsewhere(key);
        }
    };
    watched.pidfd->async_wait(asio::posix::stream_descriptor::wait_read, on_end);
}

bool Orphans::reap(pid_t pid) {
    for (const auto& [key, watched] : watched_) {
        if (watched.pid != pid) {
            continue;
        }
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG);
        report(key, HowItEnded{info.si_code != CLD_EXITED, info.si_status});
        return true;
    }
    return false;
}

void Orphans::ended_elsewhere(const AttemptKey& key) {
    const ForeignEnd end = foreign_end(watched_.at(key).pidfd->native_handle());
    if (end.is_reaped) {
        report(key, end.how);
    } else {
        wait_until_reaped(key);
    }
}

// The kernel says how it ended once its parent has asked. A pidfd hangs up at that moment.
void Orphans::wait_until_reaped(const AttemptKey& key) {
    Watched& watched = watched_.at(key);
    if (watched.patience) {
        return;
    }
    const auto look = [this, key](const boost::system::error_code& ec) {
        if (!ec && contains(key)) {
            report(key, foreign_end(watched_.at(key).pidfd->native_handle()).how);
        }
    };
    watched.patience = std::make_unique<asio::steady_timer>(loop_, reaping_patience);
    watched.patience->async_wait(look);
    watched.pidfd->async_wait(asio::posix::stream_descriptor::wait_error, look);
}

void Orphans::report(AttemptKey key, std::optional<HowItEnded> how) {
    core::ChildExited exited;
    exited.key = key;
    reported_.insert(key);
    watched_.erase(key);
    exited.lost = !how;
    exited.signaled = how && how->signaled;
    exited.value = how ? how->value : 0;
    exited.sequence = ++last_sequence_;
    if (exited.lost) {
        logger_.warn(
            log_target,
            "Task " + std::to_string(key.task.value) + " has ended; its exit status is lost."
        );
    }
    ended_(exited);
}

void Orphans::acknowledge(std::uint64_t sequence) {
    acknowledged_ = std::max(acknowledged_, sequence);
    if (watched_.empty() && acknowledged_ == last_sequence_) {
        remove_left_behind(directory_);
        reported_.clear();
    }
}

void Orphans::name_survivors() const {
    if (watched_.empty()) {
        return;
    }
    std::string ids;
    for (const auto& [key, watched] : watched_) {
        ids += (ids.empty() ? "" : ", ") + std::to_string(key.task.value);
    }
    logger_.warn(
        log_target, "The keeper of these tasks has died; they run on and are watched: " + ids
    );
}

}  // namespace pueue::runner
