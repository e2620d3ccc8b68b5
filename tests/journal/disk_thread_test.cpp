#include "daemon/journal/disk_thread.hpp"

#include "tests/support/inbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pueue::journal {
namespace disk_thread_test {

using support::Inbox;

// Holds the disk thread back until it is opened.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return is_open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = false;
};

TEST(DiskThread, RunsWorkElsewhereAndItsCompletionOnTheLoop) {
    Inbox inbox;
    DiskThread disk([&](Completion completion) { inbox.post(std::move(completion)); });
    std::thread::id worked_on;
    std::thread::id completed_on;
    disk.run(Urgency::slow, [&]() -> Completion {
        worked_on = std::this_thread::get_id();
        return [&] { completed_on = std::this_thread::get_id(); };
    });
    inbox.run_one();
    EXPECT_EQ(completed_on, std::this_thread::get_id());
    EXPECT_NE(worked_on, std::this_thread::get_id());
}

TEST(DiskThread, PrefersSyncsAlsoBetweenTheSlicesOfLongWork) {
    Inbox inbox;
    Gate gate;
    std::vector<std::string> order;  // touched by the disk thread only, read after its end
    const auto note = [&order](std::string what) -> Work {
        return [&order, what = std::move(what)]() -> Completion {
            order.push_back(what);
            return {};
        };
    };
    {
        DiskThread disk([&](Completion completion) { inbox.post(std::move(completion)); });
        disk.run(Urgency::slow, [&]() -> Completion {
            gate.pass();
            order.push_back("first slice");
            disk.run(Urgency::slow, note("second slice"));
            return {};
        });
        disk.run(Urgency::sync, note("sync 1"));
        disk.run(Urgency::sync, note("sync 2"));
        gate.open();
    }
    // The first slice may have begun before the syncs were asked for, or not.
    ASSERT_EQ(order.size(), 4U);
    EXPECT_EQ(order.back(), "second slice");
    EXPECT_LT(
        std::find(order.begin(), order.end(), "sync 1"),
        std::find(order.begin(), order.end(), "sync 2")
    );
}

TEST(DiskThread, FinishesWhatWasAskedForBeforeItEnds) {
    Inbox inbox;
    int done = 0;
    {
        DiskThread disk([&](Completion completion) { inbox.post(std::move(completion)); });
        for (int i = 0; i < 100; ++i) {
            disk.run(Urgency::slow, [&done]() -> Completion {
                ++done;
                return [] {};
            });
        }
    }
    EXPECT_EQ(done, 100);
    EXPECT_EQ(inbox.waiting(), 100U);
}

}  // namespace disk_thread_test
}  // namespace pueue::journal
