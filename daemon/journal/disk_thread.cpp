#include "daemon/journal/disk_thread.hpp"

#include <pthread.h>
#include <signal.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace pueue::journal {

struct DiskThread::Shared {
    std::function<void(Completion)> post;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Work> syncs;  // guarded by mutex
    std::deque<Work> slow;   // guarded by mutex
    bool stopping = false;   // guarded by mutex
    std::thread thread;

    void loop();
};

void DiskThread::Shared::loop() {
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [&] { return stopping || !syncs.empty() || !slow.empty(); });
        std::deque<Work>& queue = syncs.empty() ? slow : syncs;
        if (queue.empty()) {
            return;
        }
        Work work = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        Completion completion = work();
        // What the work owns goes before its completion can be seen on the loop thread.
        work = nullptr;
        if (completion) {
            post(std::move(completion));
        }
        lock.lock();
    }
}

DiskThread::DiskThread(std::function<void(Completion)> post) : shared_(std::make_unique<Shared>()) {
    shared_->post = std::move(post);
    // Signals are the loop thread's business: a thread inherits the mask it is created under.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    shared_->thread = std::thread([shared = shared_.get()] { shared->loop(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

DiskThread::~DiskThread() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopping = true;
    }
    shared_->changed.notify_one();
    shared_->thread.join();
}

void DiskThread::run(Urgency urgency, Work work) {
    {
        const std::lock_guard lock(shared_->mutex);
        (urgency == Urgency::sync ? shared_->syncs : shared_->slow).push_back(std::move(work));
    }
    shared_->changed.notify_one();
}

}  // namespace pueue::journal
