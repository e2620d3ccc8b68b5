#include "client/run.hpp"

#include "client/commands/commands.hpp"
#include "client/message_log.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/config/extensions.hpp"
#include "protocol/config/load_yaml.hpp"
#include "protocol/wire/bounds.hpp"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <variant>

namespace pueue::client {

namespace {

// Empty counts as unset for all variables that this is used for.
std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

// Help and usage errors look by their own rules: those of the stream they go to.
bool wants_color(int descriptor) {
    const auto forced = variable("CLICOLOR_FORCE");
    if (forced && *forced != "0") {
        return true;
    }
    const auto terminal = variable("TERM");
    const auto allowed = variable("CLICOLOR");
    return ::isatty(descriptor) == 1 && terminal && *terminal != "dumb" && !variable("NO_COLOR") &&
           (!allowed || *allowed != "0");
}

std::size_t help_width() {
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO}) {
        winsize size{};
        if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
            return size.ws_col;
        }
    }
    if (const auto columns = variable("COLUMNS")) {
        const auto width = cli::parse_unsigned(*columns);
        if (width.has_value() && *width > 0) {
            return *width;
        }
    }
    return 100;
}

cli::Appearance appearance_of(int descriptor) {
    return {wants_color(descriptor), help_width()};
}

void write_to_stderr(std::string_view line) {
    std::ignore = write_all(STDERR_FILENO, line);  // nobody is left to be told
}

// A failed stream changes neither the text nor the code.
int print(const cli::Printed& printed) {
    std::ignore = write_all(STDOUT_FILENO, printed.out);
    std::ignore = write_all(STDERR_FILENO, printed.err);
    return printed.exit_code;
}

// Before the frame of other reports is in place, so without it.
std::string plain_log_error(const Report& causes) {
    std::string text = "Error: RUST_LOG env variable is invalid\n\nCaused by:\n";
    for (std::size_t i = 0; i < causes.messages.size(); ++i) {
        text += "   " + std::to_string(i) + ": " + causes.messages[i] + "\n";
    }
    return text + "\nLocation:\n    client:1\n";
}

Reported<LogFilter> choose_filter(std::size_t verbosity) {
    if (const auto text = variable("RUST_LOG")) {
        return LogFilter::parse(*text);
    }
    return LogFilter::of_verbosity(verbosity);
}

// Errors, in this order: the file, the profile, that there is no file at all.
struct Loaded {
    config::Settings settings;
    bool is_strict = false;
};
Reported<Loaded> load_settings(
    const cli::Options& options, const config::Surroundings& surroundings
) {
    std::optional<std::string> path = options.config;
    if (const char* from_environment = std::getenv("PUEUE_CONFIG_PATH"); !path) {
        path = from_environment == nullptr ? std::nullopt
                                           : std::optional<std::string>(from_environment);
    }
    auto file = config::load_config(path, surroundings);
    if (file.has_error()) {
        return report(file.error()).in("Failed to read configuration.");
    }
    const bool found = file->path.has_value();
    const auto extensions = config::load_extensions(file->path);
    if (extensions.has_error()) {
        return report(extensions.error()).in("Failed to read configuration.");
    }
    auto settings = config::choose_profile(std::move(*file), options.profile);
    if (settings.has_error()) {
        return report(settings.error());
    }
    if (!found) {
        return report("Couldn't find a configuration file. Did you start the daemon yet?");
    }
    return Loaded{std::move(*settings), extensions->compat == config::Compat::strict};
}

Style choose_style(cli::ColorChoice choice, const config::Settings& settings, Console& console) {
    const bool enabled = choice == cli::ColorChoice::always ||
                         (choice == cli::ColorChoice::automatic && console.out_is_terminal());
    return {enabled, settings.client.dark_mode, variable("NO_COLOR").has_value()};
}

bool asks_for_json(const cli::CommandOptions& command) {
    return std::visit(
        [](const auto& options) {
            if constexpr (requires { options.json; }) {
                return options.json;
            }
            return false;
        },
        command
    );
}

void warn_about_version(const Connection& connection, const Log& log) {
    const std::string& theirs = connection.daemon_version();
    if (theirs != wire::protocol_version) {
        log.say(
            LogLevel::warn,
            target::network,
            "Different protocol version detected '" + theirs +
                "'. Consider updating and restarting the daemon."
        );
    }
}

void sleep_for(std::chrono::milliseconds time) {
    timespec left{time.count() / 1000, (time.count() % 1000) * 1'000'000};
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

Outcome dispatch(const cli::CommandOptions& command, Client& client) {
    return std::visit(
        [&](const auto& options) -> Outcome {
            if constexpr (std::is_same_v<decltype(options), const cli::CompletionsOptions&>) {
                return run_completions(options, client.console);
            } else {
                return run(options, client);
            }
        },
        command
    );
}

Outcome run_command(const cli::Options& options, const Log& log, Console& console) {
    if (const auto* completions = std::get_if<cli::CompletionsOptions>(&options.command)) {
        return run_completions(*completions, console);
    }
    const auto surroundings = config::Surroundings::of_process();
    TRY(const Loaded loaded, load_settings(options, surroundings));
    const config::Settings& settings = loaded.settings;
    const config::Paths paths(settings.shared, surroundings);
    const Style style = choose_style(options.color, settings, console);
    MessageLog observer(log);
    TRY(Connection connection, connect_to_daemon(settings.shared, paths, &observer));
    if (!asks_for_json(options.command)) {
        warn_about_version(connection, log);
    }
    Client client{settings, paths, style, log, console, connection, sleep_for, loaded.is_strict};
    return dispatch(options.command, client);
}

// The reader of our output went away: nothing to complain about. Any other failure is one.
int output_failed(const OutputFailed& failure) {
    if (failure.error_number == EPIPE) {
        return 0;
    }
    write_to_stderr(
        format_report(report("failed printing to stdout: " + os_text(failure.error_number)))
    );
    return 1;
}

}  // namespace

int run_program(const std::vector<std::string>& words) {
    prepare_standard_streams();
    auto parsed = cli::parse_command_line(words, read_clock().wall, appearance_of);
    if (const auto* printed = std::get_if<cli::Printed>(&parsed)) {
        return print(*printed);
    }
    const auto& options = std::get<cli::Options>(parsed);
    auto filter = choose_filter(options.verbosity);
    if (filter.has_error()) {
        write_to_stderr(plain_log_error(filter.error()));
        return 1;
    }
    const Log log(std::move(*filter), !variable("NO_COLOR"), write_to_stderr);
    ProcessConsole console;
    try {
        const Outcome outcome = run_command(options, log, console);
        if (outcome.has_value()) {
            console.flush();
            return *outcome;
        }
        console.err(format_report(outcome.error()));
        return 1;
    } catch (const OutputFailed& failure) {
        return output_failed(failure);
    }
}

}  // namespace pueue::client
