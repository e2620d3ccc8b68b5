// What each command does, one overload of run() per kind of options. All of them speak over the
// client's one connection and write through its console; the result is the exit code.
#pragma once

#include "client/cli/options.hpp"
#include "client/client.hpp"

#include <string>
#include <string_view>

namespace pueue::client {

[[nodiscard]] Outcome run(const cli::AddOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::RemoveOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::SwitchOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::StashOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::EnqueueOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::StartOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::RestartOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::PauseOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::KillOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::SendOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::EditOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::EnvSetOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::EnvUnsetOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::GroupListOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::GroupAddOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::GroupRemoveOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::StatusOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::LogOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::FollowOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::WaitOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::CleanOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::ResetOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::ShutdownOptions& options, Client& client);
[[nodiscard]] Outcome run(const cli::ParallelOptions& options, Client& client);

/// Needs neither settings nor daemon.
[[nodiscard]] Outcome run_completions(const cli::CompletionsOptions& options, Console& console);

// Shared by several commands.

/// Asks `Do you want to continue [Y/n]: ` until the answer is one; false for no and for the end of
/// the input, after `Aborted!` has been said.
[[nodiscard]] bool confirm(Console& console, const std::string& question);
/// `task1, task2`
[[nodiscard]] std::string task_list(const std::vector<TaskId>& ids);
/// A word as the shell must see it to take it literally.
[[nodiscard]] std::string shell_escape(std::string_view word);

}  // namespace pueue::client
