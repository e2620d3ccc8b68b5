#include "protocol/base/upstream_text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace pueue {

namespace {

struct Decoded {
    std::uint32_t code_point = 0;
    std::size_t bytes = 0;  ///< 0: not UTF-8
};

Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return static_cast<unsigned char>(text[i]);
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) {
        return {first, 1};
    }
    std::size_t size = 0;
    std::uint32_t value = 0;
    std::uint32_t smallest = 0;
    if ((first & 0xe0) == 0xc0) {
        size = 2, value = first & 0x1f, smallest = 0x80;
    } else if ((first & 0xf0) == 0xe0) {
        size = 3, value = first & 0x0f, smallest = 0x800;
    } else if ((first & 0xf8) == 0xf0) {
        size = 4, value = first & 0x07, smallest = 0x10000;
    }
    if (size == 0 || text.size() < size) {
        return {};
    }
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return {};
        }
        value = (value << 6) | (byte(i) & 0x3f);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    return value < smallest || value > 0x10ffff || surrogate ? Decoded{} : Decoded{value, size};
}

// What cannot be seen: controls, separators other than the blank, zero-width and direction marks,
// private use and the noncharacters. Combining marks are left alone here: behind another character
// the original leaves them alone too.
bool is_printable(std::uint32_t c) {
    const bool invisible = c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x1680 ||
                           (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
                           (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff ||
                           (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfff0 && c <= 0xfffb) ||
                           (c & 0xfffe) == 0xfffe || c >= 0xe0000;
    return !invisible;
}

}  // namespace

std::string os_text(int number) {
    std::array<char, 128> buffer{};
    // The GNU variant: returns the text, which need not be in the buffer.
    const char* text = ::strerror_r(number, buffer.data(), buffer.size());
    return std::string(text) + " (os error " + std::to_string(number) + ")";
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    std::array<char, 16> escape{};
    while (!text.empty()) {
        const Decoded next = decode(text);
        const std::size_t bytes = next.bytes == 0 ? 1 : next.bytes;
        const char c = text.front();
        if (next.bytes == 0) {
            std::snprintf(
                escape.data(),
                escape.size(),
                "\\x%02X",
                static_cast<unsigned>(static_cast<unsigned char>(c))
            );
            out += escape.data();
        } else if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\0') {
            out += "\\0";
        } else if (!is_printable(next.code_point)) {
            std::snprintf(escape.data(), escape.size(), "\\u{%x}", next.code_point);
            out += escape.data();
        } else {
            out += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    return out + '"';
}

std::string file_error_text(std::string_view path, std::string_view doing, int number) {
    std::string text = "I/O error at path ";
    text += quoted(path);
    text += " while ";
    text += doing;
    text += ":\n";
    return text + os_text(number);
}

std::string error_report(const std::vector<std::string>& messages, std::string_view program) {
    std::string text = "Error: \n";
    for (std::size_t i = 0; i < messages.size(); ++i) {
        text += "   " + std::to_string(i) + ": \x1b[91m";
        for (const char c : messages[i]) {
            text += c;
            text += c == '\n' ? "      " : "";
        }
        text += "\x1b[0m\n";
    }
    text.append("\nLocation:\n   \x1b[35m").append(program);
    text += "\x1b[0m:\x1b[35m1\x1b[0m\n\n";
    text += "Backtrace omitted. Run with RUST_BACKTRACE=1 environment variable to display it.\n";
    return text + "Run with RUST_BACKTRACE=full to include source snippets.\n";
}

}  // namespace pueue
