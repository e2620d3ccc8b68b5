// Every path of both programs (pueued 7.1 and 7.4), from the settings and from the few things about
// the user that defaults depend on. Nothing here looks whether a file exists, except where it says
// so; relative paths stay relative to the working directory of whoever asks.
#pragma once

#include "protocol/base/result.hpp"
#include "protocol/config/settings.hpp"
#include "protocol/model/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pueue::config {

/// What default paths depend on. Empty: not known, or (the XDG ones) not absolute.
struct Surroundings {
    std::string home;
    std::string xdg_config_home;
    std::string xdg_data_home;
    std::string xdg_runtime_dir;

    /// Of this process: $HOME, else the user database's entry of the real uid; the XDG variables.
    [[nodiscard]] static Surroundings of_process();

    /// `⟨config dir⟩/pueue`, if there is a configuration directory.
    [[nodiscard]] std::optional<std::string> config_directory() const;
    /// `⟨config directory⟩/pueue.yml`: where the daemon writes its default file.
    [[nodiscard]] std::optional<std::string> default_config_file() const;
};

/// A leading `~` or `~/` replaced by the home directory, if there is one.
[[nodiscard]] std::string expand_home(std::string_view path, const Surroundings& surroundings);

/// The name of the effective user in the user database (a look-up that may be slow).
/// Error: the text the original has for it.
[[nodiscard]] Result<std::string> effective_user_name();

class Paths {
  public:
    Paths(SharedSettings settings, Surroundings surroundings);

    [[nodiscard]] const std::string& pueue_directory() const { return pueue_directory_; }
    [[nodiscard]] const std::string& runtime_directory() const { return runtime_directory_; }
    /// Asks for the user's name unless the path is configured; only then can it fail.
    [[nodiscard]] Result<std::string> unix_socket() const;
    [[nodiscard]] std::string pid_file() const;
    [[nodiscard]] std::string daemon_certificate() const;
    [[nodiscard]] std::string daemon_key() const;
    [[nodiscard]] std::string shared_secret() const;
    [[nodiscard]] std::string alias_file() const;
    [[nodiscard]] std::string task_logs() const;
    [[nodiscard]] std::string task_log(TaskId id) const;

  private:
    [[nodiscard]] std::string configured_or(
        const std::optional<std::string>& configured, std::string otherwise
    ) const;

    SharedSettings settings_;
    Surroundings surroundings_;
    std::string pueue_directory_;
    std::string runtime_directory_;
};

}  // namespace pueue::config
