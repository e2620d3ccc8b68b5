// The seeds that every build runs. Any other number of them: sim_runner.
#include "tests/sim/world.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace pueue::sim {
namespace {

constexpr std::uint64_t seeds_per_test = 25;
constexpr std::uint64_t tests = 8;
constexpr std::uint64_t steps_per_seed = 500;

std::string report(std::uint64_t seed, const World& world) {
    std::string text = "seed " + std::to_string(seed) + ", step " + std::to_string(world.now()) +
                       "; see it again with sim_runner --trace --seed " + std::to_string(seed);
    for (const std::string& finding : world.findings().all()) {
        text += "\n  not kept: " + finding;
    }
    return text;
}

class Simulation : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Simulation, KeepsItsPromises) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + seeds_per_test; ++seed) {
        World world(seed);
        world.run(steps_per_seed);
        EXPECT_TRUE(world.findings().empty()) << report(seed, world);
    }
}

INSTANTIATE_TEST_SUITE_P(
    SeedsFrom,
    Simulation,
    ::testing::Range(std::uint64_t{1}, 1 + tests * seeds_per_test, seeds_per_test),
    [](const auto& instance) { return std::to_string(instance.param); }
);

// A simulation in which nothing happens would keep every promise.
TEST(SimulationItself, MeetsEveryKindOfTrouble) {
    Tally all;
    for (std::uint64_t seed = 1; seed <= seeds_per_test; ++seed) {
        World world(seed);
        world.run(steps_per_seed);
        const Tally& one = world.tally();
        all.requests += one.requests;
        all.executions += one.executions;
        all.kills += one.kills;
        all.power_cuts += one.power_cuts;
        all.keeper_losses += one.keeper_losses;
        all.disk_failures += one.disk_failures;
        all.compactions += one.compactions;
    }
    EXPECT_GT(all.requests, 1500U);
    EXPECT_GT(all.executions, 300U);
    EXPECT_GT(all.kills, 30U);
    EXPECT_GT(all.power_cuts, 10U);
    EXPECT_GT(all.keeper_losses, 10U);
    EXPECT_GT(all.disk_failures, 3U);
    EXPECT_GT(all.compactions, 10U);
}

TEST(SimulationItself, IsTheSameForTheSameSeed) {
    std::ostringstream first;
    std::ostringstream second;
    World(7, &first).run(steps_per_seed);
    World(7, &second).run(steps_per_seed);
    EXPECT_EQ(first.str(), second.str());
    EXPECT_GT(first.str().size(), 10'000U);
}

}  // namespace
}  // namespace pueue::sim
