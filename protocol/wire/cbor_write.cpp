#include "protocol/wire/cbor.hpp"

namespace pueue::wire {

void Writer::head(unsigned char major, std::uint64_t value) {
    const auto put = [&](unsigned info, int width) {
        to_.push_back(static_cast<char>(major | info));
        for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
            to_.push_back(static_cast<char>(value >> shift));
        }
    };
    if (value < 24) {
        to_.push_back(static_cast<char>(major | value));
    } else if (value <= 0xff) {
        put(24, 1);
    } else if (value <= 0xffff) {
        put(25, 2);
    } else if (value <= 0xffffffff) {
        put(26, 4);
    } else {
        put(27, 8);
    }
}

void Writer::i64(std::int64_t value) {
    if (value >= 0) {
        head(0x00, static_cast<std::uint64_t>(value));
    } else {
        head(0x20, ~static_cast<std::uint64_t>(value));
    }
}

void Writer::text(std::string_view value) {
    head(0x60, value.size());
    to_.append(value);
}

void Writer::bytes(ByteView value) {
    head(0x40, value.size());
    to_.append(value);
}

void Writer::array_of_octets(ByteView octets) {
    array(octets.size());
    const std::size_t before = to_.size();
    to_.resize(before + 2 * octets.size());
    char* end = to_.data() + before;
    for (const char octet : octets) {
        if (static_cast<unsigned char>(octet) >= 24) {
            *end++ = 24;
        }
        *end++ = octet;
    }
    to_.resize(static_cast<std::size_t>(end - to_.data()));
}

}  // namespace pueue::wire
