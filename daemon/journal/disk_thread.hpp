// The daemon's only other thread: everything that waits for a device happens there. Syncs go first,
// because clients wait for them; deleting logs, reading logs for replies, exports and compaction
// come after, in the order they were asked for.
//
// Work is given descriptors and bytes, never live State. What it returns is handed to `post`, which
// runs it on the loop thread. `run` may be called from any thread, also from work: long work does a
// slice and asks for the next one, so that a sync never waits for more than a slice.
#pragma once

#include <functional>
#include <memory>

namespace pueue::journal {

/// What is left to do on the loop thread; may be empty.
using Completion = std::function<void()>;
using Work = std::function<Completion()>;

enum class Urgency { sync, slow };

/// How work gets to the disk thread. A simulator hands in a queue of its own.
using RunOnDisk = std::function<void(Urgency, Work)>;

class DiskThread {
  public:
    /// `post` is called on the disk thread and must be able to outlive it by its completions.
    explicit DiskThread(std::function<void(Completion)> post);
    /// Finishes all the work, also what that work asks for; completions are still posted.
    ~DiskThread();
    DiskThread(const DiskThread&) = delete;
    DiskThread& operator=(const DiskThread&) = delete;

    void run(Urgency urgency, Work work);

  private:
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace pueue::journal
