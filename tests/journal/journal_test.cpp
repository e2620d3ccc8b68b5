// What the journal promises while it runs. What survives: durability_test.cpp; what is refused:
// damage_test.cpp.
#include "daemon/journal/journal.hpp"

#include "tests/journal/sample_history.hpp"
#include "tests/journal/store_fixture.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/inbox.hpp"
#include "tests/support/mem_file_system.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace pueue::journal {
namespace journal_test {

using support::Inbox;
using support::ScratchDirectory;

class JournalTest : public testing::Test {
  protected:
    void open(Durability durability = Durability::sync) {
        JournalOptions options = options_on(disk_);
        options.durability = durability;
        opened_ = Journal::open(faulty_, environments_, std::move(options)).value();
        journal().when_synced([this](const Result<Lsn>& result) { synced_.push_back(result); });
    }
    Journal& journal() { return *opened_.journal; }
    Lsn append(const sample::Decision& decision) {
        const Lsn lsn = journal().append(decision);
        EXPECT_TRUE(journal().write().has_value());
        return lsn;
    }
    void fail_next_call(int error) {
        faulty_.fail(1, error, support::FaultyFileSystem::Lasting::once);
    }

    support::MemFileSystem files_;
    support::FaultyFileSystem faulty_{files_};
    EnvironmentPool environments_;
    ManualDisk disk_;
    Journal::Opened opened_;
    std::vector<Result<Lsn>> synced_;
};

const EnvironmentPtr home = Environment::of({{"HOME", "/root"}});
const sample::Decision keeper_adopted{core::KeeperAdopted{{{1}}}};

TEST_F(JournalTest, CreatesAStoreWithTheDefaultGroup) {
    open();
    EXPECT_TRUE(opened_.report.created);
    State expected;
    expected.groups["default"] = Group{};
    EXPECT_EQ(opened_.state, expected);
    EXPECT_EQ(state_in(*files_.after_power_cut(0)), expected) << "durable at once";
}

TEST_F(JournalTest, ReturnsTheStateThatWasWritten) {
    open();
    for (const sample::Decision& decision : sample::history()) {
        append(decision);
    }
    const auto next_start = files_.after_kill();
    ManualDisk disk;
    const Result<Journal::Opened> again = open_journal(*next_start, disk);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->state, sample::states().back());
    EXPECT_FALSE(again->report.created);
    EXPECT_EQ(again->report.bytes_cut, 0U);
    EXPECT_EQ(again->report.set_aside, std::vector<std::string>());
    EXPECT_EQ(again->report.warnings, std::vector<std::string>());
    EXPECT_EQ(again->journal->written(), journal().written());
    EXPECT_EQ(again->journal->durable(), journal().written()) << "what is shown is durable";
    EXPECT_EQ(state_in(*next_start->after_power_cut(0)), again->state);
}

TEST_F(JournalTest, GoesOnWhereItWasAfterEachRestart) {
    const auto history = sample::history();
    for (std::size_t i = 0; i < history.size(); ++i) {
        open();
        ASSERT_EQ(opened_.state, sample::states()[i]);
        append(history[i]);
    }
    EXPECT_EQ(state_in(files_), sample::states().back());
}

TEST_F(JournalTest, CountsAppendedWrittenAndDurable) {
    open();
    const Lsn before = journal().written();
    EXPECT_EQ(journal().append({}), before) << "an empty decision is the present end";
    const Lsn first = journal().append(keeper_adopted);
    const Lsn second = journal().append({core::GroupAdded{"a", 1}, core::GroupAdded{"b", 1}});
    EXPECT_LT(before, first);
    EXPECT_LT(first, second);
    EXPECT_EQ(journal().append({}), second);
    EXPECT_EQ(journal().written(), before);

    ASSERT_TRUE(journal().write().has_value());
    EXPECT_EQ(journal().written(), second);
    EXPECT_EQ(journal().durable(), before);
    EXPECT_TRUE(journal().has_unsynced());

    journal().request_sync();
    disk_.run();
    EXPECT_EQ(journal().durable(), second);
    EXPECT_FALSE(journal().has_unsynced());
    ASSERT_EQ(synced_.size(), 1U);
    EXPECT_EQ(synced_[0].value(), second);
}

TEST_F(JournalTest, WritesOnceForEverythingAppended) {
    open();
    append(keeper_adopted);  // takes the first chunk
    std::vector<std::string> verbs;
    files_.before_each_change([&](const std::string& verb) { verbs.push_back(verb); });
    for (int i = 0; i < 10; ++i) {
        std::ignore = journal().append(keeper_adopted);
    }
    ASSERT_TRUE(journal().write().has_value());
    ASSERT_TRUE(journal().write().has_value());
    EXPECT_EQ(verbs, std::vector<std::string>({"write_at"}));
}

TEST_F(JournalTest, SharesOneSyncBetweenAllThatWait) {
    open();
    append(keeper_adopted);
    journal().request_sync();
    const Lsn second = append(keeper_adopted);
    journal().request_sync();
    const Lsn third = append(keeper_adopted);
    journal().request_sync();
    journal().request_sync();
    EXPECT_EQ(disk_.waiting(), 1U) << "never two at a time";
    disk_.run();
    ASSERT_EQ(synced_.size(), 2U) << "the second one covers all that came during the first";
    EXPECT_LT(synced_[0].value(), second);
    EXPECT_EQ(synced_[1].value(), third);
    journal().request_sync();
    EXPECT_EQ(disk_.waiting(), 0U) << "nothing is missing";
}

TEST_F(JournalTest, MakesNobodyWaitWithDurabilityWrite) {
    open(Durability::write);
    const Lsn lsn = append(keeper_adopted);
    EXPECT_EQ(journal().durable(), lsn);
    EXPECT_TRUE(journal().has_unsynced());
    journal().request_sync();
    disk_.run();
    EXPECT_FALSE(journal().has_unsynced());
}

TEST_F(JournalTest, WritesAnEnvironmentOncePerFile) {
    const EnvironmentPtr large = Environment::of({{"LARGE", std::string(1500, 'x')}});
    open();
    append({sample::added(0, "first", large)});
    append({sample::added(1, "second", Environment::of({{"LARGE", std::string(1500, 'x')}}))});
    append({sample::added(2, "third", large)});
    const Bytes segment = files_.content("journal/segment-0000000001");
    const std::string needle(1500, 'x');
    EXPECT_EQ(segment.find(needle), segment.rfind(needle));

    open();
    append({sample::added(3, "after a restart", large)});
    const Bytes later = files_.content("journal/segment-0000000001");
    EXPECT_EQ(later.find(needle), later.rfind(needle));
    const State state = state_in(files_);
    EXPECT_EQ(*state.task({3})->spec->environment, *large);
    EXPECT_EQ(state.task({3})->spec->environment, state.task({0})->spec->environment)
        << "one object in memory";
}

TEST_F(JournalTest, NeedsLessThan256BytesForAnAddWithAKnownEnvironment) {
    open();
    append({sample::added(0, "first", home)});
    const auto size_of = [&](const sample::Decision& decision) {
        const Bytes before = files_.content("journal/segment-0000000001");
        append(decision);
        const Bytes after = files_.content("journal/segment-0000000001");
        return after.find_last_not_of('\0') - before.find_last_not_of('\0');
    };
    const std::string command = "python3 optimise.py --symbol BTC --threshold 250 --out r.json";
    EXPECT_LT(size_of({sample::added(70'000, command, home)}), 256U);
}

// Another file is another format: what is on somebody's disk must stay readable.
TEST_F(JournalTest, WritesTheSameSegmentAsEver) {
    Life life;
    ASSERT_TRUE(life.live(files_));
    PUEUE_EXPECT_GOLDEN(
        "journal/segment.hex", support::to_hex(files_.content("journal/segment-0000000001")) + "\n"
    );
}

TEST_F(JournalTest, ReadsTheSegmentsOfEver) {
    open();
    for (const char* name : {"journal/segment.hex", "journal/segment-before-options.hex"}) {
        files_.put("journal/segment-0000000001", support::from_hex(support::read_golden(name)));
        EXPECT_EQ(state_in(files_), sample::states().back()) << name;
    }
}

TEST_F(JournalTest, KeepsTheFirstFailureOfAWrite) {
    open();
    append(keeper_adopted);
    const Lsn written = journal().written();
    std::ignore = journal().append(keeper_adopted);
    fail_next_call(ENOSPC);
    const Result<> failed = journal().write();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().os_error, ENOSPC);

    EXPECT_GT(journal().append(keeper_adopted), written);
    EXPECT_EQ(journal().write().error(), failed.error()) << "although the disk would take it now";
    EXPECT_EQ(journal().written(), written);
    journal().request_sync();
    EXPECT_EQ(disk_.waiting(), 0U);
}

TEST_F(JournalTest, NeverAsksAgainAfterASyncFailed) {
    open();
    const Lsn durable = journal().durable();
    append(keeper_adopted);
    journal().request_sync();
    fail_next_call(EIO);
    disk_.run();
    ASSERT_EQ(synced_.size(), 1U);
    EXPECT_EQ(synced_[0].error().os_error, EIO);
    EXPECT_EQ(journal().durable(), durable);

    std::ignore = journal().append(keeper_adopted);
    EXPECT_EQ(journal().write().error().os_error, EIO);
    journal().request_sync();
    disk_.run();
    EXPECT_TRUE(journal().close().has_error());
    EXPECT_FALSE(faulty_.synced_after_failure());
    EXPECT_EQ(synced_.size(), 1U) << "told once";
}

TEST_F(JournalTest, StillReportsASyncThatWasRunningWhenAWriteFailed) {
    open();
    const Lsn lsn = append(keeper_adopted);
    journal().request_sync();
    std::ignore = journal().append(keeper_adopted);
    fail_next_call(EIO);
    EXPECT_TRUE(journal().write().has_error());
    disk_.run();
    EXPECT_EQ(journal().durable(), lsn);
}

TEST_F(JournalTest, GivesBackUnusedSpaceWhenItIsClosed) {
    open();
    append(keeper_adopted);
    EXPECT_EQ(files_.content("journal/segment-0000000001").size(), test_chunk_bytes);
    ASSERT_TRUE(journal().close().has_value());
    EXPECT_LT(files_.content("journal/segment-0000000001").size(), 300U);
    EXPECT_TRUE(journal().write().has_error());
    EXPECT_EQ(state_in(*files_.after_power_cut(0)).keeper, KeeperId{{1}});
}

TEST_F(JournalTest, GrowsBeyondOneChunk) {
    open();
    const std::string long_command(3 * test_chunk_bytes, 'c');
    append({sample::added(0, long_command, home)});
    append({sample::added(1, "short", home)});
    EXPECT_EQ(files_.content("journal/segment-0000000001").size(), 4 * test_chunk_bytes);
    EXPECT_EQ(state_in(files_).task({0})->spec->command, long_command);
}

// The same, with the kernel's files and the daemon's thread.
TEST(Journal, SyncsOnItsThreadAndComesBackFromRealFiles) {
    const ScratchDirectory scratch;
    RealFileSystem files(scratch.open());
    Inbox inbox;
    EnvironmentPool environments;
    DiskThread disk([&](Completion completion) { inbox.post(std::move(completion)); });
    JournalOptions options;
    options.run_on_disk = [&](Urgency urgency, Work work) { disk.run(urgency, std::move(work)); };
    const auto open = [&] { return Journal::open(files, environments, options).value(); };

    const auto history = sample::history();
    for (std::size_t i = 0; i < history.size(); ++i) {
        const Journal::Opened opened = open();
        ASSERT_EQ(opened.state, sample::states()[i]);
        const Lsn lsn = opened.journal->append(history[i]);
        ASSERT_TRUE(opened.journal->write().has_value());
        opened.journal->request_sync();
        while (opened.journal->durable() < lsn) {
            inbox.run_one();
        }
        if (i % 2 == 0) {
            ASSERT_TRUE(opened.journal->close().has_value());
        }
    }
    EXPECT_EQ(open().state, sample::states().back());
}

}  // namespace journal_test
}  // namespace pueue::journal
