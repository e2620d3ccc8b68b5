// pueue.yml: finding it, reading it, choosing a profile (pueued 7.1 to 7.3 and 7.6). The texts of
// errors are the original's; what each program says around them is its own affair.
// The only reader of YAML beside aliases.hpp.
#pragma once

#include "protocol/base/result.hpp"
#include "protocol/config/paths.hpp"
#include "protocol/config/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::config {

struct ConfigFile {
    Settings settings;                         ///< without any profile
    std::map<std::string, Settings> profiles;  ///< each complete in itself
    std::optional<std::string> path;           ///< none: no file was found, all is default
};

/// Reads the file that counts: `explicit_path` (from --config or PUEUE_CONFIG_PATH; must exist),
/// else the first of `⟨config dir⟩/pueue/pueue.yml` and `./pueue.yml` that is a file, else no file
/// at all.
[[nodiscard]] Result<ConfigFile> load_config(
    const std::optional<std::string>& explicit_path, const Surroundings& surroundings
);

/// The same for a text, path left empty.
[[nodiscard]] Result<ConfigFile> parse_config(std::string_view yaml);

/// The settings that count under `profile`, which replaces everything. Error: there is no such one.
[[nodiscard]] Result<Settings> choose_profile(
    ConfigFile file, const std::optional<std::string>& profile
);

/// The file the daemon writes when there is none, byte for byte the original's.
[[nodiscard]] std::string_view default_file_text();

}  // namespace pueue::config
