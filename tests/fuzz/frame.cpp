// Frames out of any bytes: the same ones however the bytes are cut into pieces, none larger than
// allowed, and never room for more than has arrived and a little.
#include "protocol/wire/frame.hpp"

#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <vector>

using namespace pueue;

namespace {

struct Outcome {
    std::vector<Bytes> payloads;
    bool is_refused = false;

    bool operator==(const Outcome&) const = default;
};

Outcome read_frames(ByteView stream, std::size_t piece, std::size_t max, std::size_t kept) {
    wire::FrameReader reader(max, kept);
    Outcome outcome;
    std::size_t arrived = 0;
    while (!stream.empty()) {
        reader.feed(stream.substr(0, piece));
        arrived += std::min(piece, stream.size());
        stream.remove_prefix(std::min(piece, stream.size()));
        for (;;) {
            Result<std::optional<Bytes>> next = reader.next();
            if (next.has_error()) {
                outcome.is_refused = true;
                return outcome;
            }
            if (!*next) {
                break;
            }
            PUEUE_CHECK((*next)->size() <= std::min(max, kept));
            outcome.payloads.push_back(std::move(**next));
        }
        PUEUE_CHECK(reader.room().size() <= std::max(arrived, std::size_t{64} * 1024));
    }
    return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    const std::size_t piece = data[0] + std::size_t{1};
    const std::size_t max = std::size_t{1} << (data[1] % 64);
    const std::size_t kept = std::size_t{1} << (data[2] % 64);
    const ByteView input = fuzz::view_of(data + 3, size - 3);
    PUEUE_CHECK(read_frames(input, piece, max, kept) == read_frames(input, size, max, kept));

    const Outcome framed = read_frames(wire::frame(input), piece, size, size);
    PUEUE_CHECK(framed.payloads == std::vector<Bytes>{Bytes(input)});
    return 0;
}
