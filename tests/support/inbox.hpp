// What a loop thread gets from others: completions, which wait until the test runs them.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace pueue::support {

class Inbox {
  public:
    void post(std::function<void()> completion) {
        const std::lock_guard lock(mutex_);
        completions_.push_back(std::move(completion));
        changed_.notify_one();
    }
    /// Waits for one if there is none.
    void run_one() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !completions_.empty(); });
        const std::function<void()> completion = std::move(completions_.front());
        completions_.pop_front();
        lock.unlock();
        completion();
    }
    [[nodiscard]] std::size_t waiting() {
        const std::lock_guard lock(mutex_);
        return completions_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> completions_;
};

}  // namespace pueue::support
