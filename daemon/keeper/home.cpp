#include "daemon/keeper/home.hpp"

#include <fcntl.h>
#include <link.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace pueue::keeper {

namespace {

constexpr const char* info_being_written = "info.new";
constexpr const char* control_being_bound = "control.new";

// At most `capacity` - 1 bytes, and a NUL behind them. 0: cannot be read.
std::size_t read_text(const char* path, char* to, std::size_t capacity) {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    const ssize_t size = ::read(file, to, capacity - 1);
    ::close(file);
    const std::size_t read = size > 0 ? static_cast<std::size_t>(size) : 0;
    to[read] = '\0';
    return read;
}

std::uint64_t own_start_ticks() {
    char text[512];
    if (read_text("/proc/self/stat", text, sizeof text) == 0) {
        return 0;
    }
    // Field 22, counted behind the name, which may contain anything.
    const char* at = std::strrchr(text, ')');
    for (int field = 2; at != nullptr && field < 22; ++field) {
        at = std::strchr(at + 1, ' ');
    }
    return at == nullptr ? 0 : std::strtoull(at + 1, nullptr, 10);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Id16 boot_id() {
    char text[64];
    const std::size_t size = read_text("/proc/sys/kernel/random/boot_id", text, sizeof text);
    Id16 id;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < size && digits < 2 * sizeof id.bytes; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) {
            continue;
        }
        const int shift = digits % 2 == 0 ? 4 : 0;
        id.bytes[digits / 2] |= static_cast<std::uint8_t>(digit << shift);
        ++digits;
    }
    return id;
}

constexpr std::size_t padded(std::size_t size) {
    return (size + 3) / 4 * 4;
}

// The notes of one program header, until the linker's build id is found.
bool find_build_id(const char* at, std::size_t left, Id16& id) {
    while (left >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        std::memcpy(&note, at, sizeof note);
        const std::size_t name = sizeof note;
        const std::size_t content = name + padded(note.n_namesz);
        const std::size_t whole = content + padded(note.n_descsz);
        if (whole > left) {
            return false;
        }
        if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz >= sizeof id.bytes) {
            std::memcpy(id.bytes, at + content, sizeof id.bytes);
            return true;
        }
        at += whole;
        left -= whole;
    }
    return false;
}

// The first object the loader names is the program itself.
int take_build_id(dl_phdr_info* object, std::size_t, void* id) {
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& part = object->dlpi_phdr[i];
        const char* notes = reinterpret_cast<const char*>(object->dlpi_addr + part.p_vaddr);
        if (part.p_type == PT_NOTE && find_build_id(notes, part.p_memsz, *static_cast<Id16*>(id))) {
            break;
        }
    }
    return 1;
}

struct Hex {
    char text[2 * sizeof(Id16::bytes) + 1] = {};

    explicit Hex(const Id16& id) {
        constexpr const char* digits = "0123456789abcdef";
        for (std::size_t i = 0; i < sizeof id.bytes; ++i) {
            text[2 * i] = digits[id.bytes[i] >> 4];
            text[2 * i + 1] = digits[id.bytes[i] & 15];
        }
    }
};

}  // namespace

Identity identify_myself() {
    Identity identity;
    identity.pid = ::getpid();
    identity.start_ticks = own_start_ticks();
    identity.boot = boot_id();
    // Cannot fail for so few bytes; a keeper named zero would only be taken for a stranger.
    [[maybe_unused]] const ssize_t size =
        ::getrandom(identity.keeper.bytes, sizeof identity.keeper.bytes, 0);
    ::dl_iterate_phdr(take_build_id, &identity.build);
    return identity;
}

int open_control(int directory) {
    const int listener = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) {
        return -1;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(
        address.sun_path,
        sizeof address.sun_path,
        "/proc/self/fd/%d/%s",
        directory,
        control_being_bound
    );
    ::unlinkat(directory, control_being_bound, 0);
    // Its mode is 0600 by the keeper's umask. Named when it listens: whoever finds it can connect.
    constexpr int waiting_connections = 64;
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, waiting_connections) != 0 ||
        ::renameat(directory, control_being_bound, directory, control_name) != 0) {
        const int error = errno;
        ::close(listener);
        errno = error;
        return -1;
    }
    return listener;
}

bool write_info(int directory, const Identity& identity) {
    struct stat status {};
    if (::fstat(directory, &status) != 0) {
        return false;
    }
    char text[512];
    const int size = std::snprintf(
        text,
        sizeof text,
        "version %d\npid %d\nstart %llu\nboot %s\ndirectory %llu:%llu\nkeeper %s\nbuild %s\n",
        int{protocol_version},
        int{identity.pid},
        static_cast<unsigned long long>(identity.start_ticks),
        Hex(identity.boot).text,
        static_cast<unsigned long long>(status.st_dev),
        static_cast<unsigned long long>(status.st_ino),
        Hex(identity.keeper).text,
        Hex(identity.build).text
    );
    const int file = ::openat(
        directory, info_being_written, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600
    );
    if (file < 0) {
        return false;
    }
    const bool written = ::write(file, text, static_cast<std::size_t>(size)) == size;
    ::close(file);
    return written && ::renameat(directory, info_being_written, directory, info_name) == 0;
}

void remove_home(int directory) {
    ::unlinkat(directory, info_name, 0);
    ::unlinkat(directory, control_name, 0);
}

bool is_ours(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.uid == ::geteuid();
}

}  // namespace pueue::keeper
