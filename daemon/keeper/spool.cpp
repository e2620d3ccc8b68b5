#include "daemon/keeper/spool.hpp"

#include "daemon/keeper/checksum.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace pueue::keeper {

namespace {

constexpr std::uint64_t reserved_bytes = std::uint64_t{1} << 20;
constexpr const char* rewrite_name = "spool.new";
constexpr std::size_t crc_begins = 8;

struct RecordHead {
    std::uint32_t magic = record_magic;
    std::uint32_t crc = 0;
    std::uint16_t length = 0;
    std::uint8_t version = record_version;
    RecordKind kind = RecordKind::run;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.magic, self.crc, self.length, self.version, self.kind);
    }
};

template <class Io, class Record>
void record_fields(Io& io, Record& record) {
    io(record.sequence, record.key, record.boot, record.pid, record.start_ticks);
    if (record.kind == RecordKind::exit) {
        ExitFacts::fields(io, record.facts);
    }
}

}  // namespace

std::size_t encode_record(const SpoolRecord& record, char* to) {
    std::memset(to, 0, record_bytes_max);
    Writer body(to + record_head_bytes, record_bytes_max - record_head_bytes);
    record_fields(body, record);
    const std::size_t length = (record_head_bytes + body.size() + 7) / 8 * 8;

    RecordHead head;
    head.length = static_cast<std::uint16_t>(length);
    head.kind = record.kind;
    Writer first(to, record_head_bytes);
    RecordHead::fields(first, head);
    head.crc = record_checksum(to + crc_begins, length - crc_begins);
    Writer again(to, record_head_bytes);
    RecordHead::fields(again, head);
    return length;
}

std::size_t decode_record(const char* from, std::size_t size, SpoolRecord& record) {
    RecordHead head;
    Reader reader(from, size);
    RecordHead::fields(reader, head);
    if (!reader.ok() || head.magic != record_magic || head.version != record_version ||
        head.length < record_head_bytes || head.length > size ||
        head.crc != record_checksum(from + crc_begins, head.length - crc_begins)) {
        return 0;
    }
    if (head.kind != RecordKind::run && head.kind != RecordKind::exit) {
        return 0;
    }
    SpoolRecord read;
    read.kind = head.kind;
    Reader body(from + record_head_bytes, head.length - record_head_bytes);
    record_fields(body, read);
    if (!body.ok()) {
        return 0;
    }
    record = read;
    return head.length;
}

bool Spool::open(int directory) {
    directory_ = directory;
    fd_ =
        ::openat(directory, spool_name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd_ < 0) {
        return false;
    }
    reserve();
    return true;
}

// Where the file system cannot set space aside, a full disk is met when it comes (`incomplete`).
void Spool::reserve() const {
    static_cast<void>(::fallocate(fd_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(reserved_bytes)));
}

void Spool::append(const SpoolRecord& record) {
    char bytes[record_bytes_max];
    const std::size_t size = encode_record(record, bytes);
    const ssize_t written = ::write(fd_, bytes, size);
    if (written == static_cast<ssize_t>(size)) {
        return;
    }
    incomplete_ = true;
    if (written > 0) {
        // A part of a record would end every later reading there: take it back.
        const off_t whole = static_cast<off_t>(this->bytes()) - written;
        [[maybe_unused]] const int cut = ::ftruncate(fd_, whole);  // readers stop there anyway
    }
}

void Spool::clear() {
    if (bytes() > 0 && ::ftruncate(fd_, 0) == 0) {
        reserve();
    }
    incomplete_ = false;
    left_by_rewrite_ = 0;
}

void Spool::remove() {
    ::unlinkat(directory_, spool_name, 0);
}

void Spool::begin_rewrite() {
    old_fd_ = fd_;
    const int fresh = ::openat(
        directory_,
        rewrite_name,
        O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
        0600
    );
    fd_ = fresh;
    incomplete_ = fresh < 0;
}

void Spool::finish_rewrite() {
    if (!incomplete_ && ::renameat(directory_, rewrite_name, directory_, spool_name) == 0) {
        ::close(old_fd_);
        reserve();
        left_by_rewrite_ = bytes();
    } else {
        if (fd_ >= 0) {
            ::close(fd_);
            ::unlinkat(directory_, rewrite_name, 0);
        }
        fd_ = old_fd_;
    }
    old_fd_ = -1;
}

bool Spool::has_grown() const {
    const std::uint64_t now = bytes();
    return now > reserved_bytes && now > 2 * left_by_rewrite_;
}

std::uint64_t Spool::bytes() const {
    struct stat status {};
    return ::fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace pueue::keeper
