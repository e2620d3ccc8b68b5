// Commands that are no tasks: callbacks. A real keeper each time.
#include "tests/keeper/keeper_under_test.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <sstream>
#include <string>

namespace pueue::keeper::testing {
namespace {

class KeeperRuns : public ::testing::Test {
  protected:
    void run(const Task& task, const Output& output, const Output& errors) {
        const std::string spec = task.spec();
        const keeper::Run request{
            task.flags, task.umask, task.open_files, {spec.data(), spec.size()}};
        keeper_.first().send(request, 1, {in_.read.get(), output.write.get(), errors.write.get()});
    }

    KeeperUnderTest keeper_;
    Output in_;
};

TEST_F(KeeperRuns, ACommandWithTheGivenDescriptorsAndSayHowItEnded) {
    Output output;
    Output errors;
    ASSERT_TRUE(write_all(in_.write.get(), "word\n").has_value());
    run(shell(1, "read a; echo $a; echo err >&2; exit 7"), output, errors);
    EXPECT_EQ(output.everything(), "word\n");
    EXPECT_EQ(errors.everything(), "err\n");
    const auto ended = keeper_.first().expect<RunEnded>();
    EXPECT_EQ(ended.error, 0);
    EXPECT_EQ(ended.code, CLD_EXITED);
    EXPECT_EQ(ended.status, 7);
    EXPECT_EQ(read_file(keeper_.path("spool"), 1 << 20).value().find("sh"), std::string::npos);
}

TEST_F(KeeperRuns, InTheKeepersProcessGroup) {
    Output output;
    Output errors;
    run(shell(1, "read pid name state ppid pgrp rest </proc/$$/stat; echo $pgrp"), output, errors);
    EXPECT_EQ(output.everything(), std::to_string(keeper_.pid()) + "\n");
}

TEST_F(KeeperRuns, NothingThatCannotBeExecuted) {
    const Output output;
    const Output errors;
    Task task = shell(1, "");
    task.programs = {"/no/such"};
    run(task, output, errors);
    const auto ended = keeper_.first().expect<RunEnded>();
    EXPECT_EQ(ended.stage, Stage::execute);
    EXPECT_EQ(ended.error, ENOENT);
}

TEST_F(KeeperRuns, NothingWithoutThreeDescriptors) {
    const std::string spec = shell(1, "true").spec();
    keeper_.first().send(keeper::Run{0, 022, 0, {spec.data(), spec.size()}}, 1, {in_.read.get()});
    EXPECT_EQ(keeper_.first().expect<ErrorAnswer>().code, ErrorCode::malformed);
}

TEST_F(KeeperRuns, TheSameCommandAsOftenAsItIsAsked) {
    for (int i = 0; i < 20; ++i) {
        Output output;
        Output errors;
        run(shell(1, "echo again"), output, errors);
        EXPECT_EQ(output.everything(), "again\n");
        EXPECT_EQ(keeper_.first().expect<RunEnded>().status, 0);
    }
    EXPECT_THAT(keeper_.children(), ::testing::IsEmpty());
}

TEST_F(KeeperRuns, ACommandThatIsNoPartOfAnInventory) {
    Output output;
    Output errors;
    run(shell(1, "echo runs; read forever"), output, errors);
    char text[5] = {};
    ASSERT_TRUE(read_full(output.read.get(), text, 5).has_value());
    keeper_.first().send(Inventory{});
    std::ignore = keeper_.first().expect<InventoryEnd>();
}

TEST_F(KeeperRuns, ACommandThatGoesOnWhenTheKeeperLeaves) {
    Output output;
    Output errors;
    run(shell(1, "echo runs; read word; echo $word"), output, errors);
    char text[5] = {};
    ASSERT_TRUE(read_full(output.read.get(), text, 5).has_value());
    keeper_.first().send(Stop{StopMode::kill});
    std::ignore = keeper_.first().expect<DoneAnswer>();
    EXPECT_EQ(keeper_.exit_code(), 0);
    ASSERT_TRUE(write_all(in_.write.get(), "still here\n").has_value());
    EXPECT_EQ(output.everything(), "still here\n");
}

TEST_F(KeeperRuns, NothingToTellALaterDaemon) {
    Output output;
    Output errors;
    run(shell(1, "echo runs; read word"), output, errors);
    char text[5] = {};
    ASSERT_TRUE(read_full(output.read.get(), text, 5).has_value());
    keeper_.first().close();
    ASSERT_TRUE(write_all(in_.write.get(), "end\n").has_value());
    EXPECT_EQ(output.everything(), "");
    const Connection next = keeper_.connect();
    EXPECT_EQ(next.greet().alive, 0U);
    next.send(Inventory{});
    std::ignore = next.expect<InventoryEnd>();
}

}  // namespace
}  // namespace pueue::keeper::testing
