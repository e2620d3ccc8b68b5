#include "daemon/journal/file_system.hpp"

#include "tests/support/faulty_file_system.hpp"
#include "tests/support/mem_file_system.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>

namespace pueue::journal {
namespace file_system_test {

using support::ScratchDirectory;
using Names = std::vector<std::string>;

Bytes read_all(const File& file) {
    Bytes bytes(file.size().value(), '\0');
    bytes.resize(file.read_at(bytes.data(), bytes.size(), 0).value());
    return bytes;
}

// Both implementations keep the contract of the interface.
class AnyFileSystem : public testing::TestWithParam<bool> {
  protected:
    AnyFileSystem() {
        if (GetParam()) {
            files_ = std::make_unique<RealFileSystem>(scratch_.open());
        } else {
            files_ = std::make_unique<support::MemFileSystem>();
        }
    }
    FileSystem& files() { return *files_; }
    FilePtr open(const std::string& name, OpenMode mode) {
        return files().open(name, mode).value();
    }
    ErrorKind open_error(const std::string& name, OpenMode mode) {
        return files().open(name, mode).error().kind;
    }

  private:
    ScratchDirectory scratch_;
    std::unique_ptr<FileSystem> files_;
};

INSTANTIATE_TEST_SUITE_P(Real, AnyFileSystem, testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Memory, AnyFileSystem, testing::Values(false));

TEST_P(AnyFileSystem, ReadsWhatWasWrittenAnywhereInAFile) {
    const FilePtr file = open("f", OpenMode::create);
    ASSERT_TRUE(file->write_at("world", 6).has_value());
    ASSERT_TRUE(file->write_at("hello", 0).has_value());
    EXPECT_EQ(read_all(*file), Bytes("hello\0world", 11));
    char buffer[10];
    EXPECT_EQ(file->read_at(buffer, 10, 6).value(), 5U);
    EXPECT_EQ(file->read_at(buffer, 10, 11).value(), 0U);
    EXPECT_EQ(read_all(*open("f", OpenMode::read)), Bytes("hello\0world", 11));
}

TEST_P(AnyFileSystem, OpensByMode) {
    EXPECT_EQ(open_error("f", OpenMode::read), ErrorKind::not_found);
    EXPECT_EQ(open_error("f", OpenMode::update), ErrorKind::not_found);
    ASSERT_TRUE(open("f", OpenMode::create)->write_at("text", 0).has_value());
    EXPECT_EQ(open_error("f", OpenMode::create), ErrorKind::exists);
    EXPECT_EQ(open("f", OpenMode::update)->size().value(), 4U);
    EXPECT_EQ(open("f", OpenMode::replace)->size().value(), 0U);
    EXPECT_EQ(open_error("missing/f", OpenMode::create), ErrorKind::not_found);
}

TEST_P(AnyFileSystem, AllocatesZerosAndCutsThemOff) {
    const FilePtr file = open("f", OpenMode::create);
    ASSERT_TRUE(file->write_at("abc", 0).has_value());
    ASSERT_TRUE(file->allocate(0, 4096).has_value());
    EXPECT_EQ(read_all(*file), "abc" + Bytes(4093, '\0'));
    ASSERT_TRUE(file->allocate(0, 100).has_value());
    EXPECT_EQ(file->size().value(), 4096U) << "allocating what exists changes nothing";
    ASSERT_TRUE(file->truncate(2).has_value());
    EXPECT_EQ(read_all(*file), "ab");
    EXPECT_TRUE(file->sync().has_value());
}

TEST_P(AnyFileSystem, MovesAndRemovesNames) {
    ASSERT_TRUE(files().make_directory("d").has_value());
    ASSERT_TRUE(files().make_directory("d").has_value()) << "a second time is fine";
    ASSERT_TRUE(open("d/new", OpenMode::create)->write_at("new", 0).has_value());
    ASSERT_TRUE(open("d/old", OpenMode::create)->write_at("old", 0).has_value());
    EXPECT_EQ(files().list("d").value(), Names({"new", "old"}));
    EXPECT_EQ(files().list(".").value(), Names({"d"}));

    ASSERT_TRUE(files().rename("d/new", "d/old").has_value());
    EXPECT_EQ(files().list("d").value(), Names({"old"}));
    EXPECT_EQ(read_all(*open("d/old", OpenMode::read)), "new");
    ASSERT_TRUE(files().sync_directory("d").has_value());

    ASSERT_TRUE(files().remove("d/old").has_value());
    EXPECT_EQ(files().list("d").value(), Names());
    EXPECT_EQ(files().remove("d/old").error().kind, ErrorKind::not_found);
    EXPECT_EQ(files().list("e").error().kind, ErrorKind::not_found);
    EXPECT_EQ(files().rename("d/old", "d/x").error().kind, ErrorKind::not_found);
}

TEST(RealFileSystem, KeepsFilesAndDirectoriesPrivate) {
    const ScratchDirectory scratch;
    RealFileSystem files(scratch.open());
    ASSERT_TRUE(files.make_directory("d").has_value());
    ASSERT_TRUE(files.open("d/f", OpenMode::create).has_value());
    struct stat info {};
    ASSERT_EQ(::stat((scratch.path() / "d").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat((scratch.path() / "d/f").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

// In a child process: the limit holds for all of a process, and cannot be raised again by anybody.
TEST(RealFileSystem, ReportsAFileThatMayNotGrowAfterWritingWhatFits) {
    const ScratchDirectory scratch;
    const auto write_beyond_the_limit = [&] {
        std::ignore = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000};
        std::ignore = ::setrlimit(RLIMIT_FSIZE, &limit);
        RealFileSystem files(scratch.open());
        const FilePtr file = files.open("f", OpenMode::create).value();
        const Result<> result = file->write_at(Bytes(1500, 'x'), 0);
        const bool as_expected =
            result.has_error() && result.error().os_error == EFBIG && file->size().value() == 1000;
        ::_exit(as_expected ? 0 : 1);
    };
    EXPECT_EXIT(write_beyond_the_limit(), testing::ExitedWithCode(0), "");
}

TEST(MemFileSystem, LosesExactlyWhatWasNotSynced) {
    support::MemFileSystem files;
    const FilePtr file = files.open("f", OpenMode::create).value();
    ASSERT_TRUE(file->write_at("durable", 0).has_value());
    ASSERT_TRUE(file->sync().has_value());
    EXPECT_FALSE(files.after_power_cut(0)->exists("f")) << "its name was not synced";
    ASSERT_TRUE(files.sync_directory(".").has_value());
    ASSERT_TRUE(file->write_at("DURABLE and more", 0).has_value());

    EXPECT_EQ(files.after_power_cut(0)->content("f"), "durable");
    EXPECT_EQ(files.after_power_cut(1)->content("f"), "DURABLE and more");
    EXPECT_EQ(files.after_kill()->content("f"), "DURABLE and more");
    EXPECT_EQ(files.after_kill()->after_power_cut(0)->content("f"), "durable");
    EXPECT_EQ(files.content("f"), "DURABLE and more");
}

TEST(MemFileSystem, TearsWritesAtSectors) {
    support::MemFileSystem files;
    const FilePtr file = files.open("f", OpenMode::create).value();
    ASSERT_TRUE(file->write_at(Bytes(2048, 'a'), 0).has_value());
    ASSERT_TRUE(file->sync().has_value());
    ASSERT_TRUE(files.sync_directory(".").has_value());
    ASSERT_TRUE(file->write_at(Bytes(1000, 'b'), 100).has_value());

    bool later_without_earlier = false;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Bytes left = files.after_power_cut(seed)->content("f");
        ASSERT_EQ(left.size(), 2048U);
        later_without_earlier |= left[100] == 'a' && left[1099] == 'b';
        EXPECT_EQ(left[100], left[511]);
        EXPECT_EQ(left[512], left[1023]);
        EXPECT_EQ(left.substr(0, 100), Bytes(100, 'a'));
        EXPECT_EQ(left.substr(1100), Bytes(948, 'a'));
    }
    EXPECT_TRUE(later_without_earlier);
}

TEST(MemFileSystem, LosesRenamesAndRemovalsThatWereNotSynced) {
    support::MemFileSystem files;
    files.put("old", "old");
    files.put("new", "new");
    ASSERT_TRUE(files.rename("new", "old").has_value());
    EXPECT_EQ(files.after_power_cut(0)->content("old"), "old");
    EXPECT_EQ(files.after_power_cut(0)->content("new"), "new");
    EXPECT_EQ(files.after_power_cut(1)->content("old"), "new");
    EXPECT_FALSE(files.after_power_cut(1)->exists("new"));
    ASSERT_TRUE(files.sync_directory(".").has_value());
    EXPECT_EQ(files.after_power_cut(0)->content("old"), "new");

    ASSERT_TRUE(files.remove("old").has_value());
    EXPECT_TRUE(files.after_power_cut(0)->exists("old"));
    ASSERT_TRUE(files.sync_directory(".").has_value());
    EXPECT_FALSE(files.after_power_cut(0)->exists("old"));
}

TEST(FaultyFileSystem, FailsTheCallItWasToldAndRemembersLies) {
    support::MemFileSystem memory;
    support::FaultyFileSystem files(memory);
    const FilePtr file = files.open("f", OpenMode::create).value();
    files.fail(2, EIO, support::FaultyFileSystem::Lasting::once);
    EXPECT_TRUE(file->write_at("abcd", 0).has_value());
    EXPECT_EQ(file->sync().error().os_error, EIO);
    EXPECT_FALSE(files.synced_after_failure());
    EXPECT_TRUE(file->sync().has_value());
    EXPECT_TRUE(files.synced_after_failure());

    files.fail(1, ENOSPC, support::FaultyFileSystem::Lasting::for_good);
    EXPECT_EQ(file->write_at("ABCD", 0).error().os_error, ENOSPC);
    EXPECT_EQ(memory.content("f"), "ABcd") << "half of a failed write happens";
    EXPECT_EQ(files.list(".").error().os_error, ENOSPC);
    files.heal();
    EXPECT_TRUE(files.list(".").has_value());
}

}  // namespace file_system_test
}  // namespace pueue::journal
