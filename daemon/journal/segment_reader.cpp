#include "daemon/journal/segment.hpp"
#include "daemon/journal/segment_layout.hpp"
#include "protocol/base/hash.hpp"

#include <algorithm>
#include <string>

namespace pueue::journal {

namespace {

constexpr std::size_t window_bytes = std::size_t{256} * 1024;

RecordHeader decode_record_header(ByteView bytes) {
    RecordHeader header;
    header.sequence = load_le<std::uint64_t>(bytes.data() + layout::sequence_at);
    header.type = load_le<std::uint16_t>(bytes.data() + layout::type_at);
    header.version = load_le<std::uint8_t>(bytes.data() + layout::version_at);
    header.unsynced = load_le<std::uint32_t>(bytes.data() + layout::unsynced_at);
    const auto flags = load_le<std::uint8_t>(bytes.data() + layout::flags_at);
    header.ends_decision = (flags & layout::flag_ends_decision) != 0;
    return header;
}

bool claims_durable(const RecordHeader& header, std::uint64_t sequence) {
    return header.unsynced != unsynced_unknown && header.unsynced < header.sequence &&
           header.sequence - header.unsynced >= sequence;
}

}  // namespace

Result<FileHeader> decode_file_header(ByteView bytes) {
    if (bytes.size() < file_header_bytes || !bytes.starts_with(magic)) {
        return invalid("not a file of a journal");
    }
    const auto crc = load_le<std::uint32_t>(bytes.data() + layout::header_crc_at);
    if (crc != crc32c(bytes.substr(0, layout::header_crc_at))) {
        return invalid("bad checksum of the file header");
    }
    const auto format = load_le<std::uint16_t>(bytes.data() + layout::format_at);
    if (format > format_version) {
        return Error{
            ErrorKind::refused,
            0,
            "format " + std::to_string(format) + " is newer than this program, which knows up to " +
                std::to_string(format_version)};
    }
    FileHeader header;
    header.identity.kind =
        static_cast<FileKind>(load_le<std::uint16_t>(bytes.data() + layout::kind_at));
    bytes.substr(layout::store_at)
        .copy(reinterpret_cast<char*>(header.identity.store.data()), header.identity.store.size());
    header.identity.number = load_le<std::uint64_t>(bytes.data() + layout::number_at);
    header.first_sequence = load_le<std::uint64_t>(bytes.data() + layout::first_sequence_at);
    return header;
}

Result<ByteView> FileWindow::view(std::uint64_t offset, std::size_t bytes) {
    if (offset >= size_) {
        return ByteView();
    }
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes, size_ - offset));
    if (offset < begin_ || offset + wanted > begin_ + loaded_.size()) {
        const auto amount = static_cast<std::size_t>(
            std::min<std::uint64_t>(std::max(wanted, window_bytes), size_ - offset)
        );
        loaded_.resize(amount);
        begin_ = offset;
        TRY(const std::size_t got, file_.read_at(loaded_.data(), amount, offset));
        loaded_.resize(got);
    }
    return ByteView(loaded_).substr(offset - begin_, wanted);
}

RecordReader::RecordReader(
    const File& file,
    std::uint64_t file_size,
    const FileIdentity& identity,
    std::uint64_t first_sequence
)
    : window_(file, file_size),
      identity_crc_(layout::identity_crc(identity)),
      sequence_(first_sequence) {}

Result<std::optional<RecordView>> RecordReader::verify(std::uint64_t offset) {
    TRY(ByteView bytes, window_.view(offset, record_header_bytes));
    if (bytes.size() < record_header_bytes) {
        return std::optional<RecordView>();
    }
    const RecordHeader header = decode_record_header(bytes);
    const auto length = load_le<std::uint32_t>(bytes.data() + layout::length_at);
    // What can be excluded without the payload is: a search of a tail asks this of every offset.
    const bool is_possible =
        header.sequence >= sequence_ && header.sequence - sequence_ < sequence_window &&
        length <= payload_bytes_max && length <= window_.size() - offset - record_header_bytes;
    if (!is_possible) {
        return std::optional<RecordView>();
    }
    TRY(bytes, window_.view(offset, record_header_bytes + length));
    if (bytes.size() < record_header_bytes + length) {
        return std::optional<RecordView>();
    }
    const auto crc = load_le<std::uint32_t>(bytes.data() + layout::crc_at);
    const ByteView payload = bytes.substr(record_header_bytes);
    const ByteView checked =
        bytes.substr(layout::sequence_at, record_header_bytes - layout::sequence_at);
    if (crc != layout::record_crc(identity_crc_, checked, length, payload)) {
        return std::optional<RecordView>();
    }
    return std::optional(RecordView{header, payload, offset});
}

Result<std::optional<RecordView>> RecordReader::next() {
    TRY(std::optional<RecordView> record, verify(offset_));
    if (!record || record->header.sequence != sequence_) {
        return std::optional<RecordView>();
    }
    const std::size_t payload_bytes = record->payload.size();
    offset_ += record_header_bytes + payload_bytes + layout::padding_of(payload_bytes);
    ++sequence_;
    return record;
}

Result<Tail> RecordReader::inspect_tail(std::uint64_t bad_sequence) {
    // The padding of the last record may be missing.
    Tail tail{.end = std::min(offset_, window_.size()), .witness_offset = std::nullopt};
    for (std::uint64_t at = offset_; at < window_.size(); at += record_alignment) {
        TRY(const ByteView bytes, window_.view(at, record_alignment));
        const std::size_t last_used = bytes.find_last_not_of('\0');
        if (last_used == ByteView::npos) {
            continue;  // no record begins with a length and a checksum of zero
        }
        tail.end = at + last_used + 1;
        TRY(const std::optional<RecordView> record, verify(at));
        if (record && claims_durable(record->header, bad_sequence)) {
            tail.witness_offset = at;
            break;
        }
    }
    return tail;
}

}  // namespace pueue::journal
