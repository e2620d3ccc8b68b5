// Any bytes as a frame stream; and, since no chance finds a checksum, any bytes compressed, damaged
// in one place, and read again.
#include "protocol/wire/bounds.hpp"
#include "protocol/wire/snappy_frame.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = fuzz::view_of(data, size);
    Bytes plain;
    static_cast<void>(wire::uncompress_snappy_frames(input, plain));
    PUEUE_CHECK(plain.size() <= size * wire::snappy_chunk_bytes_max);

    if (size < 4) {
        return 0;
    }
    const std::size_t position = data[0] | std::size_t{data[1]} << 8;
    const std::uint8_t damage = data[2];
    const ByteView original = input.substr(3);
    Bytes stream = wire::compress_snappy_frames(original);
    char& damaged = stream[position % stream.size()];
    damaged = static_cast<char>(damaged ^ damage);
    plain.clear();
    const bool accepted = wire::uncompress_snappy_frames(stream, plain).has_value();
    PUEUE_CHECK(damage != 0 || (accepted && plain == original));
    // Damage can turn chunks into ones to be skipped, but not into other text.
    PUEUE_CHECK(
        original.size() > wire::snappy_chunk_bytes_max || plain.empty() || plain == original
    );
    return 0;
}
