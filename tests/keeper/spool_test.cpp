#include "daemon/keeper/spool.hpp"

#include "daemon/keeper/checksum.hpp"
#include "protocol/base/hash.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

namespace pueue::keeper {
namespace {

SpoolRecord a_run(std::uint64_t task) {
    SpoolRecord record;
    record.key.task = task;
    record.key.attempt = 2;
    record.key.run.bytes[15] = 9;
    record.boot.bytes[0] = 0xff;
    record.pid = 4711;
    record.start_ticks = 987654321;
    return record;
}

SpoolRecord an_exit(std::uint64_t task, std::uint64_t sequence) {
    SpoolRecord record = a_run(task);
    record.kind = RecordKind::exit;
    record.sequence = sequence;
    record.facts = {1, 7, 1000, 2000, 3000, -5, 6};
    return record;
}

std::string bytes_of(const SpoolRecord& record) {
    std::array<char, record_bytes_max> bytes;
    return {bytes.data(), encode_record(record, bytes.data())};
}

std::vector<std::string> records_in(const std::string& content) {
    std::vector<std::string> found;
    std::size_t at = 0;
    SpoolRecord record;
    while (const std::size_t size =
               decode_record(content.data() + at, content.size() - at, record)) {
        found.push_back(bytes_of(record));
        at += size;
    }
    return found;
}

TEST(SpoolRecord, SurvivesTheWayThereAndBack) {
    for (const SpoolRecord& record : {a_run(1), an_exit(2, 77)}) {
        const std::string bytes = bytes_of(record);
        EXPECT_EQ(bytes.size() % 8, 0U);
        SpoolRecord read;
        EXPECT_EQ(decode_record(bytes.data(), bytes.size(), read), bytes.size());
        EXPECT_EQ(bytes_of(read), bytes);
        EXPECT_EQ(read.pid, 4711);
        EXPECT_EQ(read.facts.status, record.facts.status);
    }
}

TEST(SpoolRecord, OfARunIsWhereTheChildExpectsIt) {
    std::string bytes = bytes_of(a_run(1));
    ASSERT_EQ(bytes.size(), run_record_bytes);
    SpoolRecord expected = a_run(1);
    expected.pid = 12345;
    expected.start_ticks = 5;
    // As the child does it.
    const std::int32_t pid = 12345;
    const std::uint64_t ticks = 5;
    std::memcpy(bytes.data() + record_pid_offset, &pid, sizeof pid);
    std::memcpy(bytes.data() + record_start_ticks_offset, &ticks, sizeof ticks);
    const std::uint32_t crc = record_checksum(bytes.data() + 8, run_record_bytes - 8);
    std::memcpy(bytes.data() + record_crc_offset, &crc, sizeof crc);
    EXPECT_EQ(bytes, bytes_of(expected));
}

TEST(SpoolRecord, HasTheChecksumOfTheJournal) {
    const std::string text = "123456789";
    EXPECT_EQ(record_checksum(text.data(), text.size()), crc32c(text));
}

TEST(SpoolRecord, IsNotReadWhenTornAtAnyByte) {
    for (const SpoolRecord& record : {a_run(1), an_exit(2, 77)}) {
        const std::string bytes = bytes_of(record);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            SpoolRecord read;
            EXPECT_EQ(decode_record(bytes.data(), size, read), 0U) << size;
        }
    }
}

TEST(SpoolRecord, IsNotReadWithAnyBitFlipped) {
    for (const SpoolRecord& record : {a_run(1), an_exit(2, 77)}) {
        const std::string bytes = bytes_of(record);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            std::string damaged = bytes;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
            SpoolRecord read;
            EXPECT_EQ(decode_record(damaged.data(), damaged.size(), read), 0U) << bit;
        }
    }
}

TEST(SpoolRecord, ReadingEndsAtTheFirstDamageAndKeepsWhatWasBefore) {
    std::string content;
    std::vector<std::string> all;
    std::vector<std::size_t> ends = {0};
    for (std::uint64_t i = 0; i < 6; ++i) {
        all.push_back(bytes_of(i % 2 == 0 ? a_run(i) : an_exit(i, i)));
        content += all.back();
        ends.push_back(content.size());
    }
    for (std::size_t cut = 0; cut <= content.size(); ++cut) {
        std::size_t whole = 0;
        while (whole + 1 < ends.size() && ends[whole + 1] <= cut) {
            ++whole;
        }
        EXPECT_EQ(
            records_in(content.substr(0, cut)),
            std::vector<std::string>(all.begin(), all.begin() + static_cast<long>(whole))
        );
    }
}

class SpoolFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string path = ::testing::TempDir() + "spool-XXXXXX";
        ASSERT_NE(::mkdtemp(path.data()), nullptr);
        path_ = path;
        directory_ = ::open(path.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        ASSERT_TRUE(spool_.open(directory_));
    }
    void TearDown() override {
        ::close(spool_.fd());
        ::unlinkat(directory_, "spool", 0);
        ::close(directory_);
        ::rmdir(path_.c_str());
    }

    [[nodiscard]] std::string content() const {
        const int file = ::openat(directory_, "spool", O_RDONLY | O_CLOEXEC);
        std::string all(std::size_t{4} << 20, '\0');
        const ssize_t size = ::read(file, all.data(), all.size());
        ::close(file);
        all.resize(static_cast<std::size_t>(size));
        return all;
    }

    std::string path_;
    int directory_ = -1;
    Spool spool_;
};

TEST_F(SpoolFile, GrowsByWhatIsAppendedAndSetsSpaceAside) {
    spool_.append(a_run(1));
    spool_.append(an_exit(1, 5));
    EXPECT_EQ(content(), bytes_of(a_run(1)) + bytes_of(an_exit(1, 5)));
    struct stat status {};
    ASSERT_EQ(::fstat(spool_.fd(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_FALSE(spool_.incomplete());
}

TEST_F(SpoolFile, IsEmptyWhenCleared) {
    spool_.append(a_run(1));
    spool_.clear();
    EXPECT_EQ(content(), "");
    spool_.append(a_run(2));
    EXPECT_EQ(content(), bytes_of(a_run(2)));
}

TEST_F(SpoolFile, IsReducedToWhatLivesByARewrite) {
    while (!spool_.has_grown()) {
        spool_.append(an_exit(1, 1));
    }
    const std::size_t before = content().size();
    EXPECT_GT(before, std::size_t{1} << 20);
    spool_.begin_rewrite();
    spool_.append(a_run(3));
    spool_.finish_rewrite();
    EXPECT_EQ(content(), bytes_of(a_run(3)));
    EXPECT_FALSE(spool_.has_grown());
    spool_.append(a_run(4));
    EXPECT_EQ(content(), bytes_of(a_run(3)) + bytes_of(a_run(4)));
}

TEST_F(SpoolFile, StaysAsItWasWhenARewriteCannotBegin) {
    spool_.append(a_run(1));
    ASSERT_EQ(::mkdirat(directory_, "spool.new", 0700), 0);
    spool_.begin_rewrite();
    spool_.append(a_run(2));
    spool_.finish_rewrite();
    ::unlinkat(directory_, "spool.new", AT_REMOVEDIR);
    EXPECT_EQ(content(), bytes_of(a_run(1)));
    spool_.append(a_run(3));
    EXPECT_EQ(content(), bytes_of(a_run(1)) + bytes_of(a_run(3)));
}

}  // namespace
}  // namespace pueue::keeper
