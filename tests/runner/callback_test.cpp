#include "daemon/runner/callback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace pueue::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CallbackTest : public ::testing::Test {
  protected:
    CallbackTest() {
        std::string name = ::testing::TempDir() + "callback.XXXXXX";
        directory_ = ::mkdtemp(name.data());
        settings_.directory = "/home";
        settings_.environment = {"PATH=/a:/b", "X=y"};
        launch_.log_directory = directory_;
        auto spec = std::make_shared<TaskSpec>();
        spec->command = "make all";
        spec->original_command = "m";
        spec->path = "/work";
        spec->group = "gpu";
        callback_.task.id = TaskId{7};
        callback_.task.spec = std::move(spec);
        ends_with(Failed{3});
        callback_.queued = 4;
        callback_.stashed = 5;
    }
    ~CallbackTest() override { std::filesystem::remove_all(directory_); }

    void ends_with(TaskResult result) {
        callback_.task.status = Done{{}, WallTime{1000, 5}, WallTime{1001, 0}, std::move(result)};
    }
    void log(const std::string& text) { std::ofstream(directory_ + "/7.log") << text; }

    /// What the shell is given.
    std::string made(const std::string& text) {
        settings_.command = text;
        const Result<Program> program = make_callback(callback_, settings_, launch_);
        return program.has_value() ? program.value().arguments.back() : program.error().text;
    }

    std::string directory_;
    CallbackSettings settings_;
    LaunchSettings launch_;
    core::RunCallback callback_;
};

TEST_F(CallbackTest, HasAllVariables) {
    log("one\ntwo\nthree\n");
    settings_.log_lines = 2;
    EXPECT_EQ(
        made("{{id}} {{command}} {{path}} {{group}} {{queued_count}} {{stashed_count}} {{result}} "
             "{{exit_code}} {{start}} {{end}} {{output_path}} {{output}}"),
        "7 make all /work gpu 4 5 Failed 3 1000 1001 " + directory_ + "/7.log two\nthree"
    );
}

TEST_F(CallbackTest, NamesEachResult) {
    const auto shown = [this](TaskResult result) {
        ends_with(std::move(result));
        return made("{{result}} {{exit_code}}");
    };
    EXPECT_EQ(shown(Success{}), "Success 0");
    EXPECT_EQ(shown(Failed{-1}), "Failed -1");
    EXPECT_EQ(shown(FailedToSpawn{"why"}), "FailedToSpawn None");
    EXPECT_EQ(shown(Killed{}), "Killed None");
    EXPECT_EQ(shown(Errored{}), "Errored None");
    EXPECT_EQ(shown(DependencyFailed{}), "DependencyFailed None");
}

TEST_F(CallbackTest, HasNoOutputWithoutALog) {
    EXPECT_EQ(made("[{{output}}]"), "[]");
}

TEST_F(CallbackTest, ReadsAsMuchOfTheLogAsTheLinesNeed) {
    const std::string line(100'000, 'x');
    log("first\n" + line + "\nlast\n");
    settings_.log_lines = 2;
    EXPECT_EQ(made("{{output}}"), line + "\nlast");
}

TEST_F(CallbackTest, CutsALineThatNoCommandLineCouldHold) {
    log(std::string(3'000'000, 'x') + "\n");
    EXPECT_EQ(made("{{len output}}"), std::to_string((1 << 20) - 1));
}

TEST_F(CallbackTest, RunsInTheShellWithTheDaemonsSurroundings) {
    settings_.command = "notify {{id}}";
    const Program program = make_callback(callback_, settings_, launch_).value();
    EXPECT_THAT(program.arguments, ElementsAre("sh", "-c", "notify 7"));
    EXPECT_THAT(program.programs, ElementsAre("/a/sh", "/b/sh"));
    EXPECT_THAT(program.environment, ElementsAre("PATH=/a:/b", "X=y"));
    EXPECT_EQ(program.directory, "/home");
}

TEST_F(CallbackTest, IsNotMadeFromAMistake) {
    EXPECT_THAT(made("{{nope}}"), HasSubstr("strict mode Some(\"nope\")"));
    launch_.shell_command = std::vector<std::string>{};
    EXPECT_EQ(made("x"), "daemon.shell_command is empty");
}

}  // namespace
}  // namespace pueue::runner
