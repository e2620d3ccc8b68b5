// What the command line asks for, as plain values: one struct per command.
#pragma once

#include "client/cli/parser.hpp"
#include "client/cli/values.hpp"
#include "protocol/base/clock.hpp"
#include "protocol/model/state.hpp"
#include "protocol/wire/message.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace pueue::client::cli {

/// Ids, a group, all; with none of them the default group (client contract 1.5).
struct Selection {
    std::vector<TaskId> ids;
    std::optional<std::string> group;
    bool all = false;

    [[nodiscard]] TaskSelection resolve() const;
};

struct AddOptions {
    std::vector<std::string> command;
    std::optional<std::string> working_directory;
    bool escape = false;
    bool immediate = false;
    bool follow = false;
    bool stashed = false;
    std::optional<WallTime> delay;
    std::optional<std::string> group;
    std::vector<TaskId> after;
    std::optional<std::int32_t> priority;
    std::optional<std::string> label;
    bool print_task_id = false;
    // In the words of policy.hpp.
    std::optional<std::string> id_conflict_policy;
    std::optional<std::string> id_reuse_policy;
    std::optional<std::string> on_reject;
};
struct RemoveOptions {
    std::vector<TaskId> ids;
};
struct SwitchOptions {
    TaskId first;
    TaskId second;
};
struct StashOptions {
    Selection selection;
    std::optional<WallTime> delay;
};
struct EnqueueOptions {
    Selection selection;
    std::optional<WallTime> delay;
};
struct StartOptions {
    Selection selection;
    bool force_attempt = false;
};
struct RestartOptions {
    std::vector<TaskId> ids;
    bool all_failed = false;
    std::optional<std::string> failed_in_group;
    bool immediate = false;
    bool stashed = false;
    bool in_place = false;
    bool not_in_place = false;
    bool edit = false;
};
struct PauseOptions {
    Selection selection;
    bool wait = false;
};
struct KillOptions {
    Selection selection;
    std::optional<wire::Signal> signal;
};
struct SendOptions {
    TaskId id;
    std::string input;
};
struct EditOptions {
    std::vector<TaskId> ids;
};
struct EnvSetOptions {
    TaskId id;
    std::string key;
    std::string value;
};
struct EnvUnsetOptions {
    TaskId id;
    std::string key;
};
struct GroupListOptions {
    bool json = false;
};
struct GroupAddOptions {
    std::string name;
    std::optional<std::uint64_t> parallel;
    bool json = false;  ///< of the parent command; only hides the version warning
};
struct GroupRemoveOptions {
    std::string name;
    bool json = false;
};
struct StatusOptions {
    std::vector<std::string> query;
    bool json = false;
    std::optional<std::string> group;
};
struct LogOptions {
    Selection selection;
    bool json = false;
    std::optional<std::uint64_t> lines;
    bool full = false;
};
struct FollowOptions {
    std::optional<TaskId> id;
    std::optional<std::uint64_t> lines;
};
struct WaitOptions {
    Selection selection;
    bool quiet = false;
    WaitTarget target = WaitTarget::done;
};
struct CleanOptions {
    bool successful_only = false;
    std::optional<std::string> group;
};
struct ResetOptions {
    std::vector<std::string> groups;
    bool force = false;
};
struct ShutdownOptions {
    bool keep = false;
};
struct ParallelOptions {
    std::optional<std::uint64_t> parallel_tasks;
    std::optional<std::string> group;
};
struct CompletionsOptions {
    Shell shell = Shell::bash;
    std::optional<std::string> output_directory;
};

using CommandOptions = std::variant<
    AddOptions,
    RemoveOptions,
    SwitchOptions,
    StashOptions,
    EnqueueOptions,
    StartOptions,
    RestartOptions,
    PauseOptions,
    KillOptions,
    SendOptions,
    EditOptions,
    EnvSetOptions,
    EnvUnsetOptions,
    GroupListOptions,
    GroupAddOptions,
    GroupRemoveOptions,
    StatusOptions,
    LogOptions,
    FollowOptions,
    WaitOptions,
    CleanOptions,
    ResetOptions,
    ShutdownOptions,
    ParallelOptions,
    CompletionsOptions>;

struct Options {
    std::size_t verbosity = 0;
    ColorChoice color = ColorChoice::automatic;
    std::optional<std::string> config;
    std::optional<std::string> profile;
    CommandOptions command;
};

/// The whole way from words to options. `words` includes argv[0].
[[nodiscard]] std::variant<Options, Printed> parse_command_line(
    std::span<const std::string> words, const WallTime& now, AppearanceOf appearance
);

}  // namespace pueue::client::cli
