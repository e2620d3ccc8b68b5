#include "protocol/config/load_yaml.hpp"

#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/config/yaml_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>
#include <vector>

namespace pueue::config {

namespace {

constexpr std::size_t config_bytes_max = std::size_t{16} << 20;

constexpr std::uint32_t owner_only = 0700;

std::string while_reading(std::string_view detail) {
    return "Error while reading configuration:\n" + std::string(detail);
}

YamlReader::Field flag(std::string_view name, bool& to) {
    return {name, [&to](YamlReader& yaml) { yaml.boolean(to); }};
}

YamlReader::Field word(std::string_view name, std::string& to) {
    return {name, [&to](YamlReader& yaml) { yaml.text(to); }};
}

YamlReader::Field optional_path(std::string_view name, std::optional<std::string>& to) {
    return {name, [&to](YamlReader& yaml) {
                std::string value;
                const bool present =
                    yaml.optional([&](YamlReader& y) { y.text(value, "path string"); });
                to = present ? std::optional(std::move(value)) : std::nullopt;
            }};
}

template <class Unsigned>
YamlReader::Field optional_number(std::string_view name, std::optional<Unsigned>& to) {
    return {name, [&to](YamlReader& yaml) {
                Unsigned value = 0;
                const bool present =
                    yaml.optional([&](YamlReader& y) { y.unsigned_integer(value); });
                to = present ? std::optional(value) : std::nullopt;
            }};
}

void read_client(YamlReader& yaml, ClientSettings& to) {
    bool files = false;
    yaml.structure(
        "Client",
        {flag("restart_in_place", to.restart_in_place),
         flag("read_local_logs", to.read_local_logs),
         flag("show_confirmation_questions", to.show_confirmation_questions),
         {"edit_mode", [&](YamlReader& y) { y.choice(files, "toml", "files"); }},
         flag("show_expanded_aliases", to.show_expanded_aliases),
         flag("dark_mode", to.dark_mode),
         optional_number("max_status_lines", to.max_status_lines),
         word("status_time_format", to.status_time_format),
         word("status_datetime_format", to.status_datetime_format)}
    );
    to.edit_mode = files ? EditMode::files : EditMode::toml;
}

void read_env_vars(YamlReader& yaml, std::map<std::string, std::string>& to) {
    to.clear();
    yaml.map([&](YamlReader& y, const std::string& key) {
        std::string value;
        y.text(value);
        to[key] = std::move(value);
    });
}

void read_shell_command(YamlReader& yaml, std::optional<std::vector<std::string>>& to) {
    std::vector<std::string> words;
    const bool present = yaml.optional([&](YamlReader& y) {
        y.sequence([&](YamlReader& item) {
            std::string text;
            item.text(text);
            words.push_back(std::move(text));
        });
    });
    to = present ? std::optional(std::move(words)) : std::nullopt;
}

void read_daemon(YamlReader& yaml, DaemonSettings& to) {
    yaml.structure(
        "Daemon",
        {flag("pause_group_on_failure", to.pause_group_on_failure),
         flag("pause_all_on_failure", to.pause_all_on_failure),
         flag("compress_state_file", to.compress_state_file),
         {"callback",
          [&](YamlReader& y) {
              std::string value;
              const bool present = y.optional([&](YamlReader& o) { o.text(value); });
              to.callback = present ? std::optional(std::move(value)) : std::nullopt;
          }},
         {"env_vars", [&](YamlReader& y) { read_env_vars(y, to.env_vars); }},
         {"callback_log_lines", [&](YamlReader& y) { y.unsigned_integer(to.callback_log_lines); }},
         {"shell_command", [&](YamlReader& y) { read_shell_command(y, to.shell_command); }}}
    );
}

void read_shared(YamlReader& yaml, SharedSettings& to) {
    // Compat: a section that is there but says nothing of permissions means no chmod; only without
    // any section the documented default holds [pid-file-and-socket].
    to.unix_socket_permissions.reset();
    yaml.structure(
        "Shared",
        {optional_path("pueue_directory", to.pueue_directory),
         optional_path("runtime_directory", to.runtime_directory),
         optional_path("alias_file", to.alias_file),
         flag("use_unix_socket", to.use_unix_socket),
         optional_path("unix_socket_path", to.unix_socket_path),
         optional_number("unix_socket_permissions", to.unix_socket_permissions),
         word("host", to.host),
         word("port", to.port),
         optional_path("pid_path", to.pid_path),
         optional_path("daemon_cert", to.daemon_cert),
         optional_path("daemon_key", to.daemon_key),
         optional_path("shared_secret_path", to.shared_secret_path)}
    );
}

Settings default_settings() {
    Settings settings;
    settings.shared.unix_socket_permissions = owner_only;
    return settings;
}

std::vector<YamlReader::Field> sections(Settings& to) {
    return {
        {"client", [&to](YamlReader& y) { read_client(y, to.client); }},
        {"daemon", [&to](YamlReader& y) { read_daemon(y, to.daemon); }},
        {"shared", [&to](YamlReader& y) { read_shared(y, to.shared); }}};
}

void read_profiles(YamlReader& yaml, std::map<std::string, Settings>& to) {
    yaml.map([&](YamlReader& y, const std::string& name) {
        Settings profile = default_settings();
        y.structure("NestedSettings", sections(profile));
        to[name] = std::move(profile);
    });
}

bool is_file(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

std::optional<std::string> find_config(const Surroundings& surroundings) {
    if (auto path = surroundings.default_config_file(); path && is_file(*path)) {
        return path;
    }
    const std::string here = "pueue.yml";
    return is_file(here) ? std::optional("./" + here) : std::nullopt;
}

Result<ConfigFile> read_config(const std::string& path) {
    auto text = read_file(path, config_bytes_max);
    if (text.has_error()) {
        Error error = std::move(text).error();
        const bool opens = open_file(path, O_RDONLY).has_value();
        if (opens) {
            error.text = while_reading(error.os_error == 0 ? error.text : os_text(error.os_error));
        } else {
            error.text = file_error_text(path, "opening config file", error.os_error);
        }
        return error;
    }
    TRY(ConfigFile config, parse_config(*text));
    config.path = path;
    return config;
}

}  // namespace

Result<ConfigFile> parse_config(std::string_view yaml) {
    ConfigFile config;
    config.settings = default_settings();
    YamlReader reader(yaml);
    auto fields = sections(config.settings);
    fields.push_back({"profiles", [&](YamlReader& y) { read_profiles(y, config.profiles); }});
    reader.structure("Settings", fields);
    if (auto done = reader.finish(); done.has_error()) {
        Error error = std::move(done).error();
        error.text = while_reading(error.text);
        return error;
    }
    return config;
}

Result<ConfigFile> load_config(
    const std::optional<std::string>& explicit_path, const Surroundings& surroundings
) {
    const auto path = explicit_path ? explicit_path : find_config(surroundings);
    if (path) {
        return read_config(*path);
    }
    ConfigFile nothing_found;
    nothing_found.settings = default_settings();
    return nothing_found;
}

Result<Settings> choose_profile(ConfigFile file, const std::optional<std::string>& profile) {
    if (!profile) {
        return std::move(file.settings);
    }
    const auto found = file.profiles.find(*profile);
    if (found == file.profiles.end()) {
        return Error{
            ErrorKind::not_found,
            0,
            while_reading("Couldn't find profile with name \"" + *profile + "\"")};
    }
    return std::move(found->second);
}

std::string_view default_file_text() {
    return R"(client:
  restart_in_place: false
  read_local_logs: true
  show_confirmation_questions: false
  edit_mode: toml
  show_expanded_aliases: false
  dark_mode: false
  max_status_lines: null
  status_time_format: '%H:%M:%S'
  status_datetime_format: |-
    %Y-%m-%d
    %H:%M:%S
daemon:
  pause_group_on_failure: false
  pause_all_on_failure: false
  compress_state_file: false
  callback: null
  env_vars: {}
  callback_log_lines: 10
  shell_command: null
shared:
  pueue_directory: null
  runtime_directory: null
  alias_file: null
  use_unix_socket: true
  unix_socket_path: null
  unix_socket_permissions: 448
  host: 127.0.0.1
  port: '6924'
  pid_path: null
  daemon_cert: null
  daemon_key: null
  shared_secret_path: null
profiles: {}
)";
}

}  // namespace pueue::config
