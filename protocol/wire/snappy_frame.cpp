#include "protocol/wire/snappy_frame.hpp"

#include "protocol/base/hash.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/wire/bounds.hpp"

#include <snappy.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace pueue::wire {

namespace {

enum ChunkType : unsigned char {
    compressed = 0x00,
    uncompressed = 0x01,
    first_reserved = 0x02,
    first_skippable = 0x80,
    stream_identifier = 0xff,
};

constexpr std::string_view identifier_body = "sNaPpY";
constexpr std::size_t chunk_header_bytes = 4;
constexpr std::size_t checksum_bytes = 4;
// What the original's decoder has room for: the worst case of a compressed block.
constexpr std::size_t chunk_body_bytes_max = 76490;

// The format stores checksums rotated and shifted, so that checksums of checksummed data are sound.
std::uint32_t masked_checksum(ByteView plain) {
    const std::uint32_t crc = crc32c(plain);
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

void append_chunk(Bytes& to, ChunkType type, std::uint32_t checksum, ByteView data) {
    const auto size = static_cast<std::uint32_t>(data.size() + checksum_bytes);
    append_le(to, size << 8 | type);
    append_le(to, checksum);
    to.append(data);
}

Error corrupt(std::string_view how) {
    return invalid("snappy: corrupt input (" + std::string(how) + ")");
}

Error unsupported_length(std::size_t length) {
    return corrupt("unsupported chunk length: " + std::to_string(length));
}

Result<> append_checked(Bytes& to, ByteView plain, std::uint32_t expected) {
    const std::uint32_t got = masked_checksum(plain);
    if (got != expected) {
        return corrupt(
            "bad checksum; expected: " + std::to_string(expected) + ", got: " + std::to_string(got)
        );
    }
    to.append(plain);
    return {};
}

Result<> append_plain(Bytes& to, ChunkType type, ByteView body) {
    if (body.size() < checksum_bytes) {
        return unsupported_length(body.size());
    }
    const auto checksum = load_le<std::uint32_t>(body.data());
    const ByteView data = body.substr(checksum_bytes);
    if (type == uncompressed) {
        if (data.size() > snappy_chunk_bytes_max) {
            return unsupported_length(data.size());
        }
        return append_checked(to, data, checksum);
    }
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(data.data(), data.size(), &size)) {
        return corrupt("invalid header");
    }
    if (size > snappy_chunk_bytes_max) {
        return unsupported_length(size);
    }
    Bytes plain(size, '\0');
    if (!snappy::RawUncompress(data.data(), data.size(), plain.data())) {
        return corrupt("invalid block");
    }
    return append_checked(to, plain, checksum);
}

Result<> check_identifier(ByteView body) {
    if (body.size() != identifier_body.size()) {
        return corrupt("invalid stream header length: " + std::to_string(body.size()));
    }
    if (body != identifier_body) {
        const std::string escaped = quoted(body);
        return corrupt(
            "expected sNaPpY stream header but got " + escaped.substr(1, escaped.size() - 2)
        );
    }
    return {};
}

Result<> append_from_chunk(Bytes& to, unsigned char type, ByteView body) {
    if (type < first_reserved) {
        return append_plain(to, static_cast<ChunkType>(type), body);
    }
    if (type < first_skippable) {
        return corrupt("unsupported chunk type: " + std::to_string(type));
    }
    return type == stream_identifier ? check_identifier(body) : Result<>();
}

}  // namespace

Bytes compress_snappy_frames(ByteView plain) {
    Bytes stream;
    if (plain.empty()) {
        return stream;
    }
    append_le(stream, static_cast<std::uint32_t>(identifier_body.size()) << 8 | stream_identifier);
    stream.append(identifier_body);
    std::string block(snappy::MaxCompressedLength(snappy_chunk_bytes_max), '\0');
    while (!plain.empty()) {
        const ByteView chunk = plain.substr(0, snappy_chunk_bytes_max);
        std::size_t size = 0;
        snappy::RawCompress(chunk.data(), chunk.size(), block.data(), &size);
        if (size >= chunk.size() - chunk.size() / 8) {
            append_chunk(stream, uncompressed, masked_checksum(chunk), chunk);
        } else {
            append_chunk(
                stream, compressed, masked_checksum(chunk), ByteView(block).substr(0, size)
            );
        }
        plain.remove_prefix(chunk.size());
    }
    return stream;
}

Result<> uncompress_snappy_frames(ByteView stream, Bytes& plain) {
    bool is_first = true;
    while (!stream.empty()) {
        if (stream.size() < chunk_header_bytes) {
            return invalid("failed to fill whole buffer");
        }
        const auto header = load_le<std::uint32_t>(stream.data());
        const auto type = static_cast<unsigned char>(header & 0xffU);
        const std::size_t size = header >> 8;
        if (is_first && type != stream_identifier) {
            return corrupt(
                "expected stream header but got unexpected chunk type byte " + std::to_string(type)
            );
        }
        is_first = false;
        if (size > chunk_body_bytes_max) {
            return unsupported_length(size);
        }
        if (stream.size() - chunk_header_bytes < size) {
            return invalid("failed to fill whole buffer");
        }
        CHECK_OK(append_from_chunk(plain, type, stream.substr(chunk_header_bytes, size)));
        stream.remove_prefix(chunk_header_bytes + size);
    }
    return {};
}

}  // namespace pueue::wire
