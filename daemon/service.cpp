#include "daemon/service.hpp"

#include "protocol/base/upstream_text.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace pueue {

namespace {

Startup<> create_directory(const std::string& path, const std::string& doing) {
    std::error_code failed;
    if (std::filesystem::exists(path, failed)) {
        return {};  // whatever it is
    }
    std::filesystem::create_directories(path, failed);
    if (failed) {
        return StartupError{{file_error_text(path, doing, failed.value())}};
    }
    return {};
}

constexpr std::size_t pid_file_bytes_max = 64;

// As the original: a process that exists and is neither a zombie nor dead, whatever it is.
bool is_alive(std::uint32_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    const Result<Bytes> stat = read_file(path, 4096);
    if (stat.has_error()) {
        return false;
    }
    // The command name may hold anything, also blanks and brackets; the state follows the last one.
    const std::size_t name_end = stat.value().rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= stat.value().size()) {
        return false;
    }
    const char state = stat.value()[name_end + 2];
    return state != 'Z' && state != 'X';
}

// Strictly, in Rust's words.
Result<std::uint32_t> parse_pid(std::string_view text) {
    if (text.empty()) {
        return invalid("cannot parse integer from empty string");
    }
    if (text.size() > 1 && text.front() == '+') {
        text.remove_prefix(1);
    }
    if (text.find_first_not_of("0123456789") != std::string_view::npos) {
        return invalid("invalid digit found in string");
    }
    std::uint32_t pid = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), pid).ec != std::errc()) {
        return invalid("number too large to fit in target type");
    }
    return pid;
}

StartupError pid_error(std::vector<std::string> causes) {
    causes.insert(causes.begin(), "Failed to create pid file.");
    return StartupError{std::move(causes)};
}

}  // namespace

std::string StartupError::report() const {
    return error_report(chain, "daemon");
}

void throw_exception_from_error(const StartupError& error, const boost::source_location& where) {
    throw_exception_from_error(Error{ErrorKind::io, 0, error.report()}, where);
}

Startup<> create_directories(const std::string& pueue_directory) {
    CHECK_OK(create_directory(pueue_directory, "creating main directory"));
    CHECK_OK(create_directory(pueue_directory + "/log", "creating log directory"));
    CHECK_OK(create_directory(pueue_directory + "/certs", "creating certificate directory"));
    CHECK_OK(create_directory(pueue_directory + "/task_logs", "creating task log directory"));
    return {};
}

Startup<InstanceLock> InstanceLock::take(const std::string& pueue_directory) {
    const std::string path = pueue_directory + "/lock";
    Result<UniqueFd> file = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (file.has_error()) {
        return StartupError{{file_error_text(path, "opening lock file", file.error().os_error)}};
    }
    if (::flock(file.value().get(), LOCK_EX | LOCK_NB) == 0) {
        return InstanceLock(std::move(file).value());
    }
    if (errno != EWOULDBLOCK) {
        return StartupError{{file_error_text(path, "taking the instance lock", errno)}};
    }
    return InstanceLock(UniqueFd());
}

Startup<> check_pid_file(const std::string& path) {
    const Result<Bytes> content = read_file(path, pid_file_bytes_max);
    if (content.has_error()) {
        if (content.error().kind == ErrorKind::not_found) {
            return {};
        }
        return pid_error({file_error_text(path, "reading pid file", content.error().os_error)});
    }
    const Result<std::uint32_t> pid = parse_pid(content.value());
    if (pid.has_error()) {
        return pid_error({"Failed to parse PID from file: " + pueue::quoted(path), pid.error().text}
        );
    }
    if (is_alive(pid.value())) {
        return pid_error(
            {"Pid file already exists and another daemon seems to be running.\n"
             "Please stop the daemon beforehand or delete the file manually: \"" +
             path + "\""}
        );
    }
    return {};
}

Startup<> write_pid_file(const std::string& path) {
    const std::string pid = std::to_string(::getpid());
    Result<UniqueFd> file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.has_error()) {
        return pid_error({file_error_text(path, "creating pid file", file.error().os_error)});
    }
    if (const Result<> written = write_all(file.value().get(), pid); written.has_error()) {
        return pid_error({file_error_text(path, "writing pid file", written.error().os_error)});
    }
    return {};
}

void prepare_process() {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void raise_open_files_limit() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

int start_in_background(const Options& options) {
    std::vector<std::string> words = {"pueued"};
    if (options.config) {
        words.insert(words.end(), {"--config", *options.config});
    }
    if (options.profile) {
        words.insert(words.end(), {"--profile", *options.profile});
    }
    if (options.on_stop == OnStop::keep) {
        words.emplace_back("--on-stop=keep");
    }
    if (options.verbosity > 0) {
        words.push_back("-" + std::string(static_cast<std::size_t>(options.verbosity), 'v'));
    }
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    pid_t pid = -1;
    const int failed =
        ::posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ);
    if (failed != 0) {
        const std::string cause = describe_os_error(failed);
        std::fputs(
            StartupError{{"Failed to start in the background.", cause}}.report().c_str(), stderr
        );
        return 1;
    }
    std::puts("Pueued is now running in the background");
    return 0;
}

}  // namespace pueue
