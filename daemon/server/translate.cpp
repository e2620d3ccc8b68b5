#include "daemon/server/translate.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace pueue::server {

namespace {

using Translated = std::variant<core::Command, wire::Response>;

Translated not_supported(std::string_view request) {
    return wire::FailureResponse{std::string(request) + " is not supported yet"};
}

core::SignalName signal_name(wire::Signal signal) {
    // The numbers of the contract, pueued 3.1; names as replies show them.
    switch (signal) {
        case wire::Signal::sig_int:
            return {2, "sigint"};
        case wire::Signal::sig_kill:
            return {9, "sigkill"};
        case wire::Signal::sig_term:
            return {15, "sigterm"};
        case wire::Signal::sig_cont:
            return {18, "sigcont"};
        case wire::Signal::sig_stop:
            return {19, "sigstop"};
    }
    PUEUE_CHECK(false);
    return {};
}

class Translator {
  public:
    explicit Translator(const Surroundings& surroundings) : surroundings_(surroundings) {}

    Translated operator()(wire::AddRequest request) const {
        core::Add add;
        add.spec.command = surroundings_.expand_alias(request.command);
        add.spec.original_command = std::move(request.command);
        add.spec.path = std::move(request.path);
        add.spec.environment = std::move(request.envs);
        add.spec.group = std::move(request.group);
        add.spec.dependencies = std::move(request.dependencies);
        add.spec.priority = request.priority.value_or(0);
        add.spec.label = std::move(request.label);
        add.start_immediately = request.start_immediately;
        add.stashed = request.stashed;
        add.enqueue_at = request.enqueue_at;
        return add;
    }
    Translated operator()(wire::RemoveRequest request) const {
        return core::Remove{std::move(request.tasks)};
    }
    Translated operator()(wire::StashRequest request) const {
        return core::Stash{
            std::move(request.tasks), request.enqueue_at, time_text(request.enqueue_at)};
    }
    Translated operator()(wire::EnqueueRequest request) const {
        return core::Enqueue{
            std::move(request.tasks), request.enqueue_at, time_text(request.enqueue_at)};
    }
    Translated operator()(wire::StartRequest request) const {
        return core::Start{std::move(request.tasks)};
    }
    Translated operator()(wire::PauseRequest request) const {
        return core::Pause{std::move(request.tasks), request.wait};
    }
    Translated operator()(wire::KillRequest request) const {
        core::Kill kill{std::move(request.tasks), {}};
        if (request.signal) {
            kill.signal = signal_name(*request.signal);
        }
        return kill;
    }
    Translated operator()(wire::GroupRequest request) const {
        return std::visit([](auto& what) { return group(std::move(what)); }, request.what);
    }
    Translated operator()(wire::ParallelRequest request) const {
        return core::Parallel{std::move(request.group), request.parallel_tasks};
    }
    Translated operator()(wire::StatusRequest) const { return core::Status{}; }
    Translated operator()(wire::LogRequest request) const {
        return core::Log{std::move(request.tasks), request.send_logs, request.lines};
    }
    Translated operator()(wire::CleanRequest request) const {
        return core::Clean{request.successful_only, std::move(request.group)};
    }
    Translated operator()(wire::ShutdownRequest request) const {
        return core::Shutdown{request.graceful};
    }

    Translated operator()(const wire::SwitchRequest&) const { return not_supported("Switch"); }
    Translated operator()(const wire::RestartRequest&) const { return not_supported("Restart"); }
    Translated operator()(const wire::SendRequest&) const { return not_supported("Send"); }
    Translated operator()(const wire::EditRequest&) const { return not_supported("EditRequest"); }
    Translated operator()(const wire::EditRestoreRequest&) const {
        return not_supported("EditRestore");
    }
    Translated operator()(const wire::EditedTasksRequest&) const {
        return not_supported("EditedTasks");
    }
    Translated operator()(const wire::EnvRequest&) const { return not_supported("Env"); }
    Translated operator()(const wire::StreamRequest&) const { return not_supported("Stream"); }
    Translated operator()(const wire::ResetRequest&) const { return not_supported("Reset"); }

  private:
    static Translated group(wire::GroupAdd add) {
        return core::GroupAdd{std::move(add.name), add.parallel_tasks};
    }
    static Translated group(wire::GroupRemove remove) {
        return core::GroupRemove{std::move(remove.name)};
    }
    static Translated group(wire::GroupList) { return core::GroupList{}; }

    std::string time_text(const std::optional<WallTime>& time) const {
        return time ? surroundings_.time_text(*time) : std::string();
    }

    const Surroundings& surroundings_;
};

}  // namespace

std::variant<core::Command, wire::Response> translate(
    wire::Request request, const Surroundings& surroundings
) {
    return std::visit([&](auto& one) { return Translator(surroundings)(std::move(one)); }, request);
}

}  // namespace pueue::server
