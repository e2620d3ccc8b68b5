// What the keeper knows of each attempt it was given: the table, by key and by pid, and the exits
// that wait to be acknowledged. No rules and no system calls; descriptors and memory of a child are
// its owner's (keeper.cpp) to release before it is removed.
//
// Most are tasks. A run (messages.hpp) is known by a key that no task has, and of its end nothing
// is kept but what the daemon is told.
//
// A child is starting (its status pipe is open), running, exited (its process is reaped, its exit
// is not acknowledged) or failed (never executed anything; kept only until that was said).
#pragma once

#include "daemon/keeper/child.hpp"
#include "daemon/keeper/messages.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace pueue::keeper {

struct LaunchMemory;

struct Child {
    enum class Phase : std::uint8_t { starting, running, exited, failed };

    Key key;
    Phase phase = Phase::starting;
    bool is_run = false;
    bool to_announce = false;  ///< in the queue of what the daemon has to be told
    bool as_entry = false;     ///< to be told as part of an inventory
    pid_t pid = 0;
    int pidfd = -1;  ///< of a process not announced yet
    int stdin_write = -1;
    std::uint64_t start_ticks = 0;

    // While starting.
    int status_pipe = -1;
    LaunchMemory* memory = nullptr;
    std::int32_t oom_score_adj = Start::inherit_oom_score;
    ChildFailure failure;

    // From then on.
    std::int64_t started_wall_ns = 0;
    std::int64_t started_boot_ns = 0;

    // When exited.
    std::uint64_t sequence = 0;
    ExitFacts facts;

    Child* next_by_key = nullptr;
    Child* next_by_pid = nullptr;
    Child* next_to_announce = nullptr;
    Child* next_exit = nullptr;

    [[nodiscard]] bool alive() const { return phase == Phase::starting || phase == Phase::running; }
};

/// First in, first out, linked through the member that `Next` names.
template <Child* Child::*Next>
class ChildQueue {
  public:
    [[nodiscard]] Child* front() const { return front_; }

    void push(Child& child) {
        child.*Next = nullptr;
        (back_ == nullptr ? front_ : back_->*Next) = &child;
        back_ = &child;
    }
    void pop() {
        front_ = front_->*Next;
        if (front_ == nullptr) {
            back_ = nullptr;
        }
    }

  private:
    Child* front_ = nullptr;
    Child* back_ = nullptr;
};

class Children {
  public:
    /// Null: out of memory.
    [[nodiscard]] Child* add(const Key& key);
    void set_pid(Child& child, pid_t pid);
    /// The pid is about to be anybody's.
    void forget_pid(Child& child);
    /// Requires: it is in no queue.
    void remove(Child& child);

    [[nodiscard]] Child* find(const Key& key) const;
    [[nodiscard]] Child* find(pid_t pid) const;

    /// Calls `visit(Child&)` for each; it must not add or remove any.
    template <class Visit>
    void for_each(Visit visit) const {
        for (Child* first : by_key_) {
            for (Child* child = first; child != nullptr; child = child->next_by_key) {
                visit(*child);
            }
        }
    }

  private:
    // Fixed: ten thousand live children make chains of ten.
    static constexpr std::size_t buckets = 1024;

    static std::size_t bucket(const Key& key);
    static std::size_t bucket(pid_t pid) { return static_cast<std::size_t>(pid) % buckets; }

    Child* by_key_[buckets] = {};
    Child* by_pid_[buckets] = {};
};

}  // namespace pueue::keeper
