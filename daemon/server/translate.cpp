#include "daemon/server/translate.hpp"

#include "daemon/server/add_options.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace pueue::server {

namespace {

using Translated = std::variant<core::Command, wire::Response>;

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
    Translator(const Lookups& lookups, EnvironmentPool& environments)
        : lookups_(lookups), environments_(environments) {}

    Translated operator()(wire::AddRequest request) const {
        core::Add add;
        if (lookups_.takes_wishes) {
            const Result<TaskOptions> options = take_add_options(request, environments_);
            if (options.has_error()) {
                return wire::Response(wire::FailureResponse{options.error().text});
            }
            add.options = options.value();
            add.is_copy = request.ext && request.ext->copy_of;
        }
        add.spec.command = lookups_.expand_alias(request.command);
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
        add.has_priority = request.priority.has_value();
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
        return core::Start{
            std::move(request.tasks),
            lookups_.takes_wishes && request.ext && request.ext->force_attempt};
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
        return core::Shutdown{request.graceful, request.keeps_tasks};
    }

    Translated operator()(const wire::SwitchRequest& request) const {
        return core::Switch{request.task_id_1, request.task_id_2};
    }
    Translated operator()(wire::RestartRequest request) const {
        core::Restart restart{{}, request.start_immediately, request.stashed};
        for (wire::TaskToRestart& task : request.tasks) {
            restart.tasks.push_back(fields_of(task.task_id, std::move(task)));
        }
        return restart;
    }
    Translated operator()(wire::SendRequest request) const {
        return core::Send{request.task_id, std::move(request.input)};
    }
    Translated operator()(wire::EditRequest request) const {
        return core::EditRequest{std::move(request.tasks)};
    }
    Translated operator()(wire::EditRestoreRequest request) const {
        return core::EditRestore{std::move(request.tasks)};
    }
    Translated operator()(wire::EditedTasksRequest request) const {
        core::EditedTasks edited;
        for (wire::EditableTask& task : request.tasks) {
            edited.tasks.push_back(fields_of(task.id, std::move(task)));
        }
        return edited;
    }
    Translated operator()(wire::EnvRequest request) const {
        return std::visit([](auto& change) { return env(std::move(change)); }, request.change);
    }
    Translated operator()(wire::ResetRequest request) const {
        return core::Reset{std::move(request.groups)};
    }
    Translated operator()(wire::StreamRequest request) const {
        return core::Follow{std::move(request.tasks), request.lines};
    }

  private:
    static Translated group(wire::GroupAdd add) {
        return core::GroupAdd{std::move(add.name), add.parallel_tasks};
    }
    static Translated group(wire::GroupRemove remove) {
        return core::GroupRemove{std::move(remove.name)};
    }
    static Translated group(wire::GroupList /*list*/) { return core::GroupList{}; }

    static Translated env(wire::EnvSet set) {
        return core::EnvSet{set.task_id, std::move(set.key), std::move(set.value)};
    }
    static Translated env(wire::EnvUnset unset) {
        return core::EnvUnset{unset.task_id, std::move(unset.key)};
    }

    template <class Edited>
    [[nodiscard]] core::FieldsOf fields_of(TaskId id, Edited edited) const {
        EditableFields fields;
        fields.command = lookups_.expand_alias(edited.original_command);
        fields.original_command = std::move(edited.original_command);
        fields.path = std::move(edited.path);
        fields.label = std::move(edited.label);
        fields.priority = edited.priority;
        return {id, std::move(fields)};
    }

    [[nodiscard]] std::string time_text(const std::optional<WallTime>& time) const {
        return time ? lookups_.time_text(*time) : std::string();
    }

    const Lookups& lookups_;
    EnvironmentPool& environments_;
};

}  // namespace

std::variant<core::Command, wire::Response> translate(
    wire::Request request, const Lookups& lookups, EnvironmentPool& environments
) {
    const Translator translator(lookups, environments);
    return std::visit([&](auto& one) { return translator(std::move(one)); }, request);
}

}  // namespace pueue::server
