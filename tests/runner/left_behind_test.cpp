#include "daemon/runner/left_behind.hpp"

#include "daemon/runner/keeper_key.hpp"
#include "protocol/base/fd.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace pueue::runner {
namespace {

using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

AttemptKey key(std::uint64_t task) {
    return {TaskId{task}, AttemptNumber{1}, {}};
}

std::string record(std::uint64_t task, keeper::RecordKind kind) {
    keeper::SpoolRecord record;
    record.kind = kind;
    record.key = to_keeper(key(task));
    char bytes[keeper::record_bytes_max];
    return {bytes, keeper::encode_record(record, bytes)};
}
std::string run(std::uint64_t task) {
    return record(task, keeper::RecordKind::run);
}
std::string end(std::uint64_t task) {
    return record(task, keeper::RecordKind::exit);
}

class LeftBehindTest : public ::testing::Test {
  protected:
    void spool(const std::string& content) {
        file_ = open_file(path() + "/spool", O_RDWR | O_CREAT | O_APPEND, 0600).value();
        ASSERT_TRUE(write_all(file_.get(), content).has_value());
    }
    LeftBehind set_aside() {
        EXPECT_TRUE(set_spool_aside(path()).has_value());
        return read_left_behind(path());
    }
    [[nodiscard]] std::string path() const { return directory_.path().string(); }

    support::ScratchDirectory directory_;
    UniqueFd file_;
};

TEST_F(LeftBehindTest, IsNothingWhereNoKeeperWas) {
    const LeftBehind left = set_aside();
    EXPECT_THAT(left.runs, IsEmpty());
    EXPECT_THAT(left.exits, IsEmpty());
}

TEST_F(LeftBehindTest, IsWhatRanWithoutAnExitAndTheExits) {
    spool(run(1) + run(2) + end(1));
    const LeftBehind left = set_aside();
    EXPECT_THAT(left.runs, UnorderedElementsAre(Key(key(2))));
    EXPECT_THAT(left.exits, UnorderedElementsAre(Key(key(1))));
    EXPECT_NE(::access((path() + "/spool").c_str(), F_OK), 0) << "the next keeper begins anew";
}

TEST_F(LeftBehindTest, AddsUpOverSeveralKeepers) {
    spool(run(1) + run(2));
    std::ignore = set_aside();
    spool(run(3) + end(2));
    const LeftBehind left = set_aside();
    EXPECT_THAT(left.runs, UnorderedElementsAre(Key(key(1)), Key(key(3))));
    EXPECT_THAT(left.exits, UnorderedElementsAre(Key(key(2))));
    remove_left_behind(path());
    EXPECT_THAT(read_left_behind(path()).runs, IsEmpty());
}

TEST_F(LeftBehindTest, StepsOverEveryTornRecord) {
    for (std::size_t cut = 1; cut < run(1).size(); ++cut) {
        spool(run(1).substr(0, cut) + run(2) + end(3));
        const LeftBehind left = set_aside();
        EXPECT_THAT(left.runs, UnorderedElementsAre(Key(key(2)))) << cut;
        EXPECT_THAT(left.exits, UnorderedElementsAre(Key(key(3)))) << cut;
        remove_left_behind(path());
    }
}

TEST_F(LeftBehindTest, KnowsNothingOfARecordThatComesTooLate) {
    spool(run(1));
    std::ignore = set_aside();
    ASSERT_TRUE(write_all(file_.get(), run(2)).has_value());
    const LeftBehind left = set_aside();
    EXPECT_THAT(left.runs, UnorderedElementsAre(Key(key(1))));
}

}  // namespace
}  // namespace pueue::runner
