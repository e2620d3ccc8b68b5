#include "daemon/state_file/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace pueue::state_file {

namespace {

constexpr int level = 6;
constexpr int window_bits = 15;
constexpr int with_gzip_header = 16;
constexpr int memory_level = 8;
constexpr int unknown_system = 255;
constexpr std::size_t chunk_bytes = std::size_t{256} * 1024;

// zlib does not write through this, but wants it mutable.
Bytef* bytes_of(ByteView view) {
    return const_cast<Bytef*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        reinterpret_cast<const Bytef*>(view.data())
    );
}

// Gives the stream the next piece of what is left, and takes it away there.
void feed(z_stream& stream, ByteView& left) {
    const std::size_t size = std::min<std::size_t>(left.size(), std::numeric_limits<uInt>::max());
    stream.next_in = bytes_of(left);
    stream.avail_in = static_cast<uInt>(size);
    left.remove_prefix(size);
}

class Inflation {
  public:
    Inflation() { PUEUE_CHECK(::inflateInit2(&stream_, window_bits + with_gzip_header) == Z_OK); }
    ~Inflation() { ::inflateEnd(&stream_); }
    Inflation(const Inflation&) = delete;
    Inflation& operator=(const Inflation&) = delete;

    z_stream& stream() { return stream_; }

  private:
    z_stream stream_{};
};

}  // namespace

struct Gzip::Stream {
    z_stream zlib{};
    gz_header header{};

    void run(Bytes& to, int flush) {
        int result = Z_OK;
        do {
            const std::size_t before = to.size();
            to.resize(before + chunk_bytes);
            zlib.next_out = reinterpret_cast<Bytef*>(to.data() + before);
            zlib.avail_out = static_cast<uInt>(chunk_bytes);
            result = ::deflate(&zlib, flush);
            PUEUE_CHECK(result != Z_STREAM_ERROR);
            to.resize(before + chunk_bytes - zlib.avail_out);
        } while (zlib.avail_out == 0 || (flush == Z_FINISH && result != Z_STREAM_END));
    }
};

Gzip::Gzip() : stream_(std::make_unique<Stream>()) {
    stream_->header.os = unknown_system;
    const int begun = deflateInit2(
        &stream_->zlib,
        level,
        Z_DEFLATED,
        window_bits + with_gzip_header,
        memory_level,
        Z_DEFAULT_STRATEGY
    );
    PUEUE_CHECK(begun == Z_OK);
    PUEUE_CHECK(::deflateSetHeader(&stream_->zlib, &stream_->header) == Z_OK);
}

Gzip::~Gzip() {
    ::deflateEnd(&stream_->zlib);
}

void Gzip::add(Bytes& to, ByteView piece) {
    while (!piece.empty()) {
        feed(stream_->zlib, piece);
        stream_->run(to, Z_NO_FLUSH);
    }
}

void Gzip::finish(Bytes& to) {
    stream_->zlib.avail_in = 0;
    stream_->run(to, Z_FINISH);
}

Result<Bytes> gunzip(ByteView compressed, std::size_t bytes_max) {
    Inflation inflation;
    z_stream& stream = inflation.stream();
    Bytes content;
    int result = Z_OK;
    while (result != Z_STREAM_END) {
        if (stream.avail_in == 0) {
            feed(stream, compressed);
        }
        const std::size_t before = content.size();
        content.resize(before + chunk_bytes);
        stream.next_out = reinterpret_cast<Bytef*>(content.data() + before);
        stream.avail_out = static_cast<uInt>(chunk_bytes);
        result = ::inflate(&stream, Z_NO_FLUSH);
        content.resize(before + chunk_bytes - stream.avail_out);
        if (result != Z_OK && result != Z_STREAM_END) {
            const char* why = stream.msg == nullptr ? "it is cut off" : stream.msg;
            return invalid("not a gzip file: " + std::string(why));
        }
        if (content.size() > bytes_max) {
            return Error{
                ErrorKind::too_large,
                0,
                "more than " + std::to_string(bytes_max) + " bytes when unpacked"};
        }
    }
    return content;
}

}  // namespace pueue::state_file
