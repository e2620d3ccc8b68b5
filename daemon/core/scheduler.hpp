// The rules of the daemon: from what happens to what becomes true and what is to be done.
//
// A task is in one of six states. Queued waits for its turn. Stashed waits for somebody to enqueue
// it, or for its time. Locked is a Queued or Stashed task that somebody edits; it keeps what it was
// inside. Running has a process, and so has Paused, whose process is stopped. Done has a result and
// stays until it is cleaned, removed, or restarted in place. The status says what is true and not
// what is wished: a task that was just sent SIGKILL is Running until its end is known.
//
// A process is an *attempt*, known to the keeper by task, run and number. Running is recorded when
// the start is decided, not when it is confirmed: the record is written first, then the keeper is
// asked, so no process exists that the records do not know. What became of an attempt that nobody
// reports is settled when the keeper's report arrives: it lives, it has ended, the keeper never got
// it (then it has not run, and the task is Queued again), or it went down with another keeper.
//
// A group is Running, Paused, or being Reset, and has a number of slots. Every attempt holds a
// worker number, the smallest that is free in its group, until it ends; a start is due while the
// group is Running and has fewer attempts than slots. Lowering the slots ends nothing, and a forced
// start may exceed them. Among all tasks that could start, in all groups, the highest priority goes
// first, then the lowest id. A task can start when each of its dependencies is gone or has
// succeeded; if one has failed it never will, and becomes Done(DependencyFailed).
//
// step() does two things. First the handler of the event makes the records that the event itself
// stands for. Then settle() draws the consequences, always in this order:
//   1. groups that are being reset and have no process left lose their tasks and run again;
//      the history forgets what is too old or too much;
//   2. delayed tasks whose time has come are Queued;
//   3. Queued tasks with a failed dependency are Done, and those that depend on them, and so on,
//      except in paused groups, which keep theirs until they run again;
//   4. free slots are filled;
//   5. promised answers whose wait is over are given, and followers told what became of their task.
// Nothing loops back: no consequence makes an earlier one possible, so one pass is enough. What the
// original does within one tick of its loop happens here within one step, and no client sees what
// is in between. While the daemon is ending, 1 to 4 do not happen; it exits when no process is
// left. While the store has failed they do not happen either, and requests for changes are refused:
// memory follows what becomes of the processes there are, and nothing new is begun.
//
// True after every step (invariants.hpp checks it, tests and the simulator after each one):
//   - attempts and worker numbers belong to exactly the Running and Paused tasks, and no two
//     attempts in a group share a number;
//   - with a keeper and a store, and unless the daemon is ending, no task that can start waits
//   beside a free
//     slot, no due delay is pending, and nothing waits for a failed dependency outside a paused
//     group;
//   - the indexes equal what State says, and State is the fold of all records so far.
//
// Pure: same state, same event, same `now` - same decision. Owned by the engine; tests own their
// own.
#pragma once

#include "daemon/core/action.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/record.hpp"
#include "protocol/base/clock.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace pueue::core {

class Indexes;
struct Situation;

/// The settings that decisions depend on.
struct Policy {
    bool pause_group_on_failure = false;
    bool pause_all_on_failure = false;
    /// There is a command to run for each task that becomes Done.
    bool has_callback = false;
    /// As the original: an id is given out again when it was the highest and its task is gone.
    bool reuses_ids = false;
    /// What an Add is that looks like a restart by a client of the original.
    CloneRequests clone_requests = CloneRequests::in_place;
    /// How many logs of earlier attempts a task keeps. None, as the original: its log stays until
    /// the next attempt begins, and that empties it.
    std::optional<std::uint32_t> earlier_logs = 5;
    IdentitySettings identity;
    LimitSettings limits;
    HistorySettings history;
    std::vector<Rule> rules;
};

struct Decision {
    std::vector<Record> records;
    std::vector<Action> actions;
};

class Scheduler {
  public:
    /// Requires: what recovery returned, where the group of every task exists.
    Scheduler(State recovered, Policy policy);
    ~Scheduler();

    /// Reacts to one event. Deterministic, never suspends, never fails: a request that cannot be
    /// granted is a Reply, a broken invariant is a bug and aborts.
    [[nodiscard]] Decision step(const Event& event, const Now& now) noexcept;

    [[nodiscard]] const State& state() const noexcept;

    /// When AlarmRang is next due (a task's enqueue time); none: never, until something changes.
    [[nodiscard]] std::optional<WallTime> next_alarm() const noexcept;
    /// The same for waits that do not follow the wall clock: an answer that nothing confirms, a
    /// process that does not die when the daemon ends.
    [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;

    // For the check of invariants.

    [[nodiscard]] const Indexes& indexes() const noexcept;
    /// Whether there is a keeper to give starts to.
    [[nodiscard]] bool has_keeper() const noexcept;
    /// Whether the end of the daemon has been asked for.
    [[nodiscard]] bool is_ending() const noexcept;
    /// Whether decisions can be put on record.
    [[nodiscard]] bool has_store() const noexcept;

  private:
    std::unique_ptr<Situation> situation_;
};

}  // namespace pueue::core
