// What is computed from State: worker numbers, dependents, and that the indexes follow.
#include "daemon/core/indexes.hpp"

#include "daemon/core/dependents.hpp"
#include "daemon/core/ledger.hpp"
#include "daemon/core/worker_numbers.hpp"
#include "tests/core/scheduler_fixture.hpp"

#include <limits>

namespace pueue::core {
namespace {

WorkerId worker(std::uint64_t number) {
    return WorkerId{number};
}

WorkerNumbers taken(std::initializer_list<std::uint64_t> numbers) {
    WorkerNumbers workers;
    for (const std::uint64_t number : numbers) {
        workers.take(worker(number));
    }
    return workers;
}

TEST(WorkerNumbers, OffersTheSmallestFreeNumber) {
    EXPECT_EQ(taken({}).smallest_free(), worker(0));
    EXPECT_EQ(taken({0, 1, 2}).smallest_free(), worker(3));
    EXPECT_EQ(taken({1, 2}).smallest_free(), worker(0));
    EXPECT_EQ(taken({0, 3, 1}).smallest_free(), worker(2));

    WorkerNumbers workers = taken({0, 1, 2, 3});
    workers.give_back(worker(2));
    EXPECT_EQ(workers.smallest_free(), worker(2));
    workers.give_back(worker(0));
    EXPECT_EQ(workers.smallest_free(), worker(0));
    EXPECT_EQ(workers.taken(), 2U);
}

TEST(WorkerNumbers, AreEqualHoweverTheyCameToBe) {
    WorkerNumbers workers = taken({5, 3, 4, 0, 9});
    workers.give_back(worker(4));
    workers.take(worker(1));
    EXPECT_EQ(workers, taken({0, 1, 3, 5, 9}));
    EXPECT_NE(workers, taken({0, 1, 3, 5}));
}

TEST(WorkerNumbers, CopeWithTheLargestNumber) {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    WorkerNumbers workers = taken({largest, largest - 1});
    workers.give_back(worker(largest));
    EXPECT_EQ(workers, taken({largest - 1}));
}

TEST(WorkerNumbersDeathTest, AreTakenOnceAndGivenBackOnce) {
    WorkerNumbers workers = taken({1});
    EXPECT_DEATH(workers.take(worker(1)), "");
    EXPECT_DEATH(workers.give_back(worker(0)), "");
}

using IndexesTest = SchedulerTest;

std::vector<TaskId> dependents_of(const Scheduler& scheduler, std::uint64_t number) {
    const auto range = scheduler.indexes().dependents().of(id(number));
    return {range.begin(), range.end()};
}

TEST_F(IndexesTest, KnowWhoDependsOnATask) {
    given({pause("default"), add("0"), add("1"), add("2").after({0}), add("3").after({0, 1})});

    EXPECT_EQ(dependents_of(scheduler(), 0), ids({2, 3}));
    EXPECT_EQ(dependents_of(scheduler(), 1), ids({3}));
    EXPECT_EQ(dependents_of(scheduler(), 3), ids({}));
    EXPECT_EQ(scheduler().indexes().dependents().unmet(id(3)), (Unmet{2, 0}));

    at(1s, ask(Switch{id(0), id(1)}));
    EXPECT_EQ(dependents_of(scheduler(), 1), ids({2, 3}));
    EXPECT_EQ(dependents_of(scheduler(), 0), ids({3}));
}

TEST_F(IndexesTest, CountFailedDependenciesApart) {
    given({ask(parallel("default", 3)), add("0"), add("1"), add("2").after({0, 1}).stashed()});
    at(1s, exited(0, code(1)));
    EXPECT_EQ(scheduler().indexes().dependents().unmet(id(2)), (Unmet{1, 1}));
    at(2s, exited(1, code(0)));
    EXPECT_EQ(scheduler().indexes().dependents().unmet(id(2)), (Unmet{0, 1}));
}

// Only a foreign state has a task that depends on an id nobody has, but then it may be given out.
TEST_F(IndexesTest, LetATaskWaitForADependencyThatComesLater) {
    given({pause("default"), add("0"), add("1").after({0})});
    State foreign = state();
    TaskSpec spec = *foreign.tasks.at(id(1)).spec;
    spec.dependencies = ids({2});
    foreign.tasks.at(id(1)).spec = std::make_shared<const TaskSpec>(spec);
    restart(foreign);
    EXPECT_EQ(scheduler().indexes().group("default").ready.size(), 2U);

    at(1s, add("2"));

    EXPECT_EQ(scheduler().indexes().dependents().unmet(id(1)), (Unmet{1, 0}));
    EXPECT_EQ(
        scheduler().indexes().group("default").ready, (std::set<StartOrder>{{0, id(0)}, {0, id(2)}})
    );
}

TEST_F(IndexesTest, CountWhatIsInAGroup) {
    given({ask(parallel("default", 2)), add("0"), add("1"), add("2"), add("3").until(9s)});
    given({add("4").stashed(), add("5").after({0})});

    const GroupIndex& index = scheduler().indexes().group("default");
    EXPECT_EQ(index.tasks, 6U);
    EXPECT_EQ(index.queued, 2U);
    EXPECT_EQ(index.stashed, 2U);
    EXPECT_EQ(index.delayed, 1U);
    EXPECT_EQ(index.live, (std::set<TaskId>{id(0), id(1)}));
    EXPECT_EQ(index.ready, (std::set<StartOrder>{{0, id(2)}}));
    EXPECT_EQ(index.candidate, std::nullopt);
}

TEST_F(IndexesTest, FollowAnImport) {
    given({ask(parallel("default", 2)), add("0"), add("1"), add("2").after({0}), add("3").until(9s)}
    );
    TaskSpec spec = *state().tasks.at(id(2)).spec;
    const auto imported = [&](std::uint64_t number, auto status) {
        return TaskImported{
            id(number), {}, {}, std::make_shared<const TaskSpec>(spec), std::move(status)};
    };
    Ledger ledger(state());

    for (const Record& record : std::initializer_list<Record>{
             StateReplaced{},
             GroupAdded{"default", 1},
             imported(2, Queued{}),
             imported(0, Done{{}, {}, {}, Failed{1}}),
             imported(5, Stashed{clock_at(7s)})}) {
        ledger.record(record);
    }

    EXPECT_EQ(ledger.indexes(), Indexes::of(ledger.state()));
    EXPECT_EQ(ledger.indexes().doomed(), ids({2}));
}

}  // namespace
}  // namespace pueue::core
