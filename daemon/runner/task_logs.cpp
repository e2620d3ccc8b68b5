#include "daemon/runner/task_logs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace pueue::runner {

namespace {

constexpr int log_flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW;

Result<std::size_t> read_at(int file, char* to, std::size_t size, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = ::pread(file, to + done, size - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return os_error("read log", errno);
        }
        if (n == 0) {
            break;
        }
        done += static_cast<std::size_t>(n);
    }
    return done;
}

Result<std::uint64_t> size_of(int file) {
    struct stat status {};
    if (::fstat(file, &status) != 0) {
        return os_error("look at a log", errno);
    }
    return static_cast<std::uint64_t>(status.st_size);
}

Result<LogEnd> read_between(int file, std::uint64_t begin, std::uint64_t size) {
    LogEnd end;
    end.is_complete = begin == 0;
    end.text.resize(size > begin ? size - begin : 0);
    TRY(const std::size_t got, read_at(file, end.text.data(), end.text.size(), begin));
    end.text.resize(got);
    return end;
}

}  // namespace

Result<std::uint64_t> begin_of_last_lines(int file, std::uint64_t lines) {
    TRY(const std::uint64_t size, size_of(file));
    std::array<char, 65536> block{};
    std::uint64_t newlines = 0;
    for (std::uint64_t end = size; end > 0;) {
        const std::uint64_t begin = end - std::min<std::uint64_t>(end, block.size());
        TRY(const std::size_t got, read_at(file, block.data(), end - begin, begin));
        for (std::size_t i = got; i > 0; --i) {
            if (block.at(i - 1) == '\n' && ++newlines > lines) {
                return begin + i;
            }
        }
        end = begin;
    }
    return std::uint64_t{0};
}

std::string log_path(const std::string& directory, TaskId id) {
    return directory + "/" + std::to_string(id.value) + ".log";
}

std::string earlier_log_path(const std::string& directory, TaskId id, AttemptNumber attempt) {
    return directory + "/" + std::to_string(id.value) + "." + std::to_string(attempt.value) +
           ".log";
}

Result<> rotate_log(
    const std::string& directory, TaskId id, AttemptNumber attempt, std::uint32_t kept
) {
    const std::string path = log_path(directory, id);
    const std::string earlier = earlier_log_path(directory, id, attempt);
    // Not over one that is there: then it is done, and what lies at `path` belongs to an attempt
    // that came to nothing.
    if (::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, earlier.c_str(), RENAME_NOREPLACE) != 0 &&
        errno != EEXIST && errno != ENOENT) {
        return os_error("rename " + path, errno);
    }
    TRY(std::ignore, open_file(path, O_WRONLY | O_CREAT | O_NOFOLLOW));
    if (attempt.value > kept) {
        return remove_log(earlier_log_path(directory, id, {attempt.value - kept}));
    }
    return {};
}

Result<> remove_earlier_logs(const std::string& directory, TaskId id, AttemptNumber newest) {
    for (std::uint32_t attempt = newest.value + 1; attempt-- > 0;) {
        const std::string path = earlier_log_path(directory, id, {attempt});
        const bool is_removed = ::unlink(path.c_str()) == 0;
        if (!is_removed && errno != ENOENT) {
            return os_error("remove " + path, errno);
        }
        // The newest may not be an earlier one yet; those before it are kept without gaps.
        if (!is_removed && attempt != newest.value) {
            break;
        }
    }
    return {};
}

Result<UniqueFd> create_log(const std::string& path) {
    return open_file(path, log_flags);
}

void write_spawn_failure(const std::string& path, std::string_view reason) {
    const Result<UniqueFd> log = create_log(path);
    if (log.has_value()) {
        std::string text = "Pueue error, failed to spawn task. Check your command.\n";
        text.append(reason);
        std::ignore = write_all(log.value().get(), text);  // the task's result says it, too
    }
}

Result<> remove_log(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return os_error("remove " + path, errno);
    }
    return {};
}

Result<LogEnd> read_log_end(const std::string& path, std::size_t bytes) {
    TRY(const UniqueFd file, open_file(path, O_RDONLY));
    TRY(const std::uint64_t size, size_of(file.get()));
    return read_between(file.get(), size - std::min<std::uint64_t>(size, bytes), size);
}

Result<LogEnd> read_log(int file, std::optional<std::uint64_t> lines) {
    TRY(const std::uint64_t size, size_of(file));
    std::uint64_t begin = 0;
    if (lines) {
        TRY(begin, begin_of_last_lines(file, *lines));
    }
    return read_between(file, begin, size);
}

}  // namespace pueue::runner
