#include "protocol/base/text.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

namespace pueue {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

// What a lead byte allows: how long the character is, and the range of the byte after it, which is
// where overlong forms, surrogates and values beyond U+10FFFF are ruled out.
struct Lead {
    std::size_t size = 0;  ///< 0: not a lead byte
    unsigned char second_min = 0x80;
    unsigned char second_max = 0xbf;
};

constexpr Lead lead_of(unsigned char byte) {
    if (byte < 0x80) {
        return {1, 0, 0};
    }
    if (byte >= 0xc2 && byte <= 0xdf) {
        return {2, 0x80, 0xbf};
    }
    if (byte >= 0xe0 && byte <= 0xef) {
        const bool overlong = byte == 0xe0;
        const bool surrogate = byte == 0xed;
        return {
            3,
            static_cast<unsigned char>(overlong ? 0xa0 : 0x80),
            static_cast<unsigned char>(surrogate ? 0x9f : 0xbf)};
    }
    if (byte >= 0xf0 && byte <= 0xf4) {
        const bool overlong = byte == 0xf0;
        const bool beyond = byte == 0xf4;
        return {
            4,
            static_cast<unsigned char>(overlong ? 0x90 : 0x80),
            static_cast<unsigned char>(beyond ? 0x8f : 0xbf)};
    }
    return {};
}

struct Character {
    std::size_t bytes = 1;  ///< valid: its size; not valid: how many bytes stand for one error
    bool valid = false;
};

// Requires: `text` is not empty.
Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const Lead lead = lead_of(byte(0));
    if (lead.size <= 1) {
        return {1, lead.size == 1};
    }
    for (std::size_t i = 1; i < lead.size; ++i) {
        const unsigned char min = i == 1 ? lead.second_min : 0x80;
        const unsigned char max = i == 1 ? lead.second_max : 0xbf;
        if (i >= text.size() || byte(i) < min || byte(i) > max) {
            return {i, false};
        }
    }
    return {lead.size, true};
}

// Nearly all text is ASCII, eight bytes of it at a time.
std::size_t ascii_prefix(std::string_view text) {
    std::size_t i = 0;
    while (i + sizeof(std::uint64_t) <= text.size()) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + i, sizeof eight);
        if ((eight & 0x8080808080808080U) != 0) {
            break;
        }
        i += sizeof eight;
    }
    while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) {
        ++i;
    }
    return i;
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) {
    std::size_t good = 0;
    for (;;) {
        good += ascii_prefix(text.substr(good));
        if (good == text.size()) {
            return good;
        }
        const Character next = first_character(text.substr(good));
        if (!next.valid) {
            return good;
        }
        good += next.bytes;
    }
}

std::string to_utf8_lossy(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (;;) {
        const std::size_t good = utf8_prefix(text);
        clean.append(text.substr(0, good));
        text.remove_prefix(good);
        if (text.empty()) {
            return clean;
        }
        clean.append(replacement);
        text.remove_prefix(first_character(text).bytes);
    }
}

std::string last_lines_of(std::string_view text, std::uint64_t lines) {
    std::string joined;
    if (text.empty()) {
        return joined;
    }
    bool is_terminated = text.ends_with('\n');
    text.remove_suffix(is_terminated ? 1 : 0);
    std::vector<std::string_view> parts;  // the last one first
    for (; parts.size() < lines; is_terminated = true) {
        const std::size_t newline = text.rfind('\n');
        std::string_view line = text.substr(newline + 1);
        if (is_terminated && line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        parts.push_back(is_utf8(line) ? line : unreadable_line);
        if (newline == std::string_view::npos) {
            break;
        }
        text = text.substr(0, newline);
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        joined.append(part == parts.rbegin() ? "" : "\n").append(*part);
    }
    return joined;
}

}  // namespace pueue
