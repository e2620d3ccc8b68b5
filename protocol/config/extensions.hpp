// pueue.toml, beside pueue.yml: the settings that the original does not have. A missing file is all
// defaults; an unknown key is an error, because a setting that is misspelled and ignored is worse.
#pragma once

#include "protocol/base/result.hpp"
#include "protocol/model/policy.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pueue::config {

/// Whether the differences from 4.0.4 that we intend are in force, or none of them.
enum class Compat { standard, strict };
constexpr auto words_of(Compat /*kind*/) {
    return std::array{
        std::pair{std::string_view("default"), Compat::standard},
        std::pair{std::string_view("strict"), Compat::strict}};
}

/// Which id a new task gets: one more than any ever given out, or than any that there is.
enum class Ids { monotonic, upstream };
constexpr auto words_of(Ids /*kind*/) {
    return std::array{
        std::pair{std::string_view("monotonic"), Ids::monotonic},
        std::pair{std::string_view("upstream"), Ids::upstream}};
}

struct RestartSettings {
    CloneRequests clone_requests = CloneRequests::in_place;

    bool operator==(const RestartSettings&) const = default;
};

struct AttemptSettings {
    std::uint32_t keep_logs = 5;  ///< of earlier attempts, per task

    bool operator==(const AttemptSettings&) const = default;
};

/// What an answer to a change means: on the disk, or with the kernel, where a power cut loses it.
enum class Durability { sync, write };
constexpr auto words_of(Durability /*kind*/) {
    return std::array{
        std::pair{std::string_view("sync"), Durability::sync},
        std::pair{std::string_view("write"), Durability::write}};
}

struct Extensions {
    Compat compat = Compat::standard;
    RestartSettings restart;
    AttemptSettings attempts;
    Ids ids = Ids::monotonic;
    IdentitySettings identity;
    LimitSettings limits;
    HistorySettings history;
    std::vector<Rule> rules;                   ///< later ones win
    Durability durability = Durability::sync;  ///< `[store] durability`

    bool operator==(const Extensions&) const = default;
};

/// Error: names line, column and what is wrong there.
[[nodiscard]] Result<Extensions> parse_extensions(std::string_view toml);

/// The pueue.toml beside `config_file`; without a configuration file (none), all defaults.
[[nodiscard]] Result<Extensions> load_extensions(const std::optional<std::string>& config_file);

}  // namespace pueue::config
