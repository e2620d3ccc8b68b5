#include "daemon/state_file/state_file.hpp"

#include "daemon/state_file/state_json.hpp"
#include "protocol/base/fd.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace pueue::state_file {
namespace {

class StateFile : public testing::TestWithParam<Form> {
  protected:
    std::string directory() const { return scratch_.path().string(); }
    std::string path() const { return directory() + "/" + file_name(GetParam()); }
    Result<> write(const State& state) { return write_file(directory(), GetParam(), state, "00"); }
    Result<Bytes> read() { return read_text(directory(), GetParam()); }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(scratch_.path())) {
            all.push_back(entry.path().filename());
        }
        return all;
    }

    static State one_group() {
        State state;
        state.groups["default"] = {};
        return state;
    }

    State one_group_ = one_group();
    std::string expected_ =
        R"({"tasks":{},"groups":{"default":{"status":"Running","parallel_tasks":1}})" +
        ending("00");

  private:
    support::ScratchDirectory scratch_;
};

TEST_P(StateFile, IsReadAsItWasWritten) {
    EXPECT_EQ(read().error().kind, ErrorKind::not_found);
    ASSERT_TRUE(write(one_group_).has_value());
    EXPECT_EQ(read().value(), expected_);
    ASSERT_TRUE(write({}).has_value());
    EXPECT_EQ(read().value(), "{\"tasks\":{},\"groups\":{}" + ending("00"));
    EXPECT_EQ(names(), std::vector<std::string>{file_name(GetParam())});
}

TEST_P(StateFile, SaysHowItsTextEnds) {
    const auto ends = [&](std::string_view ending) {
        return ends_with(directory(), GetParam(), ending);
    };
    EXPECT_EQ(ends(ending("00")).error().kind, ErrorKind::not_found);
    ASSERT_TRUE(write(one_group_).has_value());
    EXPECT_TRUE(ends(ending("00")).value());
    EXPECT_TRUE(ends(expected_).value());
    EXPECT_FALSE(ends(ending("01")).value());
    EXPECT_FALSE(ends(" " + expected_).value()) << "longer than the file";
}

TEST_P(StateFile, HasTheModeOfTheUmask) {
    const mode_t before = ::umask(027);
    ASSERT_TRUE(write(one_group_).has_value());
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_P(StateFile, StaysAsItWasWhenItCannotBeReplaced) {
    ASSERT_TRUE(write(one_group_).has_value());
    std::filesystem::create_directory(path() + ".tmp");
    EXPECT_TRUE(write({}).has_error());
    EXPECT_EQ(read().value(), expected_);
}

TEST_P(StateFile, LeavesNothingBehindWhenItCannotBeReplaced) {
    std::filesystem::create_directories(path() + "/in the way");
    EXPECT_TRUE(write({}).has_error());
    EXPECT_EQ(names(), std::vector<std::string>{file_name(GetParam())});
}

INSTANTIATE_TEST_SUITE_P(InBothForms, StateFile, testing::Values(Form::plain, Form::compressed));

TEST(StateFileOfTheOriginal, LosesTheLeftoverThatKeepsTheOriginalFromStarting) {
    const support::ScratchDirectory scratch;
    const std::string leftover = scratch.path() / "state.json.gz.partial";
    ASSERT_TRUE(open_file(leftover, O_WRONLY | O_CREAT).has_value());
    ASSERT_TRUE(write_file(scratch.path(), Form::compressed, {}, "00").has_value());
    EXPECT_FALSE(std::filesystem::exists(leftover));
}

}  // namespace
}  // namespace pueue::state_file
