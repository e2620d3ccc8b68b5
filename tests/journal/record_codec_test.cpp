#include "daemon/journal/record_codec.hpp"

#include "tests/journal/sample_history.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/hex.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace pueue::journal {
namespace record_codec_test {

const EnvironmentPtr environment = Environment::of({{"HOME", "/root"}, {"EMPTY", ""}});

EnvironmentTable table() {
    EnvironmentTable environments;
    environments.add(environment);
    return environments;
}

struct Encoded {
    EntryKind kind;
    Bytes payload;
};

Encoded encode(const core::Record& record) {
    Encoded encoded;
    encoded.kind = encode_entry(encoded.payload, record, table());
    return encoded;
}

Result<Entry> decode(const Encoded& encoded) {
    return decode_entry(encoded.kind, encoded.payload, table());
}

TEST(RecordCodec, ReturnsEveryKindAsItWas) {
    for (const core::Record& record : sample::every_kind(environment)) {
        const Result<Entry> entry = decode(encode(record));
        ASSERT_TRUE(entry.has_value()) << record.index() << ": " << entry.error().text;
        EXPECT_EQ(std::get<core::Record>(*entry), record) << record.index();
    }
}

TEST(RecordCodec, SharesTheEnvironmentOfTheTable) {
    const EnvironmentTable environments = table();
    Bytes payload;
    const EntryKind kind =
        encode_entry(payload, sample::added(1, "make", environment), environments);
    const Entry entry = decode_entry(kind, payload, environments).value();
    const auto& added = std::get<core::TaskAdded>(std::get<core::Record>(entry));
    EXPECT_EQ(added.spec->environment, environment) << "the same object";
}

std::vector<Task> tasks_in_every_status() {
    const WallTime time{1700000000, 1};
    const auto locked = std::make_shared<const TaskStatus>(Stashed{time});
    const std::vector<TaskStatus> all = {
        Locked{locked},
        Stashed{},
        Queued{time},
        Running{time, time},
        Paused{time, time},
        Done{time, time, time, Failed{3}},
    };
    std::vector<Task> tasks;
    for (const TaskStatus& status : all) {
        Task task{
            {tasks.size()},
            sample::run_id(1),
            time,
            sample::spec("make", environment),
            status,
            {2},
            std::nullopt,
            WorkerId{1},
            TaskOptions{CloneRequests::clone, {}, {}, OnReject::use_existing},
            {1},
            {{{1}, time, time, Killed{}}}};
        if (has_process(task)) {
            task.attempt = Attempt{{1}, {{3}}, true};
        }
        tasks.push_back(std::move(task));
    }
    return tasks;
}

TEST(RecordCodec, ReturnsARunOfTheHistoryAsItWas) {
    const SnapshotRun run{sample::run_id(4), sample::closed_run()};
    Bytes payload;
    const EntryKind kind = encode_entry(payload, run);
    EXPECT_EQ(std::get<SnapshotRun>(decode_entry(kind, payload, table()).value()), run);
}

TEST(RecordCodec, ReturnsTasksInEveryStatusAsTheyWere) {
    for (const Task& task : tasks_in_every_status()) {
        Bytes payload;
        const EntryKind kind = encode_entry(payload, SnapshotTask{task}, table());
        const Result<Entry> entry = decode_entry(kind, payload, table());
        ASSERT_TRUE(entry.has_value()) << entry.error().text;
        EXPECT_EQ(std::get<SnapshotTask>(*entry).task, task);
    }
}

// A change of this file is a change of the format: old journals must stay readable.
TEST(RecordCodec, WritesTheSameBytesAsEver) {
    std::ostringstream now;
    const auto add = [&](EntryKind kind, const Bytes& payload) {
        now << kind.type << ' ' << int{kind.version} << ' ' << support::to_hex(payload) << '\n';
    };
    for (const core::Record& record : sample::every_kind(environment)) {
        const Encoded encoded = encode(record);
        add(encoded.kind, encoded.payload);
    }
    Bytes payload;
    EntryKind kind = encode_entry(payload, EnvironmentDefined{3, environment});
    add(kind, payload);
    payload.clear();
    kind = encode_entry(payload, Manifest{4, 5, ImportedFile{{1, 2, 3}, 6}});
    add(kind, payload);
    payload.clear();
    kind = encode_entry(payload, SnapshotHead{7, {8}, {{9}}, true});
    add(kind, payload);
    payload.clear();
    kind = encode_entry(payload, SnapshotGroup{"gpu", {GroupStatus::paused, 2}});
    add(kind, payload);
    for (const Task& task : tasks_in_every_status()) {
        payload.clear();
        kind = encode_entry(payload, SnapshotTask{task}, table());
        add(kind, payload);
    }
    payload.clear();
    kind = encode_entry(payload, SnapshotRun{sample::run_id(4), sample::closed_run()});
    add(kind, payload);
    payload.clear();
    kind = encode_entry(payload, SnapshotEnd{10});
    add(kind, payload);
    PUEUE_EXPECT_GOLDEN("journal/records.txt", now.str());
}

TEST(RecordCodec, ReadsWhatEarlierVersionsWrote) {
    const Bytes first = support::from_hex(
        "861a000100005000000000000000000000000000000009821a6553f1001a075bcd1588426c6c456c73202d6c44"
        "2f746d700043677075820119012c26456c6162656cf5821a6553f1001a075bcd15"
    );
    const Result<Entry> entry = decode({{5, 1}, first});
    ASSERT_TRUE(entry.has_value()) << entry.error().text;
    auto expected = std::get<core::TaskAdded>(sample::every_kind(environment).at(4));
    expected.options = {};
    EXPECT_EQ(std::get<core::Record>(*entry), core::Record(expected));
    EXPECT_TRUE(decode({{5, 2}, first}).has_error()) << "a version has its own fields";

    const Bytes task = support::from_hex(
        "8188055000000000000000000000000000000001821a6553f1000188446d616b65f6442f746d70004764656661"
        "756c748000f6820584821a6553f10001821a6553f10001821a6553f100018201810302f601"
    );
    const Result<Entry> of_snapshot = decode({{68, 1}, task});
    ASSERT_TRUE(of_snapshot.has_value()) << of_snapshot.error().text;
    Task known = tasks_in_every_status().back();
    known.options = {};
    known.forgiven = {};
    known.earlier.clear();
    EXPECT_EQ(std::get<SnapshotTask>(*of_snapshot).task, known);
}

TEST(RecordCodec, RefusesWhatIsCutOrHasMoreBehindIt) {
    for (const core::Record& record : sample::every_kind(environment)) {
        const Encoded whole = encode(record);
        for (std::size_t size = 0; size < whole.payload.size(); ++size) {
            EXPECT_TRUE(decode({whole.kind, whole.payload.substr(0, size)}).has_error());
        }
        EXPECT_TRUE(decode({whole.kind, whole.payload + '\0'}).has_error());
    }
}

TEST(RecordCodec, AnswersAnyByteChangedWithAnEntryOrAnError) {
    std::size_t errors = 0;
    for (const core::Record& record : sample::every_kind(environment)) {
        const Encoded whole = encode(record);
        for (std::size_t byte = 0; byte < whole.payload.size(); ++byte) {
            for (int value = 0; value < 256; ++value) {
                Encoded changed = whole;
                changed.payload[byte] = static_cast<char>(value);
                errors += decode(changed).has_error() ? 1U : 0U;
            }
        }
    }
    EXPECT_GT(errors, 0U);
}

TEST(RecordCodec, SaysThatANewerProgramWroteWhatItDoesNotKnow) {
    const Encoded known = encode(core::TaskPaused{{1}});
    const std::vector<EntryKind> unknown = {
        {known.kind.type, 2}, {known.kind.type, 0}, {0, 1}, {63, 1}, {999, 1}};
    for (const EntryKind kind : unknown) {
        EXPECT_EQ(decode({kind, known.payload}).error().kind, ErrorKind::refused);
    }
}

TEST(RecordCodec, RefusesAnEnvironmentThatTheFileDoesNotDefine) {
    const Encoded encoded = encode(sample::added(1, "make", environment));
    EXPECT_TRUE(decode_entry(encoded.kind, encoded.payload, {}).has_error());
}

TEST(RecordCodec, ReturnsADefinedEnvironment) {
    Bytes payload;
    const EntryKind kind = encode_entry(payload, EnvironmentDefined{3, environment});
    const Entry entry = decode_entry(kind, payload, {}).value();
    EXPECT_EQ(std::get<EnvironmentDefined>(entry).number, 3U);
    EXPECT_EQ(*std::get<EnvironmentDefined>(entry).environment, *environment);
}

TEST(EnvironmentTable, FindsByContentAndForgetsTheNewest) {
    EnvironmentTable environments;
    const EnvironmentPtr first = Environment::of({{"A", "1"}});
    const EnvironmentPtr second = Environment::of({{"B", "2"}});
    environments.add(first);
    environments.add(second);
    EXPECT_EQ(environments.find(*Environment::of({{"B", "2"}})), 1U);
    EXPECT_EQ(environments.at(0), first);
    environments.shrink(1);
    EXPECT_EQ(environments.find(*second), std::nullopt);
    EXPECT_EQ(environments.at(1), nullptr);
    EXPECT_EQ(environments.find(*first), 0U);
}

}  // namespace record_codec_test
}  // namespace pueue::journal
