#include "daemon/journal/segment.hpp"
#include "daemon/journal/segment_layout.hpp"
#include "protocol/base/hash.hpp"

namespace pueue::journal {

Bytes encode_file_header(const FileHeader& header) {
    Bytes bytes;
    bytes.reserve(file_header_bytes);
    bytes.append(magic);
    append_le(bytes, format_version);
    append_le(bytes, static_cast<std::uint16_t>(header.identity.kind));
    append_le(bytes, std::uint32_t{0});
    bytes.append(header.identity.store.begin(), header.identity.store.end());
    append_le(bytes, header.identity.number);
    append_le(bytes, header.first_sequence);
    append_le(bytes, crc32c(bytes));
    bytes.resize(file_header_bytes, '\0');
    return bytes;
}

RecordWriter::RecordWriter(const FileIdentity& identity)
    : identity_crc_(layout::identity_crc(identity)) {}

void RecordWriter::append(Bytes& to, const RecordHeader& header, ByteView payload) const {
    PUEUE_CHECK(payload.size() <= payload_bytes_max);
    Bytes checked;
    checked.reserve(record_header_bytes - layout::sequence_at);
    append_le(checked, header.sequence);
    append_le(checked, header.type);
    append_le(checked, static_cast<std::uint8_t>(header.ends_decision ? 1 : 0));
    append_le(checked, header.version);
    append_le(checked, header.unsynced);

    const auto length = static_cast<std::uint32_t>(payload.size());
    append_le(to, length);
    append_le(to, layout::record_crc(identity_crc_, checked, length, payload));
    to.append(checked);
    to.append(payload);
    to.append(layout::padding_of(payload.size()), '\0');
}

}  // namespace pueue::journal
