// Being a daemon among others: what is created and held before the first client may come.
//
// The order is upstream's (pueued 8.4) with one promise more: nothing in the directory is changed
// before it is certain that no other daemon uses it. Every failure is a StartupError with
// upstream's texts, except where upstream has no such failure.
#pragma once

#include "daemon/cli.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <utility>
#include <vector>

namespace pueue {

/// Why the daemon cannot start: contexts from the outermost inwards, as the report shows them.
struct StartupError {
    std::vector<std::string> chain;

    /// What is written to stderr.
    [[nodiscard]] std::string report() const;
};

template <class T = void>
using Startup = boost::system::result<T, StartupError>;

[[noreturn]] void throw_exception_from_error(
    const StartupError& error, const boost::source_location& where
);

/// The pueue directory, and inside it log, certs, task_logs.
[[nodiscard]] Startup<> create_directories(const std::string& pueue_directory);

/// One daemon per directory: flock on `⟨pueue directory⟩/lock`, held as long as this lives. The
/// file stays; what counts is the lock, which the kernel takes back however the daemon ends.
class InstanceLock {
  public:
    /// Not held (is_held() is false) if another process has it.
    [[nodiscard]] static Startup<InstanceLock> take(const std::string& pueue_directory);
    [[nodiscard]] bool is_held() const { return static_cast<bool>(file_); }

  private:
    explicit InstanceLock(UniqueFd file) : file_(std::move(file)) {}
    UniqueFd file_;
};

/// Upstream's refusal if `path` names a living process (pueued 8.5).
[[nodiscard]] Startup<> check_pid_file(const std::string& path);
/// Our pid, without a newline.
[[nodiscard]] Startup<> write_pid_file(const std::string& path);

/// SIGPIPE ignored; SIGCHLD at its default whatever was inherited (pueued 10.1, item 35); the
/// parent of what loses its own below this process.
void prepare_process();

/// As many open files as the system allows. Tasks must not inherit it: after the keeper has
/// started.
void raise_open_files_limit();

/// pueued -d (pueued 8.3): starts this program again without that option. Returns the exit code.
[[nodiscard]] int start_in_background(const Options& options);

}  // namespace pueue
