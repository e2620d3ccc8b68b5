#include "protocol/config/paths.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

namespace pueue::config {

namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string absolute_variable(const char* name) {
    const std::string value = variable(name);
    return value.starts_with('/') ? value : "";
}

struct DatabaseEntry {
    std::string name;
    std::string home;
};

std::optional<DatabaseEntry> look_up_user(uid_t uid) {
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
        return std::nullopt;
    }
    return DatabaseEntry{found->pw_name, found->pw_dir};
}

}  // namespace

Surroundings Surroundings::of_process() {
    Surroundings surroundings;
    surroundings.home = variable("HOME");
    if (surroundings.home.empty()) {
        if (auto entry = look_up_user(::getuid())) {
            surroundings.home = std::move(entry->home);
        }
    }
    surroundings.xdg_config_home = absolute_variable("XDG_CONFIG_HOME");
    surroundings.xdg_data_home = absolute_variable("XDG_DATA_HOME");
    surroundings.xdg_runtime_dir = absolute_variable("XDG_RUNTIME_DIR");
    return surroundings;
}

std::optional<std::string> Surroundings::config_directory() const {
    if (!xdg_config_home.empty()) {
        return xdg_config_home + "/pueue";
    }
    if (!home.empty()) {
        return home + "/.config/pueue";
    }
    return std::nullopt;
}

std::optional<std::string> Surroundings::default_config_file() const {
    auto directory = config_directory();
    return directory ? std::optional(*directory + "/pueue.yml") : std::nullopt;
}

std::string expand_home(std::string_view path, const Surroundings& surroundings) {
    const bool begins_with_home = path == "~" || path.starts_with("~/");
    if (!begins_with_home || surroundings.home.empty()) {
        return std::string(path);
    }
    return surroundings.home + std::string(path.substr(1));
}

Result<std::string> effective_user_name() {
    auto entry = look_up_user(::geteuid());
    if (!entry) {
        // The missing blank is the original's.
        return Error{
            ErrorKind::not_found,
            0,
            "Unable to detect the username for the current user."
            "Specify an explicit unix socket path in your config to fix this error."};
    }
    return std::move(entry->name);
}

Paths::Paths(SharedSettings settings, Surroundings surroundings)
    : settings_(std::move(settings)), surroundings_(std::move(surroundings)) {
    std::string data = "./pueue";
    if (!surroundings_.xdg_data_home.empty()) {
        data = surroundings_.xdg_data_home + "/pueue";
    } else if (!surroundings_.home.empty()) {
        data = surroundings_.home + "/.local/share/pueue";
    }
    pueue_directory_ = configured_or(settings_.pueue_directory, std::move(data));
    runtime_directory_ = configured_or(
        settings_.runtime_directory,
        surroundings_.xdg_runtime_dir.empty() ? pueue_directory_ : surroundings_.xdg_runtime_dir
    );
}

std::string Paths::configured_or(
    const std::optional<std::string>& configured, std::string otherwise
) const {
    return configured ? expand_home(*configured, surroundings_) : std::move(otherwise);
}

Result<std::string> Paths::unix_socket() const {
    if (settings_.unix_socket_path) {
        return expand_home(*settings_.unix_socket_path, surroundings_);
    }
    TRY(const std::string name, effective_user_name());
    return runtime_directory_ + "/pueue_" + name + ".socket";
}

std::string Paths::pid_file() const {
    return configured_or(settings_.pid_path, runtime_directory_ + "/pueue.pid");
}

std::string Paths::daemon_certificate() const {
    return configured_or(settings_.daemon_cert, pueue_directory_ + "/certs/daemon.cert");
}

std::string Paths::daemon_key() const {
    return configured_or(settings_.daemon_key, pueue_directory_ + "/certs/daemon.key");
}

std::string Paths::shared_secret() const {
    return configured_or(settings_.shared_secret_path, pueue_directory_ + "/shared_secret");
}

std::string Paths::alias_file() const {
    const auto directory = surroundings_.config_directory();
    return configured_or(settings_.alias_file, directory.value_or(".") + "/pueue_aliases.yml");
}

std::string Paths::task_logs() const {
    return pueue_directory_ + "/task_logs";
}

std::string Paths::task_log(TaskId id) const {
    return task_logs() + "/" + std::to_string(id.value) + ".log";
}

}  // namespace pueue::config
