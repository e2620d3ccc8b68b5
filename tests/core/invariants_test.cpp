// The check must be able to fail: each rule, broken on purpose, is named.
#include "daemon/core/invariants.hpp"

#include "tests/core/scheduler_fixture.hpp"

#include <functional>

namespace pueue::core {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class InvariantsTest : public SchedulerTest {
  protected:
    InvariantsTest() {
        given({ask(parallel("default", 2)), add("0"), add("1"), add("2"), add("3").after({2})});
    }
};

struct Breakage {
    const char* rule;
    std::function<void(State&)> breaks;
};

TEST_F(InvariantsTest, NameTheRuleThatAStateBreaks) {
    const auto task = [](State& state, std::uint64_t number) -> Task& {
        return state.tasks.at(id(number));
    };
    const auto respec = [&](State& state, const std::function<void(TaskSpec&)>& change) {
        TaskSpec spec = *task(state, 3).spec;
        change(spec);
        task(state, 3).spec = std::make_shared<const TaskSpec>(spec);
    };
    const std::vector<Breakage> all{
        {"is filed under its own id", [&](State& s) { task(s, 2).id = id(7); }},
        {"has an id that was given out", [&](State& s) { s.next_task_id = id(3); }},
        {"has a specification", [&](State& s) { task(s, 2).spec = nullptr; }},
        {"has an environment",
         [&](State& s) { respec(s, [](TaskSpec& spec) { spec.environment = nullptr; }); }},
        {"is in a group that exists",
         [&](State& s) { respec(s, [](TaskSpec& spec) { spec.group = "nowhere"; }); }},
        {"has dependencies in order and once each",
         [&](State& s) { respec(s, [](TaskSpec& spec) {
                             spec.dependencies = ids({1, 0});
                         }); }},
        {"has an attempt while it runs", [&](State& s) { task(s, 0).attempt.reset(); }},
        {"has an attempt while it runs",
         [&](State& s) { task(s, 2).attempt = task(s, 0).attempt; }},
        {"has counted its attempt", [&](State& s) { task(s, 0).attempts.value = 0; }},
        {"was Queued or Stashed before its lock",
         [&](State& s) {
             task(s, 2).status = Locked{std::make_shared<const TaskStatus>(Locked{})};
         }},
        {"has a worker number of its own",
         [&](State& s) { task(s, 1).attempt->worker = WorkerId{0}; }},
    };
    EXPECT_THAT(broken_invariants(state()), IsEmpty());
    for (const Breakage& one : all) {
        State broken = state();
        one.breaks(broken);
        EXPECT_THAT(broken_invariants(broken), Contains(HasSubstr(one.rule))) << one.rule;
    }
}

TEST_F(InvariantsTest, NameWhatSettlingWouldHaveDone) {
    given({add("4").until(5s)});
    const std::vector<Breakage> all{
        {"is reset while something runs in it",
         [](State& s) {
             s.groups["empty"] = {GroupStatus::reset, 1};
         }},
        {"task 4: is enqueued when its time has come",
         [](State& s) { s.tasks.at(id(4)).status = Stashed{clock_at(1s)}; }},
        {"task 2: does not wait beside a free slot",
         [](State& s) { s.groups.at("default").parallel_tasks = 3; }},
        {"task 3: does not wait for what has failed",
         [](State& s) {
             s.tasks.at(id(2)).status = Done{{}, {}, {}, TaskResult(Failed{1})};
         }},
    };
    EXPECT_THAT(unsettled(state(), clock_at(1s), true), IsEmpty());
    for (const Breakage& one : all) {
        State broken = state();
        one.breaks(broken);
        EXPECT_THAT(unsettled(broken, clock_at(1s), true), ElementsAre(HasSubstr(one.rule)))
            << one.rule;
    }
}

TEST_F(InvariantsTest, LetATaskWaitBesideAFreeSlotAsLongAsThereIsNoKeeper) {
    State idle = state();
    idle.groups.at("default").parallel_tasks = 3;
    EXPECT_THAT(unsettled(idle, clock_at(1s), false), IsEmpty());
}

}  // namespace
}  // namespace pueue::core
