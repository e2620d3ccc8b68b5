// The words in which the tests of the scheduler are written: what happens (events), what should be
// true then (records), and what should be done (actions). `at` is one step; after each one the
// invariants are checked.
//
// Time is in seconds since the test began. Client 1 asks unless a test says otherwise. A keeper
// with the number 1 has reported, and group `default` exists with one slot.
#pragma once

#include "daemon/core/invariants.hpp"
#include "daemon/core/scheduler.hpp"
#include "tests/support/describe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pueue::core {

// So that tests can write `at(10s, …)` and `ElementsAre(…)`.
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Seconds = std::chrono::milliseconds;

inline WallTime clock_at(Seconds time) {
    const std::int64_t ms = time.count();
    return {describe_epoch.seconds + ms / 1000, static_cast<std::uint32_t>(ms % 1000) * 1'000'000U};
}

inline Now now_at(Seconds time) {
    return {Instant{time}, clock_at(time), {}};
}

inline TaskId id(std::uint64_t value) {
    return TaskId{value};
}

inline std::vector<TaskId> ids(std::initializer_list<std::uint64_t> values) {
    std::vector<TaskId> all;
    for (const std::uint64_t value : values) {
        all.push_back(TaskId{value});
    }
    return all;
}

inline KeeperId keeper(std::uint8_t number) {
    KeeperId keeper;
    keeper.value[0] = number;
    return keeper;
}

// What happens.

inline Event ask(Command command, std::uint64_t session = 1) {
    return ClientRequest{SessionId{session}, std::move(command)};
}

inline Event start(TaskSelection tasks) {
    return ask(Start{std::move(tasks)});
}
inline Event pause(TaskSelection tasks) {
    return ask(Pause{std::move(tasks), false});
}
inline Event kill(TaskSelection tasks) {
    return ask(Kill{std::move(tasks), {}});
}
inline Event kill_with(int number, std::string name, TaskSelection tasks) {
    return ask(Kill{std::move(tasks), SignalName{number, std::move(name)}});
}
inline Event stash(TaskSelection tasks) {
    return ask(Stash{std::move(tasks), {}, ""});
}
inline Event stash_until(Seconds time, std::string text, TaskSelection tasks) {
    return ask(Stash{std::move(tasks), clock_at(time), std::move(text)});
}
inline Event enqueue(TaskSelection tasks) {
    return ask(Enqueue{std::move(tasks), {}, ""});
}
inline Event enqueue_at(Seconds time, std::string text, TaskSelection tasks) {
    return ask(Enqueue{std::move(tasks), clock_at(time), std::move(text)});
}
inline Event remove(std::vector<TaskId> tasks) {
    return ask(Remove{std::move(tasks)});
}

/// An add, flag by flag, as on the command line.
class AddRequest {
  public:
    explicit AddRequest(std::string command) {
        add_.spec.command = add_.spec.original_command = std::move(command);
        add_.spec.path = "/tmp";
        add_.spec.environment = Environment::empty();
        add_.spec.group = default_group;
    }
    AddRequest&& in(std::string group) && {
        add_.spec.group = std::move(group);
        return std::move(*this);
    }
    AddRequest&& after(std::initializer_list<std::uint64_t> dependencies) && {
        add_.spec.dependencies = ids(dependencies);
        return std::move(*this);
    }
    AddRequest&& priority(std::int32_t priority) && {
        add_.spec.priority = priority;
        return std::move(*this);
    }
    AddRequest&& labelled(std::string label) && {
        add_.spec.label = std::move(label);
        return std::move(*this);
    }
    AddRequest&& at_path(std::string path) && {
        add_.spec.path = std::move(path);
        return std::move(*this);
    }
    AddRequest&& wishing(TaskOptions options) && {
        add_.options = options;
        return std::move(*this);
    }
    AddRequest&& stashed() && {
        add_.stashed = true;
        return std::move(*this);
    }
    AddRequest&& until(Seconds time) && {
        add_.enqueue_at = clock_at(time);
        return std::move(*this);
    }
    AddRequest&& immediately() && {
        add_.start_immediately = true;
        return std::move(*this);
    }
    operator Event() const { return ask(add_); }  // NOLINT(google-explicit-constructor)

  private:
    Add add_;
};

inline AddRequest add(std::string command) {
    return AddRequest(std::move(command));
}

struct HowItEnded {
    bool signaled = false;
    int value = 0;
};
inline HowItEnded code(int value) {
    return {false, value};
}
inline HowItEnded signal(int number) {
    return {true, number};
}

// What is true.

inline Record started(
    std::uint64_t task,
    Seconds enqueued,
    Seconds start,
    std::uint64_t worker = 0,
    std::uint32_t attempt = 1
) {
    return AttemptStarted{
        id(task), AttemptNumber{attempt}, WorkerId{worker}, clock_at(enqueued), clock_at(start)};
}

inline Record finished(std::uint64_t task, TaskResult result, Seconds start, Seconds end) {
    return TaskFinished{id(task), clock_at(start), clock_at(end), std::move(result)};
}

// What is done.

inline Action success(std::string text, std::uint64_t session = 1) {
    return Reply{SessionId{session}, SuccessReply{std::move(text)}, Waits::durable};
}
inline Action failure(std::string text, std::uint64_t session = 1) {
    return Reply{SessionId{session}, FailureReply{std::move(text)}, Waits::durable};
}
inline Action added(std::uint64_t task, std::uint64_t session = 1) {
    return Reply{SessionId{session}, AddedTaskReply{id(task), std::nullopt, false}, Waits::durable};
}

/// Not by a new task.
inline Action answered(
    std::uint64_t task, AddOutcome outcome, std::uint64_t session = 1, std::string warning = {}
) {
    return Reply{
        SessionId{session},
        AddedTaskReply{id(task), std::nullopt, false, outcome, std::move(warning)},
        Waits::durable};
}

inline Action acknowledge(std::uint64_t exit) {
    return AcknowledgeExit{exit};
}

class SchedulerTest : public ::testing::Test {
  protected:
    SchedulerTest() { restart({}); }

    /// A new scheduler on this state, to which keeper 1 has reported what it should know.
    void restart(State state, Policy policy = {}) {
        scheduler_ = std::make_unique<Scheduler>(std::move(state), policy);
        KeeperReport report{keeper(1), {}, {}};
        for (const auto& [id, task] : scheduler_->state().tasks) {
            if (has_process(task)) {
                report.alive.push_back(task.key());
            }
        }
        std::ignore = at(0s, report);
    }
    /// The same with no tasks and these settings.
    void policy(Policy policy) { restart({}, policy); }

    Decision at(Seconds time, const Event& event) {
        Decision decision = scheduler_->step(event, now_at(time));
        EXPECT_THAT(broken_invariants(*scheduler_, clock_at(time)), IsEmpty());
        return decision;
    }
    /// What went before, at second 0.
    void given(std::initializer_list<Event> events) {
        for (const Event& event : events) {
            std::ignore = at(0s, event);
        }
    }

    [[nodiscard]] const Scheduler& scheduler() const { return *scheduler_; }
    [[nodiscard]] const State& state() const { return scheduler_->state(); }
    [[nodiscard]] const Task& task(std::uint64_t number) const {
        return state().tasks.at(id(number));
    }
    [[nodiscard]] const TaskStatus& status(std::uint64_t number) const {
        return task(number).status;
    }
    [[nodiscard]] GroupStatus group_status(const std::string& name) const {
        return state().groups.at(name).status;
    }

    // Events and actions that name an attempt as it is at this moment.

    [[nodiscard]] AttemptKey key(std::uint64_t number) const { return task(number).key(); }
    [[nodiscard]] Event runs(std::uint64_t number) const { return ChildStarted{key(number)}; }
    /// The exits of a test are numbered from 1.
    [[nodiscard]] Event exited(std::uint64_t number, HowItEnded how) {
        return ChildExited{key(number), how.signaled, how.value, ++last_exit_};
    }
    [[nodiscard]] Action starts(std::uint64_t number, std::uint64_t worker = 0) const {
        return StartAttempt{key(number), WorkerId{worker}};
    }
    [[nodiscard]] Action send(int signal, std::uint64_t number) const {
        return SignalTask{key(number), signal};
    }

  private:
    std::unique_ptr<Scheduler> scheduler_;
    std::uint64_t last_exit_ = 0;
};

inline Command group_add(std::string name, std::optional<std::uint64_t> slots = {}) {
    return GroupAdd{std::move(name), slots};
}
inline Command parallel(std::string group, std::uint64_t slots) {
    return Parallel{std::move(group), slots};
}

}  // namespace pueue::core
