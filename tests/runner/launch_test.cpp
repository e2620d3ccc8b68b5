#include "daemon/runner/launch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace pueue::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Task a_task(std::string command, std::vector<Environment::Variable> environment = {}) {
    auto spec = std::make_shared<TaskSpec>();
    spec->command = std::move(command);
    spec->path = "/work";
    spec->group = "gpu";
    spec->environment = Environment::of(std::move(environment));
    Task task;
    task.id = TaskId{7};
    task.attempts = AttemptNumber{2};
    task.spec = std::move(spec);
    return task;
}

const LaunchSettings usual{std::nullopt, "/logs"};

TEST(Launch, RunsTheCommandInAShell) {
    const Launch launch = make_launch(a_task("echo a && echo b"), WorkerId{0}, usual);

    EXPECT_THAT(launch.arguments, ElementsAre("sh", "-c", "echo a && echo b"));
    EXPECT_EQ(launch.directory, "/work");
    EXPECT_EQ(launch.log_path, "/logs/7.log");
    EXPECT_EQ(launch.impossible, "");
    EXPECT_EQ(launch.key, (AttemptKey{TaskId{7}, AttemptNumber{2}, RunId{}}));
}

TEST(Launch, GivesTheTasksVariablesAndTwoOfOurs) {
    const Launch launch = make_launch(
        a_task("x", {{"A", "b=c"}, {"PUEUE_GROUP", "mine"}, {"", "odd"}}), WorkerId{3}, usual
    );
    EXPECT_THAT(
        launch.environment,
        UnorderedElementsAre("A=b=c", "=odd", "PUEUE_GROUP=gpu", "PUEUE_WORKER_ID=3")
    );
}

TEST(Launch, LooksForTheShellInThePathOfTheTask) {
    EXPECT_THAT(
        make_launch(a_task("x", {{"PATH", "/a:/b"}}), WorkerId{0}, usual).programs,
        ElementsAre("/a/sh", "/b/sh")
    );
    EXPECT_THAT(
        make_launch(a_task("x"), WorkerId{0}, usual).programs, ElementsAre("/bin/sh", "/usr/bin/sh")
    );
}

TEST(Launch, TriesWhatExecvpWouldTry) {
    EXPECT_THAT(candidate_programs("./x", "/a"), ElementsAre("./x"));
    EXPECT_THAT(candidate_programs("x", "/a::/b"), ElementsAre("/a/x", "x", "/b/x"));
    EXPECT_THAT(candidate_programs("x", ""), ElementsAre("x"));
    EXPECT_THAT(candidate_programs("x", "/a:"), ElementsAre("/a/x", "x"));
    EXPECT_THAT(candidate_programs("", "/a"), ElementsAre(""));
}

TEST(Launch, RunsScriptsWithoutAFirstLineOnlyIfPathFoundThem) {
    LaunchSettings settings = usual;
    EXPECT_TRUE(make_launch(a_task("x"), WorkerId{0}, settings).scripts_by_shell);
    settings.shell_command = {"/bin/sh", "-c", "{{pueue_command_string}}"};
    EXPECT_FALSE(make_launch(a_task("x"), WorkerId{0}, settings).scripts_by_shell);
}

TEST(Launch, PutsTheCommandWhereTheShellCommandWantsIt) {
    LaunchSettings settings = usual;
    settings.shell_command = {
        "bash", "-lc", "{{{ pueue_command_string }}}; true", "{{&pueue_command_string}}"};
    EXPECT_THAT(
        make_launch(a_task("a 'b' <c>"), WorkerId{0}, settings).arguments,
        ElementsAre("bash", "-lc", "a 'b' <c>; true", "a 'b' <c>")
    );
}

TEST(Launch, IsImpossibleWithoutAUsableShellCommand) {
    LaunchSettings settings = usual;
    settings.shell_command = std::vector<std::string>{};
    EXPECT_EQ(
        make_launch(a_task("x"), WorkerId{0}, settings).impossible, "daemon.shell_command is empty"
    );
    settings.shell_command = {"sh", "-c", "{{ nope }}"};
    EXPECT_THAT(
        make_launch(a_task("x"), WorkerId{0}, settings).impossible,
        testing::HasSubstr("Failed to access variable in strict mode Some(\"nope\")")
    );
}

TEST(Launch, IsImpossibleWithANulByte) {
    using namespace std::string_literals;
    const std::string reason =
        "Error { kind: InvalidInput, message: \"nul byte found in provided data\" }";
    EXPECT_EQ(make_launch(a_task("a\0b"s), WorkerId{0}, usual).impossible, reason);
    const std::string value = "b\0c"s;
    EXPECT_EQ(make_launch(a_task("x", {{"A", value}}), WorkerId{0}, usual).impossible, reason);
}

}  // namespace
}  // namespace pueue::runner
