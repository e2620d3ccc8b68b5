// pueue.yml as plain structs with upstream's defaults (pueued 7.2). No other key of that file has a
// meaning. Reading it: load_yaml.hpp. What the paths resolve to: paths.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pueue::config {

enum class EditMode { toml, files };

struct ClientSettings {
    bool restart_in_place = false;
    bool read_local_logs = true;
    bool show_confirmation_questions = false;
    EditMode edit_mode = EditMode::toml;
    bool show_expanded_aliases = false;
    bool dark_mode = false;
    std::optional<std::uint64_t> max_status_lines;
    std::string status_time_format = "%H:%M:%S";
    std::string status_datetime_format = "%Y-%m-%d\n%H:%M:%S";

    bool operator==(const ClientSettings&) const = default;
};

struct DaemonSettings {
    bool pause_group_on_failure = false;
    bool pause_all_on_failure = false;
    bool compress_state_file = false;
    std::optional<std::string> callback;
    std::map<std::string, std::string> env_vars;
    std::uint64_t callback_log_lines = 10;
    std::optional<std::vector<std::string>> shell_command;

    bool operator==(const DaemonSettings&) const = default;
};

struct SharedSettings {
    std::optional<std::string> pueue_directory;
    std::optional<std::string> runtime_directory;
    std::optional<std::string> alias_file;
    bool use_unix_socket = true;
    std::optional<std::string> unix_socket_path;
    /// 0700 only when the whole `shared` section is absent; none (no chmod) when it exists without
    /// this key.
    std::optional<std::uint32_t> unix_socket_permissions;
    std::string host = "127.0.0.1";
    std::string port = "6924";
    std::optional<std::string> pid_path;
    std::optional<std::string> daemon_cert;
    std::optional<std::string> daemon_key;
    std::optional<std::string> shared_secret_path;

    bool operator==(const SharedSettings&) const = default;
};

struct Settings {
    ClientSettings client;
    DaemonSettings daemon;
    SharedSettings shared;

    bool operator==(const Settings&) const = default;
};

}  // namespace pueue::config
