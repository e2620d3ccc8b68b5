#include "client/commands/commands.hpp"

#include "tests/client/scripted.hpp"
#include "tests/client/states.hpp"
#include "tests/client/vectors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

using ::testing::HasSubstr;

class Commands : public ::testing::Test {
  protected:
    Commands() { script.answer_raw("0.31.1"); }

    template <class Options>
    int run_with(const Options& options) {
        auto connection =
            Connection::open(std::make_unique<ScriptedChannel>(script), "secret", nullptr);
        const config::Paths paths(settings.shared, {});
        const Log log;
        Client client{
            settings,
            paths,
            style,
            log,
            console,
            *connection,
            [&](std::chrono::milliseconds) { ++pauses; },
            is_strict};
        const Outcome outcome = run(options, client);
        console.flush();
        if (outcome.has_error()) {
            console.err(format_report(outcome.error()));
            return 1;
        }
        return *outcome;
    }

    void answer_status(const std::string& status_json, const std::string& result_json = "") {
        const std::string status =
            "\"status\":" + (result_json.empty() ? status_json : result_json);
        wire::StatusResponse response;
        response.state = state_from_json(
            R"({"tasks":{"3":{"id":3,"created_at":"2024-01-01T00:00:00Z","original_command":"ll",)"
            R"("command":"ls -l","path":"/p","envs":{"A":"B"},"group":"default","dependencies":[1],)"
            R"("priority":4,"label":"x",)" +
            status + R"(}},"groups":{"default":{"status":"Running","parallel_tasks":1}}})"
        );
        script.answer(response);
    }

    static std::string running() {
        return R"({"Running":{"enqueued_at":"2024-01-01T00:00:00Z","start":"2024-01-01T00:00:00Z"}})";
    }
    static std::string done(const std::string& result) {
        return R"({"Done":{"enqueued_at":"2024-01-01T00:00:00Z","start":"2024-01-01T00:00:00Z",)"
               R"("end":"2024-01-01T00:00:00Z","result":)" +
               result + "}}";
    }

    InZone zone{"UTC"};
    Script script;
    CapturedConsole console;
    config::Settings settings;
    Style style;
    int pauses = 0;
    bool is_strict = false;
};

TEST_F(Commands, PrintOnlyTheIdWhenAddIsToldTo) {
    script.answer(wire::AddedTaskResponse{TaskId{7}, std::nullopt, true});
    cli::AddOptions options;
    options.command = {"ls", "-la"};
    options.print_task_id = true;
    EXPECT_EQ(run_with(options), 0);
    EXPECT_EQ(console.printed_out, "7\n");
    const auto sent = std::get<wire::AddRequest>(script.requests().front());
    EXPECT_EQ(sent.command, "ls -la");
    EXPECT_EQ(sent.group, "default");
    EXPECT_TRUE(sent.envs->contains("TZ"));
}

TEST_F(Commands, TellThatTheGroupOfANewTaskIsPaused) {
    script.answer(wire::AddedTaskResponse{TaskId{7}, std::nullopt, true});
    cli::AddOptions options;
    options.command = {"a b", "c'd"};
    options.escape = true;
    EXPECT_EQ(run_with(options), 0);
    EXPECT_EQ(
        console.printed_out, "New task added (id 7).\nThe group of this task is currently paused!\n"
    );
    EXPECT_EQ(std::get<wire::AddRequest>(script.requests().front()).command, "'a b' 'c'\\''d'");
}

TEST_F(Commands, FailWithTheDaemonsTextOnStderr) {
    script.answer(wire::FailureResponse{"no"});
    EXPECT_EQ(run_with(cli::CleanOptions{}), 1);
    EXPECT_EQ(console.printed_out, "");
    EXPECT_EQ(console.printed_err, "no\n");
}

TEST_F(Commands, AskBeforeTheyKillWhenTheSettingsSaySo) {
    settings.client.show_confirmation_questions = true;
    console.input = {"x", "n"};
    cli::KillOptions options;
    options.selection.ids = {TaskId{1}, TaskId{2}};
    EXPECT_EQ(run_with(options), 1);
    EXPECT_EQ(console.printed_err, "You are trying to kill: task1, task2\nAborted!\n");
    EXPECT_EQ(
        console.printed_out, "Do you want to continue [Y/n]: Do you want to continue [Y/n]: "
    );
    EXPECT_TRUE(script.requests().empty());
}

TEST_F(Commands, TakeTheEndOfTheInputForNo) {
    settings.client.show_confirmation_questions = true;
    EXPECT_EQ(run_with(cli::RemoveOptions{{TaskId{1}}}), 1);
    EXPECT_THAT(console.printed_err, HasSubstr("Aborted!"));
}

TEST_F(Commands, WaitUntilTheTaskIsDone) {
    answer_status(running());
    answer_status(running());
    answer_status(done(R"({"Failed":2})"));
    EXPECT_EQ(run_with(cli::WaitOptions{}), 0);
    EXPECT_EQ(pauses, 2);
    EXPECT_THAT(console.printed_out, HasSubstr(" - Found active Task 3 with status Running\n"));
    EXPECT_THAT(console.printed_out, HasSubstr(" - Task 3 failed with 2\n"));
}

TEST_F(Commands, GiveUpWaitingForSuccessWhenATaskFails) {
    answer_status(done(R"("Killed")"));
    cli::WaitOptions options;
    options.target = cli::WaitTarget::success;
    options.quiet = true;
    EXPECT_EQ(run_with(options), 1);
    EXPECT_EQ(console.printed_out, "");
}

TEST_F(Commands, HaveNothingToWaitForInAnUnknownGroup) {
    answer_status(running());
    cli::WaitOptions options;
    options.selection.group = "a\"b";
    EXPECT_EQ(run_with(options), 0);
    EXPECT_EQ(console.printed_err, "No tasks found for selection Group(\"a\\\"b\")\n");
}

TEST_F(Commands, SuggestTheGroupThatWasMeant) {
    script.answer(wire::FailureResponse{"no such group"});
    script.answer(wire::GroupResponse{{{"default", {}}, {"import", {}}, {"report", {}}}});
    console.person_reads_err = true;
    cli::StartOptions options;
    options.selection.group = "imprt";
    EXPECT_EQ(run_with(options), 1);
    EXPECT_EQ(console.printed_err, "no such group\n\n  tip: a similar group exists: 'import'\n");
    EXPECT_EQ(console.printed_out, "");
}

TEST_F(Commands, SuggestNothingWhereNobodyReadsIt) {
    script.answer(wire::FailureResponse{"no such group"});
    cli::StartOptions options;
    options.selection.group = "imprt";
    EXPECT_EQ(run_with(options), 1);
    EXPECT_EQ(console.printed_err, "no such group\n");
    EXPECT_EQ(script.requests().size(), 1U);
}

TEST_F(Commands, SuggestNoGroupWhereTheGroupIsNotTheReason) {
    script.answer(wire::FailureResponse{"not now"});
    script.answer(wire::GroupResponse{{{"default", {}}, {"import", {}}}});
    console.person_reads_err = true;
    EXPECT_EQ(run_with(cli::GroupRemoveOptions{"import", false}), 1);
    EXPECT_EQ(console.printed_err, "not now\n");
}

TEST_F(Commands, TellPeopleWhichTasksFailedWhileTheyWaited) {
    answer_status("", done(R"({"Failed":3})"));
    console.person_reads_err = true;
    cli::WaitOptions options;
    options.quiet = true;
    EXPECT_EQ(run_with(options), 0);
    EXPECT_EQ(console.printed_err, "Failed: 3 (exit code 3)\n");
    EXPECT_EQ(console.printed_out, "");
}

TEST_F(Commands, RestartACopyWithTheOriginalCommand) {
    answer_status(done(R"("Killed")"));
    script.answer(wire::AddedTaskResponse{TaskId{9}, std::nullopt, false});
    cli::RestartOptions options;
    options.ids = {TaskId{3}, TaskId{5}};
    options.not_in_place = true;
    EXPECT_EQ(run_with(options), 0);
    EXPECT_EQ(console.printed_out, "Restarted tasks: [3]\n");
    EXPECT_EQ(console.printed_err, "Couldn't restart tasks: [5]\n");
    const auto copy = std::get<wire::AddRequest>(script.requests()[1]);
    EXPECT_EQ(copy.command, "ll");
    EXPECT_EQ(copy.priority, 4);
    EXPECT_TRUE(copy.dependencies.empty());
    EXPECT_TRUE(copy.envs->contains("A"));
    EXPECT_EQ(copy.ext->copy_of, TaskId{3});
}

TEST_F(Commands, RestartAsTheOriginalDoesIfThatIsWanted) {
    answer_status(done(R"("Killed")"));
    script.answer(wire::AddedTaskResponse{TaskId{9}, std::nullopt, false});
    is_strict = true;
    cli::RestartOptions options;
    options.ids = {TaskId{3}};
    EXPECT_EQ(run_with(options), 0);
    EXPECT_EQ(std::get<wire::AddRequest>(script.requests()[1]).ext, std::nullopt);
}

TEST_F(Commands, RestartInPlaceWithOneRequest) {
    answer_status(done(R"("Killed")"));
    script.answer(wire::SuccessResponse{"text that is not shown"});
    cli::RestartOptions options;
    options.ids = {TaskId{3}, TaskId{3}};
    EXPECT_EQ(run_with(options), 0);
    EXPECT_EQ(console.printed_out, "Restarted tasks: [3, 3]\n");
    EXPECT_EQ(std::get<wire::RestartRequest>(script.requests()[1]).tasks.size(), 1U);
}

TEST_F(Commands, ReportAStatusThatIsRefused) {
    script.answer(wire::FailureResponse{"not now"});
    EXPECT_EQ(run_with(cli::StatusOptions{}), 1);
    EXPECT_EQ(console.printed_err, "not now\n");
}

TEST_F(Commands, StopWhenStandardOutputFails) {
    script.answer(wire::SuccessResponse{"ok"});
    console.out_error = EPIPE;
    EXPECT_THROW(run_with(cli::CleanOptions{}), OutputFailed);
}

TEST_F(Commands, ResetEverythingByNamingEveryGroup) {
    answer_status(done(R"("Success")"));
    script.answer(wire::SuccessResponse{"ok"});
    EXPECT_EQ(run_with(cli::ResetOptions{}), 0);
    EXPECT_EQ(
        std::get<wire::ResetRequest>(script.requests()[1]).groups,
        std::vector<std::string>{"default"}
    );
}

TEST_F(Commands, PrintACompletionScriptForEveryShell) {
    for (const auto shell :
         {cli::Shell::bash,
          cli::Shell::elvish,
          cli::Shell::fish,
          cli::Shell::power_shell,
          cli::Shell::zsh,
          cli::Shell::nushell}) {
        CapturedConsole captured;
        ASSERT_TRUE(run_completions({shell, std::nullopt}, captured).has_value());
        captured.flush();
        EXPECT_THAT(captured.printed_out, HasSubstr("print-task-id"));
        EXPECT_THAT(captured.printed_out, HasSubstr("completions"));
        EXPECT_THAT(captured.printed_out, HasSubstr("power-shell"));
    }
}

}  // namespace
}  // namespace pueue::client::test
