#include "client/local_log.hpp"

#include "protocol/base/text.hpp"
#include "protocol/base/upstream_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace pueue::client {

namespace {

constexpr std::size_t block_bytes = std::size_t{64} << 10;

Result<std::uint64_t> size_of(int file) {
    struct stat found {};
    if (::fstat(file, &found) != 0) {
        return os_error("fstat", errno);
    }
    return static_cast<std::uint64_t>(found.st_size);
}

Result<std::size_t> read_at(int file, char* to, std::size_t size, std::uint64_t offset) {
    for (;;) {
        const ssize_t n = ::pread(file, to, size, static_cast<off_t>(offset));
        if (n >= 0) {
            return static_cast<std::size_t>(n);
        }
        if (const int number = errno; number != EINTR) {
            return os_error("read", number);
        }
    }
}

// Offset behind the `wanted`-th newline from the end; none if there are fewer.
Result<std::optional<std::uint64_t>> behind_newline(int file, std::uint64_t wanted) {
    TRY(std::uint64_t end, size_of(file));
    std::vector<char> block(block_bytes);
    while (end > 0) {
        const std::uint64_t begin = end > block_bytes ? end - block_bytes : 0;
        TRY(std::size_t size, read_at(file, block.data(), end - begin, begin));
        while (size > 0) {
            --size;
            if (block[size] == '\n' && --wanted == 0) {
                return std::optional(begin + size + 1);
            }
        }
        end = begin;
    }
    return std::optional<std::uint64_t>();
}

// Compat: where nothing can be read the original finds as many bad lines as it was asked for
// [log-local-missing].
std::string unreadable_lines(std::uint64_t lines) {
    constexpr std::uint64_t lines_max = 10'000;
    std::string joined = lines == 0 ? "" : unreadable_line;
    for (std::uint64_t i = 1; i < std::min(lines, lines_max); ++i) {
        joined.append("\n").append(unreadable_line);
    }
    return joined;
}

}  // namespace

Result<UniqueFd> open_local_log(const config::Paths& paths, TaskId id) {
    const std::string path = paths.task_log(id);
    auto file = open_file(path, O_RDONLY);
    if (file.has_error()) {
        Error error = std::move(file).error();
        error.text = file_error_text(path, "getting log file handle", error.os_error);
        return error;
    }
    return file;
}

Result<LastLines> find_last_lines(int file, std::uint64_t lines) {
    // More than any file has newlines: everything.
    if (lines == ~std::uint64_t{0}) {
        return LastLines{};
    }
    TRY(const auto begin, behind_newline(file, lines + 1));
    return begin ? LastLines{*begin, false} : LastLines{};
}

std::string read_last_lines_joined(int file, std::uint64_t lines) {
    if (lines == 0) {
        return "";
    }
    const auto last = find_last_lines(file, lines);
    const auto content =
        last.has_value() ? read_from(file, last->offset) : Result<std::string>(last.error());
    if (content.has_error()) {
        return unreadable_lines(lines);
    }
    return last_lines_of(*content, lines);
}

Result<std::string> read_from(int file, std::uint64_t offset) {
    std::string text;
    CHECK_OK(read_in_pieces(file, offset, [&](std::string_view piece) { text += piece; }));
    return text;
}

Result<std::uint64_t> read_in_pieces(
    int file, std::uint64_t offset, const std::function<void(std::string_view)>& take
) {
    std::vector<char> block(block_bytes);
    for (;;) {
        TRY(const std::size_t size, read_at(file, block.data(), block.size(), offset));
        if (size == 0) {
            return offset;
        }
        take({block.data(), size});
        offset += size;
    }
}

}  // namespace pueue::client
