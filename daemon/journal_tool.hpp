// pueued as a tool for a journal that no daemon uses: `--journal-check`, `--journal-dump`,
// `--salvage`.
#pragma once

#include "daemon/cli.hpp"

#include <optional>

namespace pueue {

/// The exit code; none if none of these options was given. Refuses while a daemon holds the lock of
/// the directory.
[[nodiscard]] std::optional<int> run_journal_tool(const Options& options);

}  // namespace pueue
