#include "daemon/server/translate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pueue::server {
namespace {

const Lookups lookups{
    [](const std::string& command) { return command == "ll x" ? "ls -la x" : command; },
    [](const WallTime& time) { return "<" + std::to_string(time.seconds) + ">"; }};

template <class Command, class Request>
Command command(Request request) {
    return std::get<Command>(std::get<core::Command>(translate(std::move(request), lookups)));
}

TEST(Translate, KeepsTheTypedCommandBesideTheExpandedOne) {
    wire::AddRequest request;
    request.command = "ll x";
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
