#include "daemon/journal/file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace pueue::journal {

namespace {

// Repeats `call` while a signal interrupts it; its result, with errno as the call left it.
template <class Call>
auto uninterrupted(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) {
        result = call();
    }
    return result;
}

class RealFile final : public File {
  public:
    RealFile(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

    Result<std::size_t> read_at(char* to, std::size_t size, std::uint64_t offset) const override {
        std::size_t done = 0;
        while (done < size) {
            const ssize_t n = uninterrupted([&] {
                return ::pread(
                    fd_.get(), to + done, size - done, static_cast<off_t>(offset + done)
                );
            });
            if (n < 0) {
                return failed("read");
            }
            if (n == 0) {
                break;
            }
            done += static_cast<std::size_t>(n);
        }
        return done;
    }

    Result<> write_at(ByteView bytes, std::uint64_t offset) override {
        while (!bytes.empty()) {
            const ssize_t n = uninterrupted([&] {
                return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
            });
            if (n < 0) {
                return failed("write");
            }
            bytes.remove_prefix(static_cast<std::size_t>(n));
            offset += static_cast<std::uint64_t>(n);
        }
        return {};
    }

    Result<> sync() override {
        // Interrupted is repeated, failed never: the kernel may have forgotten the failure.
        if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) < 0) {
            return failed("fdatasync");
        }
        struct stat info {};
        if (::fstat(fd_.get(), &info) < 0) {
            return failed("fstat");
        }
        return info.st_nlink == 0 ? Result<>(os_error("find " + name_, ENOENT)) : Result<>();
    }

    Result<> allocate(std::uint64_t offset, std::uint64_t size) override {
        const int result = uninterrupted([&] {
            return ::fallocate(fd_.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(size));
        });
        if (result < 0 && errno != EOPNOTSUPP && errno != ENOSYS) {
            return failed("fallocate");
        }
        return {};
    }

    Result<> truncate(std::uint64_t size) override {
        const int result =
            uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); });
        return result < 0 ? failed("ftruncate") : Result<>();
    }

    Result<std::uint64_t> size() const override {
        struct stat info {};
        if (::fstat(fd_.get(), &info) < 0) {
            return os_error("fstat " + name_, errno);
        }
        return static_cast<std::uint64_t>(info.st_size);
    }

  private:
    // Requires: errno is that of the call.
    Error failed(const char* verb) const { return os_error(verb + (" " + name_), errno); }

    UniqueFd fd_;
    std::string name_;
};

int flags_of(OpenMode mode) {
    switch (mode) {
        case OpenMode::read:
            return O_RDONLY;
        case OpenMode::update:
            return O_RDWR;
        case OpenMode::create:
            return O_RDWR | O_CREAT | O_EXCL;
        case OpenMode::replace:
            return O_RDWR | O_CREAT | O_TRUNC;
    }
    return O_RDONLY;
}

Result<UniqueFd> open_below(const UniqueFd& root, const std::string& name, int flags) {
    const int fd =
        uninterrupted([&] { return ::openat(root.get(), name.c_str(), flags | O_CLOEXEC, 0600); });
    if (fd < 0) {
        return os_error("open " + name, errno);
    }
    return UniqueFd(fd);
}

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

}  // namespace

Result<FilePtr> RealFileSystem::open(const std::string& name, OpenMode mode) {
    TRY(UniqueFd fd, open_below(root_, name, flags_of(mode)));
    return FilePtr(std::make_shared<RealFile>(std::move(fd), name));
}

Result<> RealFileSystem::rename(const std::string& from, const std::string& to) {
    if (::renameat(root_.get(), from.c_str(), root_.get(), to.c_str()) < 0) {
        return os_error("rename " + from + " to " + to, errno);
    }
    return {};
}

Result<> RealFileSystem::remove(const std::string& name) {
    if (::unlinkat(root_.get(), name.c_str(), 0) < 0) {
        return os_error("unlink " + name, errno);
    }
    return {};
}

Result<> RealFileSystem::make_directory(const std::string& name) {
    if (::mkdirat(root_.get(), name.c_str(), 0700) < 0 && errno != EEXIST) {
        return os_error("mkdir " + name, errno);
    }
    return {};
}

Result<> RealFileSystem::sync_directory(const std::string& name) {
    TRY(const UniqueFd directory, open_below(root_, name, O_RDONLY | O_DIRECTORY));
    if (uninterrupted([&] { return ::fsync(directory.get()); }) < 0) {
        return os_error("fsync " + name, errno);
    }
    return {};
}

Result<std::vector<std::string>> RealFileSystem::list(const std::string& name) {
    TRY(UniqueFd fd, open_below(root_, name, O_RDONLY | O_DIRECTORY));
    const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(fd.get()));
    if (!directory) {
        return os_error("opendir " + name, errno);
    }
    std::ignore = fd.release();  // closedir closes it
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr && errno != 0) {
            return os_error("readdir " + name, errno);
        }
        if (entry == nullptr) {
            break;
        }
        const std::string_view found = entry->d_name;
        if (found != "." && found != "..") {
            names.emplace_back(found);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace pueue::journal
