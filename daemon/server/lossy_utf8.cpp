#include "daemon/server/lossy_utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace pueue::server {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct Piece {
    std::size_t bytes = 1;
    enum class Kind { text, broken, cut } kind = Kind::broken;
};

std::uint8_t byte_at(ByteView bytes, std::size_t index) {
    return static_cast<std::uint8_t>(bytes[index]);
}

// How many bytes a sequence with this first byte has, and which second bytes it allows (Unicode,
// table 3-7). 0: it begins none.
struct Lead {
    std::size_t bytes = 0;
    std::uint8_t second_min = 0x80;
    std::uint8_t second_max = 0xBF;
};

Lead lead_of(std::uint8_t first) {
    if (first < 0x80) {
        return {1};
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return {2};
    }
    if (first >= 0xE0 && first <= 0xEF) {
        const std::uint8_t least = first == 0xE0 ? 0xA0 : 0x80;
        const std::uint8_t most = first == 0xED ? 0x9F : 0xBF;
        return {3, least, most};
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const std::uint8_t least = first == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t most = first == 0xF4 ? 0x8F : 0xBF;
        return {4, least, most};
    }
    return {};
}

// The first piece of non-empty bytes. As in the original's decoder, one replacement stands for the
// longest beginning of a sequence that could have been completed.
Piece first_piece(ByteView bytes) {
    const Lead lead = lead_of(byte_at(bytes, 0));
    if (lead.bytes == 0) {
        return {1, Piece::Kind::broken};
    }
    std::size_t good = 1;
    while (good < std::min(lead.bytes, bytes.size())) {
        const std::uint8_t next = byte_at(bytes, good);
        const std::uint8_t least = good == 1 ? lead.second_min : 0x80;
        const std::uint8_t most = good == 1 ? lead.second_max : 0xBF;
        if (next < least || next > most) {
            return {good, Piece::Kind::broken};
        }
        ++good;
    }
    return {good, good == lead.bytes ? Piece::Kind::text : Piece::Kind::cut};
}

}  // namespace

std::string LossyUtf8::feed(ByteView bytes) {
    pending_.append(bytes);
    ByteView rest = pending_;
    std::string text;
    text.reserve(rest.size());
    while (!rest.empty()) {
        const Piece piece = first_piece(rest);
        if (piece.kind == Piece::Kind::cut) {
            break;
        }
        text.append(piece.kind == Piece::Kind::text ? rest.substr(0, piece.bytes) : replacement);
        rest.remove_prefix(piece.bytes);
    }
    pending_ = Bytes(rest);
    return text;
}

std::string LossyUtf8::finish() {
    return std::exchange(pending_, {}).empty() ? std::string() : std::string(replacement);
}

}  // namespace pueue::server
