#include "client/commands/commands.hpp"
#include "client/hints.hpp"
#include "client/view/time_view.hpp"
#include "protocol/base/upstream_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <variant>

namespace pueue::client {

namespace {

// Compat: the name is the original's, known to test harnesses [wait-running].
constexpr const char* fast_poll_variable = "PUEUED_TEST_ENV_VARIABLE";

std::chrono::milliseconds poll_interval() {
    return std::chrono::milliseconds(std::getenv(fast_poll_variable) == nullptr ? 2000 : 250);
}

std::vector<const Task*> selected(const State& state, const TaskSelection& selection) {
    std::vector<const Task*> tasks;
    if (const auto* ids = std::get_if<std::vector<TaskId>>(&selection)) {
        for (const TaskId id : std::set(ids->begin(), ids->end())) {
            if (const Task* task = state.task(id)) {
                tasks.push_back(task);
            }
        }
        return tasks;
    }
    const auto* group = std::get_if<std::string>(&selection);
    for (const auto& [id, task] : state.tasks) {
        if (group == nullptr || task.spec->group == *group) {
            tasks.push_back(&task);
        }
    }
    return tasks;
}

std::string describe(const TaskSelection& selection) {
    if (const auto* ids = std::get_if<std::vector<TaskId>>(&selection)) {
        std::string list;
        for (const TaskId id : *ids) {
            list += (list.empty() ? "" : ", ") + std::to_string(id.value);
        }
        return "TaskIds([" + list + "])";
    }
    if (const auto* group = std::get_if<std::string>(&selection)) {
        return "Group(" + quoted(*group) + ")";
    }
    return "All";
}

bool has_reached(const Task& task, cli::WaitTarget target) {
    switch (target) {
        case cli::WaitTarget::queued:
            return task.status.is<Queued>() || task.status.is<Running>() || is_done(task);
        case cli::WaitTarget::running:
            return task.status.is<Running>() || is_done(task);
        case cli::WaitTarget::done:
            return is_done(task);
        case cli::WaitTarget::success:
            break;
    }
    return has_succeeded(task);
}

// The lines about tasks, in their colours.
class WaitReport {
  public:
    explicit WaitReport(const Client& client) : style_(client.style), settings_(client.settings) {}

    [[nodiscard]] std::string found(const Task& task) const {
        return line("Found active Task " + id(task) + " with status " + status(task.status));
    }
    [[nodiscard]] std::string appeared(const Task& task) const {
        return line("New task " + id(task) + " with status " + status(task.status));
    }
    [[nodiscard]] std::string changed(const Task& task, const TaskStatus& before) const {
        if (const auto* done = task.status.get_if<Done>()) {
            return line("Task " + id(task) + " " + ending(done->result));
        }
        return line(
            "Task " + id(task) + " changed from " + status(before) + " to " + status(task.status)
        );
    }

  private:
    [[nodiscard]] std::string line(const std::string& text) const {
        return TimeView(settings_.client, read_clock().wall).clock() + " - " + text + "\n";
    }

    [[nodiscard]] std::string id(const Task& task) const {
        return style_.bold(std::to_string(task.id.value));
    }

    [[nodiscard]] std::string status(const TaskStatus& status) const {
        struct Word {
            const char* operator()(const Locked&) const { return "Locked"; }
            const char* operator()(const Stashed&) const { return "Stashed"; }
            const char* operator()(const Queued&) const { return "Queued"; }
            const char* operator()(const Running&) const { return "Running"; }
            const char* operator()(const Paused&) const { return "Paused"; }
            const char* operator()(const Done&) const { return "Done"; }
        };
        const auto& variant =
            static_cast<const std::variant<Locked, Stashed, Queued, Running, Paused, Done>&>(status
            );
        Color color = Color::white;
        if (status.is<Running>()) {
            color = Color::green;
        } else if (const auto* done = status.get_if<Done>()) {
            color = std::holds_alternative<Success>(done->result) ? Color::green : Color::red;
        }
        return style_.paint(std::visit(Word{}, variant), color);
    }

    [[nodiscard]] std::string ending(const TaskResult& result) const {
        struct Words {
            const Style& style;

            std::string operator()(const Success&) const {
                return "succeeded with " + style.paint("0", Color::green);
            }
            std::string operator()(const Failed& failed) const {
                return "failed with " + style.bold(std::to_string(failed.exit_code), Color::red);
            }
            std::string operator()(const DependencyFailed&) const {
                return "failed due to " + style.paint("failed dependencies", Color::red);
            }
            std::string operator()(const FailedToSpawn&) const {
                return style.paint("failed to spawn", Color::red);
            }
            std::string operator()(const Errored&) const {
                return "experienced an " + style.bold("IO error", Color::red) + ".";
            }
            std::string operator()(const Killed&) const {
                return "has been " + style.paint("killed", Color::red);
            }
        };
        return std::visit(Words{style_}, result);
    }

    const Style& style_;
    const config::Settings& settings_;
};

// What is remembered between two looks at the daemon's state.
class Watch {
  public:
    Watch(const cli::WaitOptions& options, Client& client)
        : options_(options), client_(client), report_(client) {}

    /// False when there is nothing left to watch.
    bool look_at(const std::vector<const Task*>& tasks) {
        bool any_watched = false;
        for (const Task* task : tasks) {
            if (reached_.contains(task->id)) {
                continue;
            }
            tell_about(*task);
            seen_[task->id] = task->status;
            if (has_reached(*task, options_.target)) {
                reached_.insert(task->id);
            } else {
                any_watched = true;
            }
        }
        first_look_ = false;
        client_.console.flush();
        return any_watched;
    }

  private:
    void tell_about(const Task& task) {
        const auto before = seen_.find(task.id);
        if (options_.quiet) {
            return;
        }
        if (before != seen_.end()) {
            if (!(before->second == task.status)) {
                client_.console.out(report_.changed(task, before->second));
            }
        } else if (!first_look_) {
            client_.console.out(report_.appeared(task));
        } else if (has_process(task)) {
            client_.console.out(report_.found(task));
        }
    }

    const cli::WaitOptions& options_;
    Client& client_;
    WaitReport report_;
    std::map<TaskId, TaskStatus> seen_;
    std::set<TaskId> reached_;
    bool first_look_ = true;
};

}  // namespace

Outcome run(const cli::WaitOptions& options, Client& client) {
    const TaskSelection selection = options.selection.resolve();
    Watch watch(options, client);
    for (;;) {
        TRY(const State state, fetch_state(client));
        const auto tasks = selected(state, selection);
        if (tasks.empty()) {
            client.console.err("No tasks found for selection " + describe(selection) + "\n");
            client.console.err(similar_group_hint(client, options.selection.group, state.groups));
            return 0;
        }
        const bool any_watched = watch.look_at(tasks);
        const bool any_failed = std::any_of(tasks.begin(), tasks.end(), [](const Task* task) {
            return has_failed(*task);
        });
        const bool is_hopeless = any_failed && options.target == cli::WaitTarget::success;
        if (is_hopeless || !any_watched) {
            client.console.err(failures_hint(client, tasks));
            return is_hopeless ? 1 : 0;
        }
        client.pause(poll_interval());
    }
}

}  // namespace pueue::client
