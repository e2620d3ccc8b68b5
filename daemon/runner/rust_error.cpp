#include "daemon/runner/rust_error.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace pueue::runner {

namespace {

// Rust's std::io::ErrorKind of an errno; everything it has no kind for is Uncategorized.
const char* kind_of(int number) {
    switch (number) {
        case E2BIG:
            return "ArgumentListTooLong";
        case EADDRINUSE:
            return "AddrInUse";
        case EADDRNOTAVAIL:
            return "AddrNotAvailable";
        case EBUSY:
            return "ResourceBusy";
        case ECONNABORTED:
            return "ConnectionAborted";
        case ECONNREFUSED:
            return "ConnectionRefused";
        case ECONNRESET:
            return "ConnectionReset";
        case EDEADLK:
            return "Deadlock";
        case EDQUOT:
            return "QuotaExceeded";
        case EEXIST:
            return "AlreadyExists";
        case EFBIG:
            return "FileTooLarge";
        case EHOSTUNREACH:
            return "HostUnreachable";
        case EINTR:
            return "Interrupted";
        case EINVAL:
            return "InvalidInput";
        case EISDIR:
            return "IsADirectory";
        case ELOOP:
            return "FilesystemLoop";
        case ENOENT:
            return "NotFound";
        case ENOMEM:
            return "OutOfMemory";
        case ENOSPC:
            return "StorageFull";
        case ENOSYS:
            return "Unsupported";
        case EMLINK:
            return "TooManyLinks";
        case ENAMETOOLONG:
            return "InvalidFilename";
        case ENETDOWN:
            return "NetworkDown";
        case ENETUNREACH:
            return "NetworkUnreachable";
        case ENOTCONN:
            return "NotConnected";
        case ENOTDIR:
            return "NotADirectory";
        case ENOTEMPTY:
            return "DirectoryNotEmpty";
        case EPIPE:
            return "BrokenPipe";
        case EROFS:
            return "ReadOnlyFilesystem";
        case ESPIPE:
            return "NotSeekable";
        case ESTALE:
            return "StaleNetworkFileHandle";
        case ETIMEDOUT:
            return "TimedOut";
        case ETXTBSY:
            return "ExecutableFileBusy";
        case EXDEV:
            return "CrossesDevices";
        case EINPROGRESS:
            return "InProgress";
        case EOPNOTSUPP:
            return "Unsupported";
        case EACCES:
        case EPERM:
            return "PermissionDenied";
        case EAGAIN:
            return "WouldBlock";
        default:
            return "Uncategorized";
    }
}

}  // namespace

std::string rust_debug_os_error(int number) {
    std::array<char, 128> buffer{};
    const char* message = ::strerror_r(number, buffer.data(), buffer.size());
    return "Os { code: " + std::to_string(number) + ", kind: " + kind_of(number) + ", message: \"" +
           message + "\" }";
}

}  // namespace pueue::runner
