#include "daemon/app.hpp"

#include "daemon/core/scheduler.hpp"
#include "daemon/engine.hpp"
#include "daemon/executor.hpp"
#include "daemon/journal/disk_thread.hpp"
#include "daemon/journal/file_system.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/keeper_scope.hpp"
#include "daemon/log_level.hpp"
#include "daemon/runner/keeper_link.hpp"
#include "daemon/runner/rust_error.hpp"
#include "daemon/server/listener.hpp"
#include "daemon/server/time_text.hpp"
#include "daemon/server/tls.hpp"
#include "daemon/service.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/state_exchange.hpp"
#include "protocol/base/logger.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/config/aliases.hpp"
#include "protocol/config/extensions.hpp"
#include "protocol/config/load_yaml.hpp"
#include "protocol/config/paths.hpp"
#include "protocol/config/secret.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pueue {

namespace asio = boost::asio;

namespace {

constexpr const char* log_target = "pueue::daemon";

/// Everything between a command line and a running loop. Members are built from top to bottom and
/// taken down from bottom to top, so each may use what stands above it.
class App {
  public:
    App(const Options& options, Logger& logger) : options_(options), logger_(logger) {}

    Startup<> start();
    int run();

  private:
    Startup<> load_settings();
    Startup<> claim_directory();
    Startup<> load_secret();
    void meet_service_manager();
    Startup<> connect_keeper();
    void take_event(core::Event event);
    void name_strangers(const std::vector<AttemptKey>& alive);
    void place_keeper(pid_t keeper, std::function<void()> then);
    Startup<> open_journal();
    Startup<> take_over_state_file(State& state, bool journal_is_new);
    void build_engine();
    Startup<> open_door();
    Startup<> open_unix_door();
    void open_door_or_exit();
    void wait_for_signals();
    void exit_refused(const std::string& why);
    void exit_when_keeper_is_gone(int code);
    void clean_up();

    const Options& options_;
    Logger& logger_;
    asio::io_context loop_{1};
    asio::signal_set signals_{loop_};

    config::Settings settings_;
    config::Extensions extensions_;
    std::optional<config::Paths> paths_;
    std::string socket_path_;
    std::optional<InstanceLock> lock_;
    Bytes secret_;
    server::Lookups lookups_;

    std::optional<ServiceManager> manager_;
    std::unique_ptr<KeeperScope> scope_;
    std::unique_ptr<runner::KeeperLink> keeper_;
    EnvironmentPool environments_;
    std::unique_ptr<journal::RealFileSystem> files_;
    std::unique_ptr<journal::DiskThread> disk_;
    std::unique_ptr<journal::Journal> journal_;
    std::optional<StateExchange> exchange_;
    std::unique_ptr<core::Scheduler> scheduler_;
    std::unique_ptr<Executor> executor_;
    std::unique_ptr<Engine> engine_;
    std::optional<server::TlsContext> tls_;
    std::unique_ptr<server::Listener> listener_;
    int exit_code_ = 0;
};

StartupError startup_error(std::string cause) {
    return StartupError{{std::move(cause)}};
}

StartupError startup_error(std::string context, std::string cause) {
    return StartupError{{std::move(context), std::move(cause)}};
}

std::optional<std::string> explicit_config(const Options& options) {
    if (options.config) {
        return options.config;
    }
    const char* variable = std::getenv("PUEUE_CONFIG_PATH");
    return variable == nullptr ? std::nullopt : std::optional<std::string>(variable);
}

// pueued 7.1 step 3; the texts are the Debug form of the original's errors.
Startup<> write_default_config(const config::Surroundings& surroundings) {
    const std::optional<std::string> path = surroundings.default_config_file();
    if (!path) {
        return startup_error(
            "Failed saving config file: Generic(\"Failed to resolve default config directory. User "
            "home cannot be determined.\")."
        );
    }
    const auto failed = [](const std::string& where, const std::string& doing, int number) {
        return startup_error(
            "Failed saving config file: IoPathError(\"" + where + "\", \"" + doing + "\", " +
            runner::rust_debug_os_error(number) + ")."
        );
    };
    const std::filesystem::path directory = std::filesystem::path(*path).parent_path();
    std::error_code ec;
    std::filesystem::create_directories(directory, ec);
    if (ec) {
        return failed(directory, "creating config dir", ec.value());
    }
    Result<UniqueFd> file = open_file(*path, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.has_error()) {
        return failed(directory, "creating settings file", file.error().os_error);
    }
    const Result<> written = write_all(file.value().get(), config::default_file_text());
    if (written.has_error()) {
        return failed(directory, "writing settings file", written.error().os_error);
    }
    return {};
}

// What decisions ask: made of both configuration files, here and nowhere else. Whatever is
// different from the original on purpose and can be switched off is one field of it.
core::Policy policy_of(const config::Settings& settings, const config::Extensions& extensions) {
    core::Policy policy;
    policy.pause_group_on_failure = settings.daemon.pause_group_on_failure;
    policy.pause_all_on_failure = settings.daemon.pause_all_on_failure;
    policy.has_callback = settings.daemon.callback.has_value();
    policy.clone_requests = extensions.restart.clone_requests;
    policy.earlier_logs = extensions.attempts.keep_logs;
    policy.identity = extensions.identity;
    policy.limits = extensions.limits;
    policy.history = extensions.history;
    policy.rules = extensions.rules;
    policy.reuses_ids = extensions.ids == config::Ids::upstream;
    if (extensions.compat == config::Compat::strict) {
        policy.reuses_ids = true;
        policy.clone_requests = CloneRequests::clone;
        policy.earlier_logs.reset();
        policy.identity.labels.clear();
        policy.limits = {};
        policy.limits.start_limit_burst = 0;
        policy.rules.clear();
    }
    return policy;
}

std::optional<runner::CallbackSettings> callback_settings(const config::DaemonSettings& daemon) {
    if (!daemon.callback) {
        return std::nullopt;
    }
    runner::CallbackSettings settings;
    settings.command = *daemon.callback;
    settings.log_lines = daemon.callback_log_lines;
    std::error_code ec;
    settings.directory = std::filesystem::current_path(ec);
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (!daemon.env_vars.contains(std::string(text.substr(0, text.find('='))))) {
            settings.environment.emplace_back(text);
        }
    }
    for (const auto& [name, value] : daemon.env_vars) {
        settings.environment.push_back(name + "=" + value);
    }
    return settings;
}

Startup<> App::start() {
    meet_service_manager();
    CHECK_OK(load_settings());
    CHECK_OK(claim_directory());
    CHECK_OK(load_secret());
    CHECK_OK(connect_keeper());
    CHECK_OK(open_journal());
    build_engine();
    wait_for_signals();
    return {};
}

Startup<> App::load_settings() {
    const config::Surroundings surroundings = config::Surroundings::of_process();
    Result<config::ConfigFile> file = config::load_config(explicit_config(options_), surroundings);
    if (file.has_error()) {
        return startup_error("Error while reading configuration.", file.error().text);
    }
    if (!file.value().path) {
        CHECK_OK(write_default_config(surroundings));
    }
    const Result<config::Extensions> extensions = config::load_extensions(file.value().path);
    if (extensions.has_error()) {
        return startup_error("Error while reading configuration.", extensions.error().text);
    }
    extensions_ = extensions.value();
    Result<config::Settings> settings =
        config::choose_profile(std::move(file).value(), options_.profile);
    if (settings.has_error()) {
        return startup_error(settings.error().text);
    }
    settings_ = std::move(settings).value();
    paths_.emplace(settings_.shared, surroundings);
    return {};
}

// Nothing of another daemon's is touched before the lock is ours.
Startup<> App::claim_directory() {
    CHECK_OK(create_directories(paths_->pueue_directory()));
    TRY(lock_, InstanceLock::take(paths_->pueue_directory()));
    CHECK_OK(check_pid_file(paths_->pid_file()));
    if (!lock_->is_held()) {
        return startup_error(
            "There seems to be an active pueue daemon.\n"
            "If you're sure there isn't, please remove the socket inside the pueue_directory "
            "manually."
        );
    }
    return {};
}

Startup<> App::load_secret() {
    const std::string path = paths_->shared_secret();
    const Result<> certificate =
        server::create_certificate_if_absent(paths_->daemon_certificate(), paths_->daemon_key());
    if (certificate.has_error()) {
        return startup_error("Failed to create certificates.", certificate.error().text);
    }
    if (const Result<> created = config::create_secret_if_absent(path); created.has_error()) {
        return startup_error("Failed to initialize shared secret.", created.error().text);
    }
    CHECK_OK(write_pid_file(paths_->pid_file()));
    Result<Bytes> secret = config::read_secret(path);
    if (secret.has_error()) {
        return startup_error(secret.error().text);
    }
    secret_ = std::move(secret).value();
    return {};
}

void App::meet_service_manager() {
    manager_.emplace(loop_, [](const char* name) {
        const char* value = std::getenv(name);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    });
    for (const char* name : ServiceManager::variables) {
        ::unsetenv(name);
    }
}

// In the service's control group it would end with the service.
void App::place_keeper(pid_t keeper, std::function<void()> then) {
    const auto placed = [this, then = std::move(then)](const std::optional<std::string>& failure) {
        if (failure) {
            logger_.warn(
                log_target,
                "The keeper has no control group of its own: when the service stops, systemd may "
                "end "
                "the tasks. " +
                    *failure
            );
        }
        then();
    };
    const std::string name = "pueue-keeper-" + std::to_string(keeper) + ".scope";
    scope_ = std::make_unique<KeeperScope>(loop_, name, keeper, placed);
}

// Before anything big is allocated: the keeper is this process for a moment.
Startup<> App::connect_keeper() {
    runner::KeeperLink::Options options{
        paths_->pueue_directory() + "/keeper",
        paths_->task_logs(),
        runner::Inherited::of_process(),
        nullptr,
        [this](const std::string& why) { exit_refused(why); }};
    if (manager_->is_there()) {
        options.place = [this](pid_t keeper, std::function<void()> then) {
            place_keeper(keeper, std::move(then));
        };
    }
    const auto post = [this](core::Event event) { take_event(std::move(event)); };
    keeper_ = std::make_unique<runner::KeeperLink>(loop_, std::move(options), post, logger_);
    if (const Result<> connected = keeper_->connect(); connected.has_error()) {
        return startup_error("Failed to reach the keeper of the tasks.", connected.error().text);
    }
    raise_open_files_limit();
    return {};
}

void App::take_event(core::Event event) {
    if (!engine_) {
        // Exits of the past, found while the keeper is looked for. The loop does not run yet.
        asio::post(loop_, [this, early = std::move(event)] { engine_->post(early); });
        return;
    }
    const auto* report = std::get_if<core::KeeperReport>(&event);
    if (report == nullptr) {
        engine_->post(std::move(event));
        return;
    }
    name_strangers(report->alive);
    engine_->post(std::move(event));
    if (!listener_) {
        // Behind the turn that takes the report: the first client sees what it changed.
        asio::post(loop_, [this] { open_door_or_exit(); });
    }
}

// Only possible if the journal was replaced. They are left alone.
void App::name_strangers(const std::vector<AttemptKey>& alive) {
    for (const AttemptKey& key : alive) {
        const Task* task = scheduler_->state().task(key.task);
        if (task == nullptr || task->run != key.run) {
            logger_.warn(
                log_target,
                "The keeper runs a task that is in no journal; it was " +
                    std::to_string(key.task.value) + ". It is left alone."
            );
        }
    }
}

Startup<> App::open_journal() {
    Result<UniqueFd> directory = open_file(paths_->pueue_directory(), O_RDONLY | O_DIRECTORY);
    if (directory.has_error()) {
        return startup_error("Failed to open the journal.", directory.error().text);
    }
    files_ = std::make_unique<journal::RealFileSystem>(std::move(directory).value());
    disk_ = std::make_unique<journal::DiskThread>([this](journal::Completion completion) {
        asio::post(loop_, std::move(completion));
    });
    journal::JournalOptions options;
    options.random = read_clock().random;
    if (extensions_.durability == config::Durability::write) {
        options.durability = journal::Durability::write;
    }
    options.run_on_disk = [this](journal::Urgency urgency, journal::Work work) {
        disk_->run(urgency, std::move(work));
    };
    options.when_compacted = [this](const Result<journal::Compacted>& compacted) {
        if (compacted.has_error()) {
            logger_.warn(
                log_target, "The journal could not be compacted: " + compacted.error().text
            );
        }
    };
    Result<journal::Journal::Opened> opened =
        journal::Journal::open(*files_, environments_, std::move(options));
    if (opened.has_error()) {
        return startup_error("Failed to restore the state.", opened.error().text);
    }
    for (const std::string& warning : opened.value().report.warnings) {
        logger_.warn(log_target, warning);
    }
    journal_ = std::move(opened.value().journal);
    CHECK_OK(take_over_state_file(opened.value().state, opened.value().report.created));
    scheduler_ = std::make_unique<core::Scheduler>(
        std::move(opened.value().state), policy_of(settings_, extensions_)
    );
    return {};
}

Startup<> App::take_over_state_file(State& state, bool journal_is_new) {
    using state_file::Form;
    exchange_.emplace(StateExchange::Context{
        paths_->pueue_directory(),
        settings_.daemon.compress_state_file ? Form::compressed : Form::plain,
        *files_,
        *journal_,
        environments_,
        logger_});
    const Result<> taken = exchange_->take_over(state, journal_is_new);
    if (taken.has_error()) {
        return startup_error("Failed to save state on startup.", taken.error().text);
    }
    return {};
}

void App::build_engine() {
    executor_ = std::make_unique<Executor>(Executor::Outside{
        [this](SessionId session, Bytes payload) {
            if (listener_) {
                listener_->answer(session, std::move(payload));
            }
        },
        [this](SessionId session, server::FollowedLog log) {
            if (listener_) {
                listener_->follow(session, std::move(log));
            }
        },
        [this](SessionId session, bool is_removed) {
            if (listener_) {
                listener_->end_follow(session, is_removed);
            }
        },
        *keeper_,
        [this](journal::Urgency urgency, journal::Work work) {
            disk_->run(urgency, std::move(work));
        },
        [this](const core::ExitDaemon& exit) {
            if (exit.leaves_tasks) {
                exit_code_ = exit.code;
                asio::post(loop_, [this] { loop_.stop(); });  // the last answer leaves before
            } else {
                exit_when_keeper_is_gone(exit.code);
            }
        },
        runner::LaunchSettings{settings_.daemon.shell_command, paths_->task_logs()},
        callback_settings(settings_.daemon),
        logger_});
    engine_ = std::make_unique<Engine>(
        loop_,
        *scheduler_,
        *journal_,
        *executor_,
        [this](const std::string& text) { logger_.error(log_target, text); }
    );
    lookups_.takes_wishes = extensions_.compat != config::Compat::strict;
    lookups_.expand_alias = [path = paths_->alias_file()](const std::string& command) {
        const Result<config::Aliases> aliases = config::load_aliases(path);
        return aliases.has_value() ? config::expand_alias(command, aliases.value()) : command;
    };
    if (const auto format = server::invalid_time_format(settings_.client)) {
        logger_.warn(log_target, "Not a time format, so the default is used: " + *format);
    }
    lookups_.time_text = [this](const WallTime& time) {
        return server::time_text(time, read_clock().wall, settings_.client);
    };
}

Startup<> App::open_door() {
    server::Listener::Context context{
        secret_,
        lookups_,
        environments_,
        [this](SessionId session, core::Command command) {
            engine_->post(core::ClientRequest{session, std::move(command)});
        },
        [this](SessionId session) { engine_->post(core::ClientGone{session}); },
        logger_};
    listener_ = std::make_unique<server::Listener>(loop_, std::move(context));
    UniqueFd passed = manager_->take_socket();
    if (settings_.shared.use_unix_socket && passed) {
        listener_->start(std::move(passed), server::unix_stream);  // whose path is the manager's
        return {};
    }
    if (settings_.shared.use_unix_socket) {
        return open_unix_door();
    }
    Result<UniqueFd> socket =
        passed ? Result<UniqueFd>(std::move(passed))
               : server::listen_tcp(settings_.shared.host, settings_.shared.port);
    if (socket.has_error()) {
        return startup_error(socket.error().text);
    }
    Result<server::TlsContext> tls =
        server::TlsContext::load(paths_->daemon_certificate(), paths_->daemon_key());
    if (tls.has_error()) {
        return startup_error("Invalid or malformed certificate: " + tls.error().text);
    }
    tls_.emplace(std::move(tls).value());
    listener_->start(std::move(socket).value(), [this](server::Socket accepted) {
        return tls_->stream(std::move(accepted));
    });
    return {};
}

Startup<> App::open_unix_door() {
    const Result<std::string> path = paths_->unix_socket();
    if (path.has_error()) {
        return startup_error(path.error().text);
    }
    std::optional<mode_t> permissions;
    if (settings_.shared.unix_socket_permissions) {
        permissions = *settings_.shared.unix_socket_permissions;
    }
    Result<UniqueFd> socket = server::listen_unix(path.value(), permissions);
    if (socket.has_error()) {
        return startup_error(socket.error().text);
    }
    socket_path_ = path.value();
    listener_->start(std::move(socket).value(), server::unix_stream);
    return {};
}

void App::open_door_or_exit() {
    if (const Startup<> opened = open_door(); opened.has_error()) {
        std::fputs(opened.error().report().c_str(), stderr);
        exit_when_keeper_is_gone(1);
        return;
    }
    manager_->ready();
}

void App::wait_for_signals() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        signals_.add(number);
    }
    const auto on_signal = [this](const boost::system::error_code& ec, int /*number*/) {
        if (!ec) {
            // A second signal does nothing more, but is not deadly either.
            engine_->post(core::StopRequested{options_.on_stop == OnStop::keep});
            wait_for_signals();
        }
    };
    signals_.async_wait(on_signal);
}

// The keeper stays as it is, with its tasks.
void App::exit_refused(const std::string& why) {
    const StartupError error = startup_error("Failed to reach the keeper of the tasks.", why);
    std::fputs(error.report().c_str(), stderr);
    exit_code_ = 1;
    loop_.stop();
}

void App::exit_when_keeper_is_gone(int code) {
    exit_code_ = code;
    keeper_->stop(runner::StopKeeper::when_empty, [this] { loop_.stop(); });
}

int App::run() {
    loop_.run();
    manager_->stopping();
    clean_up();
    return exit_code_;
}

void complain_at_end(const char* what, const std::string& why) {
    const std::string text = std::string("Failed to cleanup ") + what + " during shutdown.\n" + why;
    std::fputs((text + "\n").c_str(), stderr);
}

void App::clean_up() {
    if (listener_) {
        listener_->close();
    }
    disk_.reset();
    Result<> saved = journal_->close();
    if (saved.has_value()) {
        saved = exchange_->write_out(scheduler_->state());
    }
    if (saved.has_error()) {
        logger_.error(log_target, saved.error().text);
    }
    if (!socket_path_.empty() && ::unlink(socket_path_.c_str()) != 0 && errno != ENOENT) {
        const std::string why = "I/O error while Failed to remove unix socket.:\n" + os_text(errno);
        complain_at_end("socket", why);
    }
    if (::unlink(paths_->pid_file().c_str()) != 0) {
        complain_at_end("pid", file_error_text(paths_->pid_file(), "removing pid file", errno));
    }
}

}  // namespace

int run_daemon(const Options& options) {
    const Result<LogLevel> level = log_level(options.verbosity, std::getenv("RUST_LOG"));
    if (level.has_error()) {
        std::fputs(level.error().text.c_str(), stderr);
        return 1;
    }
    Logger logger(STDERR_FILENO, level.value());
    prepare_process();
    App app(options, logger);
    if (const Startup<> started = app.start(); started.has_error()) {
        std::fputs(started.error().report().c_str(), stderr);
        return 1;
    }
    return app.run();
}

}  // namespace pueue
