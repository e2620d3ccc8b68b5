// What survives: everything acknowledged, whatever happens between two calls. Power cuts and kills
// are never a reason to refuse a store.
#include "daemon/journal/journal.hpp"
#include "daemon/journal/store.hpp"
#include "tests/journal/sample_history.hpp"
#include "tests/journal/store_fixture.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/mem_file_system.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <tuple>

namespace pueue::journal {
namespace durability_test {

constexpr std::uint64_t power_cuts = 24;  // with different luck, at each place

struct Survivors {
    std::size_t at_least = 0;
    std::size_t at_most = 0;
};

// The next start finds a prefix of the history with at least what was promised, can go on from
// there, and the one after that finds the same.
void expect_survivors(support::MemFileSystem& files, const Survivors& expected) {
    ManualDisk disk;
    Result<Journal::Opened> opened = open_journal(files, disk);
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    const std::optional<std::size_t> found = decisions_in(opened->state);
    ASSERT_TRUE(found.has_value()) << "a state that never was";
    EXPECT_GE(*found, expected.at_least);
    EXPECT_LE(*found, expected.at_most);

    const auto history = sample::history();
    if (*found < history.size()) {
        std::ignore = opened->journal->append(history[*found]);
        ASSERT_TRUE(opened->journal->write().has_value());
    }
    const std::size_t after = std::min(*found + 1, history.size());
    EXPECT_EQ(decisions_in(state_in(*files.after_kill())), after);
    EXPECT_GE(decisions_in(state_in(*files.after_power_cut(0))), *found);
}

class LifeTest : public testing::TestWithParam<Compacts> {};

INSTANTIATE_TEST_SUITE_P(
    Compacted,
    LifeTest,
    testing::Values(Compacts::never, Compacts::often),
    [](const auto& one) { return one.param == Compacts::never ? "Never" : "Often"; }
);

TEST_P(LifeTest, SurvivesACrashBetweenAnyTwoCalls) {
    support::MemFileSystem files;
    Life life(GetParam());
    std::size_t crashes = 0;
    files.before_each_change([&](const std::string& verb) {
        SCOPED_TRACE("before call " + std::to_string(++crashes) + ", " + verb);
        // The decision being written may be there already, or not.
        const Survivors killed{life.written(), life.written() + 1};
        expect_survivors(*files.after_kill(), killed);
        const Survivors cut{life.acknowledged(), life.written() + 1};
        for (std::uint64_t seed = 0; seed < power_cuts; ++seed) {
            expect_survivors(*files.after_power_cut(seed), cut);
        }
    });
    ASSERT_TRUE(life.live(files));
    EXPECT_GE(crashes, 40U);
    files.before_each_change(nullptr);
    const std::size_t all = sample::history().size();
    expect_survivors(*files.after_power_cut(0), {all, all});
    EXPECT_EQ(list_store(files).value().snapshots.empty(), GetParam() == Compacts::never);
}

// Several decisions in one sync: the power cut tears a batch apart in every order.
TEST(Durability, SurvivesAPowerCutThatTearsABatch) {
    const auto history = sample::history();
    for (std::size_t synced = 0; synced < history.size(); ++synced) {
        support::MemFileSystem files;
        ManualDisk disk;
        Journal::Opened opened = open_journal(files, disk).value();
        for (std::size_t i = 0; i < history.size(); ++i) {
            std::ignore = opened.journal->append(history[i]);
            ASSERT_TRUE(opened.journal->write().has_value());
            if (i + 1 == synced) {
                opened.journal->request_sync();
                disk.run();
            }
        }
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            SCOPED_TRACE(std::to_string(synced) + " synced, seed " + std::to_string(seed));
            expect_survivors(*files.after_power_cut(seed), {synced, history.size()});
        }
    }
}

TEST(Durability, SurvivesTwoPowerCutsInARow) {
    const auto history = sample::history();
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        auto files = std::make_unique<support::MemFileSystem>();
        std::size_t acknowledged = 0;
        for (std::uint64_t round = 0; round < 4; ++round) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
            ManualDisk disk;
            Result<Journal::Opened> opened = open_journal(*files, disk);
            ASSERT_TRUE(opened.has_value()) << opened.error().text;
            const std::size_t found = decisions_in(opened->state).value();
            ASSERT_GE(found, acknowledged);
            acknowledged = found;
            for (std::size_t i = found; i < std::min(found + 4, history.size()); ++i) {
                std::ignore = opened->journal->append(history[i]);
                ASSERT_TRUE(opened->journal->write().has_value());
            }
            files = files->after_power_cut(2 + seed * 7 + round);
        }
    }
}

class FaultTest : public testing::TestWithParam<std::tuple<int, Compacts>> {};

INSTANTIATE_TEST_SUITE_P(
    Errors,
    FaultTest,
    testing::Combine(
        testing::Values(EIO, ENOSPC, EROFS, EMFILE, ENOMEM, EDQUOT),
        testing::Values(Compacts::never, Compacts::often)
    )
);

TEST_P(FaultTest, LosesNothingAcknowledgedWhicheverCallFails) {
    using Lasting = support::FaultyFileSystem::Lasting;
    const auto [error, compacts] = GetParam();
    for (const Lasting lasting : {Lasting::once, Lasting::for_good}) {
        bool failed = true;
        for (std::uint64_t nth = 1; failed; ++nth) {
            ASSERT_LT(nth, 1000U);
            SCOPED_TRACE("call " + std::to_string(nth));
            support::MemFileSystem files;
            support::FaultyFileSystem faulty(files);
            faulty.fail(nth, error, lasting);
            Life life(compacts);
            const bool went_well = life.live(faulty);
            failed = faulty.has_failed();
            // A failed compaction is no reason for the journal to fail.
            EXPECT_TRUE(went_well ? compacts == Compacts::often || !failed : failed);
            EXPECT_FALSE(faulty.synced_after_failure());
            const Survivors expected{life.acknowledged(), life.written() + 1};
            expect_survivors(*files.after_kill(), expected);
            for (std::uint64_t seed = 0; seed < 4; ++seed) {
                expect_survivors(*files.after_power_cut(seed), expected);
            }
        }
    }
}

}  // namespace durability_test
}  // namespace pueue::journal
