#include "daemon/state_file/state_file.hpp"

#include "daemon/state_file/gzip.hpp"
#include "daemon/state_file/state_json.hpp"
#include "protocol/base/fd.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

namespace pueue::state_file {

namespace {

// Ten times what 50,000 tasks with an ordinary environment take.
constexpr std::size_t bytes_max = std::size_t{1} << 30;

Result<> sync(int fd, const std::string& path) {
    if (::fsync(fd) != 0) {
        return os_error("sync " + path, errno);
    }
    return {};
}

Result<> write_content(
    const std::string& path, Form form, const State& state, std::string_view store
) {
    TRY(const UniqueFd file, open_file(path, O_WRONLY | O_CREAT | O_TRUNC));
    if (form == Form::plain) {
        CHECK_OK(encode(state, store, [&](ByteView piece) { return write_all(file.get(), piece); })
        );
    } else {
        Gzip gzip;
        Bytes packed;
        CHECK_OK(encode(state, store, [&](ByteView piece) {
            packed.clear();
            gzip.add(packed, piece);
            return write_all(file.get(), packed);
        }));
        packed.clear();
        gzip.finish(packed);
        CHECK_OK(write_all(file.get(), packed));
    }
    return sync(file.get(), path);
}

Result<> replace(const std::string& directory, const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return os_error("rename " + from, errno);
    }
    TRY(const UniqueFd opened, open_file(directory, O_RDONLY | O_DIRECTORY));
    return sync(opened.get(), directory);
}

}  // namespace

std::string file_name(Form form) {
    return form == Form::plain ? "state.json" : "state.json.gz";
}

Result<Bytes> read_text(const std::string& directory, Form form) {
    TRY(Bytes content, read_file(directory + "/" + file_name(form), bytes_max));
    if (form == Form::plain) {
        return content;
    }
    return gunzip(content, bytes_max);
}

Result<bool> ends_with(const std::string& directory, Form form, std::string_view ending) {
    if (form == Form::compressed) {
        TRY(const Bytes text, read_text(directory, form));
        return text.ends_with(ending);
    }
    const std::string path = directory + "/" + file_name(form);
    TRY(const UniqueFd file, open_file(path, O_RDONLY));
    const off_t begin = ::lseek(file.get(), -static_cast<off_t>(ending.size()), SEEK_END);
    if (begin < 0) {
        return false;
    }
    Bytes end(ending.size(), '\0');
    CHECK_OK(read_full(file.get(), end.data(), end.size()));
    return end == ending;
}

Result<> write_file(
    const std::string& directory, Form form, const State& state, std::string_view store
) {
    const std::string path = directory + "/" + file_name(form);
    const std::string temporary = path + ".tmp";
    Result<> written = write_content(temporary, form, state, store);
    if (written.has_value()) {
        written = replace(directory, temporary, path);
    }
    if (written.has_error()) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (form == Form::compressed) {
        // Left over from a crash of the original, it would keep that from starting.
        ::unlink((path + ".partial").c_str());
    }
    return written;
}

}  // namespace pueue::state_file
