// pueue.toml, beside pueue.yml: the settings that the original does not have. A missing file is all
// defaults; an unknown key is an error, because a setting that is misspelled and ignored is worse.
#pragma once

#include "protocol/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pueue::config {

/// Whether the differences from 4.0.4 that we intend are in force, or none of them.
enum class Compat { standard, strict };

struct Extensions {
    Compat compat = Compat::standard;

    bool operator==(const Extensions&) const = default;
};

/// Error: names line, column and what is wrong there.
[[nodiscard]] Result<Extensions> parse_extensions(std::string_view toml);

/// The pueue.toml beside `config_file`; without a configuration file (none), all defaults.
[[nodiscard]] Result<Extensions> load_extensions(const std::optional<std::string>& config_file);

}  // namespace pueue::config
