#include "daemon/server/translate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace pueue::server {
namespace {

EnvironmentPool pool;
const Lookups lookups{
    [](const std::string& command) { return command == "ll x" ? "ls -la x" : command; },
    [](const WallTime& time) { return "<" + std::to_string(time.seconds) + ">"; }};

template <class Command, class Request>
Command command(Request request) {
    return std::get<Command>(std::get<core::Command>(translate(std::move(request), lookups, pool)));
}

TEST(Translate, KeepsTheTypedCommandBesideTheExpandedOne) {
    wire::AddRequest request;
    request.command = "ll x";
    request.envs = Environment::empty();
    request.group = "gpu";
    request.label = "BTC@250";
    request.dependencies = {TaskId{3}, TaskId{1}, TaskId{3}};
    request.stashed = true;

    const core::Add add = command<core::Add>(request);

    EXPECT_EQ(add.spec.original_command, "ll x");
    EXPECT_EQ(add.spec.command, "ls -la x");
    EXPECT_EQ(add.spec.group, "gpu");
    EXPECT_EQ(add.spec.label, "BTC@250");
    EXPECT_EQ(add.spec.dependencies, request.dependencies);
    EXPECT_EQ(add.spec.priority, 0);
    EXPECT_TRUE(add.stashed);
    EXPECT_FALSE(add.start_immediately);
}

wire::AddRequest add_with(std::vector<Environment::Variable> variables) {
    wire::AddRequest request;
    request.envs = Environment::of(std::move(variables));
    return request;
}

std::string refusal(wire::AddRequest request) {
    const auto response = std::get<wire::Response>(translate(std::move(request), lookups, pool));
    return std::get<wire::FailureResponse>(response).text;
}

TEST(Translate, TakesWishesOutOfTheEnvironment) {
    const core::Add add = command<core::Add>(add_with(
        {{"HOME", "/"}, {"PUEUE_ADD_RESTART", "clone"}, {"PUEUE_ADD_ON_REJECT", "use_existing"}}
    ));
    EXPECT_EQ(add.options.restart, CloneRequests::clone);
    EXPECT_EQ(add.options.on_reject, OnReject::use_existing);
    EXPECT_EQ(add.options.id_conflict_policy, std::nullopt);
    EXPECT_EQ(*add.spec.environment, *Environment::of({{"HOME", "/"}}));
}

TEST(Translate, PutsTheExtensionOfARequestAboveItsEnvironment) {
    wire::AddRequest request = add_with({{"PUEUE_ADD_ID_CONFLICT_POLICY", "allow"}});
    request.ext.emplace().id_conflict_policy = "fail";
    request.ext->copy_of = TaskId{7};
    const core::Add add = command<core::Add>(request);
    EXPECT_EQ(add.options.id_conflict_policy, ConflictPolicy::fail);
    EXPECT_TRUE(add.is_copy);
}

TEST(Translate, RefusesWishesThatItDoesNotUnderstand) {
    EXPECT_EQ(
        refusal(add_with({{"PUEUE_ADD_RESTART", "maybe"}})),
        "PUEUE_ADD_RESTART must be \"in_place\" or \"clone\""
    );
    EXPECT_EQ(
        refusal(add_with({{"PUEUE_ADD_MEMORY", "8G"}})),
        "PUEUE_ADD_MEMORY is unknown. There are: PUEUE_ADD_ID_CONFLICT_POLICY, "
        "PUEUE_ADD_ID_REUSE_POLICY, PUEUE_ADD_ON_REJECT, PUEUE_ADD_RESTART"
    );
    wire::AddRequest request = add_with({});
    request.ext.emplace().on_reject = "cry";
    EXPECT_EQ(refusal(request), "on_reject must be \"fail\" or \"use_existing\"");
}

TEST(Translate, TakesNoWishesWhereThereShallBeNone) {
    Lookups strict = lookups;
    strict.takes_wishes = false;
    const wire::AddRequest request = add_with({{"PUEUE_ADD_RESTART", "maybe"}});
    const auto translated = translate(request, strict, pool);
    const auto& add = std::get<core::Add>(std::get<core::Command>(translated));
    EXPECT_EQ(*add.spec.environment, *request.envs);
    EXPECT_EQ(add.options, TaskOptions{});
}

TEST(Translate, RendersTimesForTheRepliesOfStashAndEnqueue) {
    const std::optional<WallTime> at = WallTime{99, 0};
    EXPECT_EQ(command<core::Stash>(wire::StashRequest{AllTasks{}, at}).enqueue_at_text, "<99>");
    EXPECT_EQ(command<core::Enqueue>(wire::EnqueueRequest{AllTasks{}, at}).enqueue_at_text, "<99>");
    EXPECT_EQ(command<core::Enqueue>(wire::EnqueueRequest{AllTasks{}, {}}).enqueue_at_text, "");
}

TEST(Translate, NamesSignalsAsRepliesShowThem) {
    const auto name_of = [](wire::Signal signal) {
        const core::SignalName name =
            command<core::Kill>(wire::KillRequest{AllTasks{}, signal}).signal.value();
        return name.name + " " + std::to_string(name.number);
    };
    EXPECT_EQ(name_of(wire::Signal::sig_int), "sigint 2");
    EXPECT_EQ(name_of(wire::Signal::sig_kill), "sigkill 9");
    EXPECT_EQ(name_of(wire::Signal::sig_term), "sigterm 15");
    EXPECT_EQ(name_of(wire::Signal::sig_cont), "sigcont 18");
    EXPECT_EQ(name_of(wire::Signal::sig_stop), "sigstop 19");
    EXPECT_FALSE(command<core::Kill>(wire::KillRequest{AllTasks{}, {}}).signal);
}

}  // namespace
}  // namespace pueue::server
