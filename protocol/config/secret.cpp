#include "protocol/config/secret.hpp"

#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace pueue::config {

namespace {

constexpr std::size_t secret_size = 512;
constexpr std::size_t secret_bytes_max = std::size_t{4} << 20;  // the handshake's bound
constexpr mode_t final_mode = 0640;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

Error creating(const std::string& path, int number) {
    Error error = os_error("", number);
    error.text = file_error_text(path, "creating shared secret", number);
    return error;
}

// Bytes past the last multiple of the alphabet's size are thrown away, so that no character is
// likelier than another.
Result<Bytes> random_characters(std::size_t count) {
    constexpr std::size_t usable = 256 - 256 % alphabet.size();
    Bytes characters;
    std::array<unsigned char, 256> random{};
    while (characters.size() < count) {
        if (::getrandom(random.data(), random.size(), 0) < 0) {
            const int number = errno;
            if (number == EINTR) {
                continue;
            }
            return os_error("getrandom", number);
        }
        for (const unsigned char byte : random) {
            if (byte < usable && characters.size() < count) {
                characters += alphabet[byte % alphabet.size()];
            }
        }
    }
    return characters;
}

// Writes everything under another name first, which link(2) then makes appear whole.
Result<> write_and_link(const std::string& path, const std::string& scratch, ByteView secret) {
    auto file = open_file(scratch, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file.has_error()) {
        return creating(path, file.error().os_error);
    }
    if (const auto written = write_all(file->get(), secret); written.has_error()) {
        return creating(path, written.error().os_error);
    }
    if (::fchmod(file->get(), final_mode) != 0 || ::link(scratch.c_str(), path.c_str()) != 0) {
        const int number = errno;
        if (number != EEXIST) {
            return creating(path, number);
        }
    }
    return {};
}

}  // namespace

Result<> create_secret_if_absent(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0) {
        return {};
    }
    TRY(const Bytes secret, random_characters(secret_size));
    TRY(const Bytes suffix, random_characters(12));
    const std::string scratch = path + "." + suffix;
    auto made = write_and_link(path, scratch, secret);
    ::unlink(scratch.c_str());
    return made;
}

Result<Bytes> read_secret(const std::string& path) {
    auto secret = read_file(path, secret_bytes_max);
    if (secret.has_error() && secret.error().os_error != 0) {
        Error error = std::move(secret).error();
        const bool opens = open_file(path, O_RDONLY).has_value();
        error.text = file_error_text(
            path,
            opens ? "reading secret file"
                  : "opening secret file. Did you start the daemon at least once?",
            error.os_error
        );
        return error;
    }
    return secret;
}

}  // namespace pueue::config
