#include "protocol/base/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace pueue {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void UniqueFd::reset() noexcept {
    if (fd_ >= 0) {
        // On Linux the descriptor is gone even if close reports EINTR: never repeat it.
        ::close(std::exchange(fd_, -1));
    }
}

Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode) {
    int fd = -1;
    do {
        fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return os_error("open " + path, errno);
    }
    return UniqueFd(fd);
}

Result<> read_full(int fd, char* to, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = ::read(fd, to + done, size - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return os_error("read", errno);
        }
        if (n == 0) {
            return Error{ErrorKind::closed, 0, "end of file"};
        }
        done += static_cast<std::size_t>(n);
    }
    return {};
}

Result<> write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return os_error("write", errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
    TRY(const UniqueFd file, open_file(path, O_RDONLY));
    Bytes content;
    char buffer[16384];
    for (;;) {
        const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return os_error("read " + path, errno);
        }
        if (n == 0) {
            return content;
        }
        if (content.size() + static_cast<std::size_t>(n) > bytes_max) {
            return Error{
                ErrorKind::too_large,
                0,
                path + " is larger than " + std::to_string(bytes_max) + " bytes"};
        }
        content.append(buffer, static_cast<std::size_t>(n));
    }
}

}  // namespace pueue
