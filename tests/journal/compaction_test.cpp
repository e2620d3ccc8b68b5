// What compaction does to a store: it gets smaller and says the same. What crashes and faults do to
// it meanwhile: durability_test.cpp, and the simulator, whose stores are compacted all the time.
#include "daemon/journal/compaction.hpp"

#include "daemon/journal/journal.hpp"
#include "daemon/journal/store.hpp"
#include "tests/journal/sample_history.hpp"
#include "tests/journal/store_fixture.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/mem_file_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

namespace pueue::journal {
namespace compaction_test {

const EnvironmentPtr home = Environment::of({{"HOME", "/root"}, {"PATH", "/bin"}});
const std::string snapshot_2 = "journal/snapshot-0000000002";

class CompactionTest : public testing::Test {
  protected:
    void open() {
        JournalOptions options = options_on(disk_, Compacts::often);
        options.when_compacted = [this](const Result<Compacted>& one) {
            compactions_.push_back(one);
        };
        opened_ = Journal::open(faulty_, environments_, std::move(options)).value();
    }
    Journal& journal() { return *opened_.journal; }
    void write(const sample::Decision& decision) {
        std::ignore = journal().append(decision);
        ASSERT_TRUE(journal().write().has_value());
    }
    void live_through(const std::vector<sample::Decision>& history) {
        for (const sample::Decision& decision : history) {
            write(decision);
            disk_.run();
        }
    }
    /// Until `more` further compactions have ended.
    void compact(std::size_t more = 1) {
        const std::size_t target = compactions_.size() + more;
        for (std::uint8_t i = 1; compactions_.size() < target; ++i) {
            write({core::KeeperAdopted{{{i}}}});
            disk_.run();
        }
    }
    std::uint64_t store_bytes() const {
        std::uint64_t bytes = 0;
        for (const auto& [name, content] : files_.all("journal")) {
            bytes += content.size();
        }
        return bytes;
    }

    support::MemFileSystem files_;
    support::FaultyFileSystem faulty_{files_};
    EnvironmentPool environments_;
    ManualDisk disk_;
    Journal::Opened opened_;
    std::vector<Result<Compacted>> compactions_;
};

// Every status, and everything else a State has.
sample::Decision one_of_each() {
    const WallTime later{1700009999, 1};
    sample::Decision all{core::GroupAdded{"gpu", 0}, core::KeeperAdopted{{{9}}}};
    for (std::uint64_t id = 0; id < 14; ++id) {
        all.emplace_back(sample::added(id, "task " + std::to_string(id), home));
    }
    const auto finish = [&](std::uint64_t id, TaskResult result) {
        all.emplace_back(sample::started(id));
        all.emplace_back(sample::finished(id, std::move(result)));
    };
    finish(0, Success{});
    finish(1, Failed{-3});
    finish(2, FailedToSpawn{"no such \xff file"});
    finish(3, Killed{});
    finish(4, Errored{});
    all.emplace_back(sample::finished(5, DependencyFailed{}));
    all.emplace_back(sample::started(6));
    all.emplace_back(sample::started(7));
    all.emplace_back(core::TaskPaused{{7}});
    all.emplace_back(core::TaskStashed{{8}, std::nullopt});
    all.emplace_back(core::TaskStashed{{9}, later});
    all.emplace_back(core::TaskLocked{{9}});
    all.emplace_back(core::TaskLocked{{10}});
    all.emplace_back(core::VariableSet{{11}, "NAME", "value"});
    all.emplace_back(core::TaskRestarted{{0}, {"again", "again", "/", "label", 7}, later, false});
    all.emplace_back(core::TasksSwitched{{11}, {12}});
    all.emplace_back(core::TasksRemoved{{{13}}});
    all.emplace_back(core::GroupStatusSet{"gpu", GroupStatus::reset});
    all.emplace_back(core::FullResetSet{true});
    return all;
}

TEST_F(CompactionTest, LeavesTheStateAsItIs) {
    open();
    write(one_of_each());
    const State before = state_in(*files_.after_kill());
    ASSERT_EQ(before.tasks.size(), 13U);
    disk_.run();
    ASSERT_EQ(compactions_.size(), 1U);
    EXPECT_TRUE(files_.exists(snapshot_2));
    EXPECT_EQ(state_in(*files_.after_kill()), before);
    EXPECT_EQ(state_in(*files_.after_power_cut(0)), before) << "durable";
    EXPECT_EQ(compactions_[0]->snapshot_bytes, files_.content(snapshot_2).size());
    EXPECT_GT(compactions_[0]->log_bytes, test_compact_from_bytes);
}

TEST_F(CompactionTest, GoesOnOverManyGenerations) {
    for (std::size_t round = 0; round < 3; ++round) {
        open();
        const auto history = sample::history();
        live_through(round == 0 ? history : std::vector<sample::Decision>());
        compact(3);
        compact(round);
        const State state = state_in(*files_.after_kill());
        EXPECT_EQ(state.tasks, sample::states().back().tasks) << round;
    }
    const StoreFiles present = list_store(files_).value();
    EXPECT_EQ(present.snapshots.size(), 2U) << "one older generation is kept";
    EXPECT_EQ(present.segments.front(), present.snapshots.front());
}

TEST_F(CompactionTest, KeepsTheStoreSmallHoweverMuchHappens) {
    open();
    std::uint64_t largest = 0;
    for (std::uint64_t id = 0; id < 2000; ++id) {
        write({sample::added(id, "one of many", home), sample::started(id)});
        write({sample::finished(id, Success{}), core::TasksRemoved{{{id}}}});
        disk_.run();
        largest = std::max(largest, store_bytes());
    }
    EXPECT_GT(compactions_.size(), 100U);
    EXPECT_LT(largest, 5 * test_chunk_bytes);
    EXPECT_EQ(state_in(files_).next_task_id, TaskId{2000});
}

TEST_F(CompactionTest, TakesNoMoreThanASliceAtATime) {
    open();
    const std::string long_command(400, 'c');
    for (std::uint64_t id = 0; id < 2000; ++id) {
        write({sample::added(id, long_command, home)});
    }
    std::size_t jobs = 0;
    std::size_t largest_write = 0;
    std::uint64_t before = store_bytes();
    while (disk_.run_one()) {
        ++jobs;
        largest_write = std::max<std::size_t>(largest_write, store_bytes() - before);
        before = store_bytes();
        if (jobs == 5) {
            write({core::GroupAdded{"meanwhile", 1}});  // nobody waits
            before = store_bytes();
        }
        if (!compactions_.empty()) {
            break;
        }
    }
    ASSERT_TRUE(compactions_.at(0).has_value());
    EXPECT_GT(jobs, 10U);
    EXPECT_LT(largest_write, std::size_t{200} * 1024);
    const State state = state_in(*files_.after_power_cut(1));
    EXPECT_EQ(state.tasks.size(), 2000U);
    EXPECT_NE(state.group("meanwhile"), nullptr);
}

TEST_F(CompactionTest, IsTriedAgainAfterAFailure) {
    open();
    live_through(sample::history());
    compactions_.clear();
    for (std::uint8_t i = 0; compactions_.empty(); ++i) {
        write({core::KeeperAdopted{{{i}}}});
        while (disk_.waiting() > 0) {
            // What a client waits for goes well.
            if (disk_.next_is_slow()) {
                faulty_.fail(1, ENOSPC, support::FaultyFileSystem::Lasting::once);
            }
            std::ignore = disk_.run_one();
            faulty_.heal();
        }
    }
    EXPECT_TRUE(compactions_.back().has_error());
    EXPECT_FALSE(files_.exists(snapshot_draft_name()));
    compact();
    EXPECT_TRUE(compactions_.back().has_value());
    EXPECT_EQ(state_in(files_).tasks, sample::states().back().tasks);
}

// The older generation says the same as the damaged newer one, or nothing is believed.
TEST_F(CompactionTest, FallsBackToTheOlderSnapshotWhenTheNewerIsDamaged) {
    open();
    live_through(sample::history());
    compact(3);
    const State state = state_in(*files_.after_kill());
    const std::string newest = snapshot_name(list_store(files_).value().snapshots.back());
    const Bytes whole = files_.content(newest);
    for (std::size_t byte = 0; byte < whole.size(); ++byte) {
        SCOPED_TRACE(byte);
        const auto image = files_.after_kill();
        Bytes content = whole;
        content[byte] = static_cast<char>(content[byte] ^ 4);
        image->put(newest, content);
        ManualDisk disk;
        const Result<Journal::Opened> opened = open_journal(*image, disk);
        ASSERT_TRUE(opened.has_value()) << opened.error().text;
        EXPECT_EQ(opened->state, state);
        const bool is_damaged = !opened->report.warnings.empty();
        EXPECT_EQ(image->exists(newest), !is_damaged);
        EXPECT_EQ(opened->report.set_aside.size(), is_damaged ? 1U : 0U);
        EXPECT_EQ(state_in(*image), state);
    }
    const auto image = files_.after_kill();
    ASSERT_TRUE(image->remove(newest).has_value());
    EXPECT_EQ(state_in(*image), state);
    const auto without = files_.after_kill();
    ASSERT_TRUE(without->remove(manifest_name()).has_value());
    EXPECT_EQ(state_in(*without), state);
}

TEST_F(CompactionTest, RefusesWhenNoSnapshotIsLeft) {
    open();
    live_through(sample::history());
    compact(3);
    const StoreFiles present = list_store(files_).value();
    for (const std::uint64_t number : present.snapshots) {
        files_.put(snapshot_name(number), "not a snapshot");
    }
    const auto before = files_.all("journal");
    ManualDisk disk;
    const Result<Journal::Opened> opened = open_journal(files_, disk);
    ASSERT_TRUE(opened.has_error());
    EXPECT_NE(opened.error().text.find("journal/snapshot-"), std::string::npos);
    EXPECT_EQ(files_.all("journal"), before);
}

}  // namespace compaction_test
}  // namespace pueue::journal
