// A disk that fails under a journal that goes on: what the engine does, with any call failing.
#include "daemon/journal/journal.hpp"
#include "daemon/journal/store.hpp"
#include "tests/journal/sample_history.hpp"
#include "tests/journal/store_fixture.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/mem_file_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <tuple>
#include <utility>

namespace pueue::journal {
namespace failure_test {

using support::FaultyFileSystem;
using Lasting = FaultyFileSystem::Lasting;

// Lives through the history whatever fails, and takes each failure for what it is.
class StubbornLife {
  public:
    StubbornLife(support::MemFileSystem& files, FaultyFileSystem& faulty, Compacts compacts)
        : files_(files), faulty_(faulty) {
        opened_ = Journal::open(faulty_, environments_, options_on(disk_, compacts)).value();
    }

    void live() {
        const auto history = sample::history();
        for (std::size_t i = 0; i < history.size(); ++i) {
            live_through(history[i], sample::states()[i + 1]);
            if (testing::Test::HasFatalFailure()) {
                return;
            }
            ++acknowledged_;
            expect_all(*files_.after_kill());
            for (std::uint64_t seed = 0; seed < 4; ++seed) {
                expect_all(*files_.after_power_cut(seed));
            }
        }
        const bool is_closed = journal().close().has_value();
        EXPECT_TRUE(is_closed || faulty_.has_failed());
        EXPECT_EQ(state_in(files_), sample::states().back());
    }

    /// How often a way out of a failure was looked for.
    [[nodiscard]] std::size_t tries() const { return tries_; }

  private:
    Journal& journal() { return *opened_.journal; }

    void live_through(const sample::Decision& decision, const State& state) {
        const Lsn lsn = journal().append(decision);
        std::ignore = journal().write();
        journal().request_sync();
        disk_.run();
        for (int i = 0; journal().has_failed(); ++i) {
            ASSERT_LT(i, 10);
            if (i == 3) {
                faulty_.heal();
            }
            ++tries_;
            ASSERT_TRUE(journal().recover_from_failure(state));
            disk_.run();
        }
        ASSERT_TRUE(journal().write().has_value());
        journal().request_sync();
        disk_.run();
        if (journal().has_failed()) {
            live_through({}, state);
            return;
        }
        EXPECT_GE(journal().durable(), lsn);
    }

    void expect_all(support::MemFileSystem& files) const {
        EXPECT_EQ(decisions_in(state_in(files)), acknowledged_);
    }

    support::MemFileSystem& files_;
    FaultyFileSystem& faulty_;
    EnvironmentPool environments_;
    ManualDisk disk_;
    Journal::Opened opened_;
    std::size_t acknowledged_ = 0;
    std::size_t tries_ = 0;
};

class FailureTest : public testing::TestWithParam<std::tuple<int, Compacts, Lasting>> {};

INSTANTIATE_TEST_SUITE_P(
    Errors,
    FailureTest,
    testing::Combine(
        testing::Values(EIO, ENOSPC, EROFS),
        testing::Values(Compacts::never, Compacts::often),
        testing::Values(Lasting::once, Lasting::for_good)
    )
);

TEST_P(FailureTest, EndsWithEverythingOnTheDiskWhicheverCallFails) {
    const auto [error, compacts, lasting] = GetParam();
    std::size_t tries = 0;
    bool failed = true;
    for (std::uint64_t nth = 1; failed; ++nth) {
        ASSERT_LT(nth, 1000U);
        SCOPED_TRACE("call " + std::to_string(nth));
        support::MemFileSystem files;
        FaultyFileSystem faulty(files);
        StubbornLife life(files, faulty, compacts);
        faulty.fail(nth, error, lasting);
        life.live();
        failed = faulty.has_failed();
        tries += life.tries();
        EXPECT_FALSE(faulty.synced_after_failure());
        if (HasFatalFailure() || HasNonfatalFailure()) {
            return;
        }
    }
    EXPECT_GT(tries, 10U);
}

TEST(Failure, OfRoomAloneKeepsTheSegment) {
    support::MemFileSystem files;
    FaultyFileSystem faulty(files);
    EnvironmentPool environments;
    ManualDisk disk;
    Journal::Opened opened = Journal::open(faulty, environments, options_on(disk)).value();
    Journal& journal = *opened.journal;
    const EnvironmentPtr large = Environment::of({{"LARGE", std::string(test_chunk_bytes, 'x')}});
    std::ignore = journal.append({sample::added(0, "make", large)});
    faulty.fail(1, ENOSPC, Lasting::for_good);
    EXPECT_EQ(journal.write().error().os_error, ENOSPC);
    ASSERT_TRUE(journal.recover_from_failure({}));
    EXPECT_FALSE(journal.recover_from_failure({})) << "one at a time";
    disk.run();
    EXPECT_TRUE(journal.has_failed());
    std::ignore = journal.append({sample::started(0)});
    faulty.heal();
    ASSERT_TRUE(journal.recover_from_failure({}));
    disk.run();
    EXPECT_FALSE(journal.has_failed());
    ASSERT_TRUE(journal.write().has_value());
    EXPECT_EQ(list_store(files).value().segments.size(), 1U);
    EXPECT_TRUE(state_in(files).task({0})->status.is<Running>());
}

TEST(Failure, WaitsForACompactionThatIsInTheWay) {
    support::MemFileSystem files;
    FaultyFileSystem faulty(files);
    EnvironmentPool environments;
    ManualDisk disk;
    Journal::Opened opened =
        Journal::open(faulty, environments, options_on(disk, Compacts::often)).value();
    Journal& journal = *opened.journal;
    State state = opened.state;
    const auto add = [&](std::uint64_t id) {
        const core::TaskAdded added =
            sample::added(id, std::string(600, 'c'), Environment::empty());
        core::apply(state, added);
        std::ignore = journal.append({added});
        return journal.write();
    };
    ASSERT_TRUE(add(0).has_value());
    ASSERT_EQ(disk.waiting(), 1U) << "the next segment is being made";
    faulty.fail(1, EIO, Lasting::once);
    ASSERT_TRUE(add(1).has_error());
    EXPECT_FALSE(journal.recover_from_failure(state));
    disk.run();
    ASSERT_TRUE(journal.recover_from_failure(state));
    disk.run();
    EXPECT_FALSE(journal.has_failed());
    EXPECT_EQ(state_in(*files.after_power_cut(0)), state);
}

}  // namespace failure_test
}  // namespace pueue::journal
