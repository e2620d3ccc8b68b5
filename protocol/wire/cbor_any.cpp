// Items of which nothing is expected, and what errors call the ones that were not.
#include "protocol/base/upstream_text.hpp"
#include "protocol/wire/cbor.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <string>

namespace pueue::wire {

namespace {

// The shortest digits that read back as the same number, never with an exponent: what is left of a
// large number's point is filled up with zeros.
std::string float_text(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value < 0 ? "-inf" : "inf";
    }
    constexpr double has_exact_digits = 9007199254740992.0;
    const bool is_large = std::abs(value) >= has_exact_digits;
    const auto format = is_large ? std::chars_format::scientific : std::chars_format::fixed;
    std::array<char, 512> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
    std::string text(buffer.data(), end.ptr);
    if (is_large) {
        const std::size_t mark = text.find('e');
        const std::size_t exponent = std::stoul(text.substr(mark + 2));
        text.resize(mark);
        std::erase(text, '.');
        text.resize(exponent + 1 + (value < 0 ? 1 : 0), '0');
    }
    return text.find('.') == std::string::npos ? text + ".0" : text;
}

}  // namespace

void Reader::fail_type(const Head& head, std::string_view expected) {
    if (!failed_) {
        fail("invalid type: " + describe(head) + ", expected " + std::string(expected));
    }
}

std::string Reader::describe(const Head& head) {
    switch (head.kind) {
        case Kind::positive:
            return "integer `" + std::to_string(head.value) + "`";
        case Kind::negative:
            return "integer `" + std::to_string(static_cast<std::int64_t>(~head.value)) + "`";
        case Kind::bytes:
            return "bytes";
        case Kind::text:
            return "string";
        case Kind::array:
            return "sequence";
        case Kind::map:
            return "map";
        case Kind::tag:
            return "tag";
        case Kind::simple:
            switch (head.value) {
                case simple_false:
                    return "boolean `false`";
                case simple_true:
                    return "boolean `true`";
                case simple_null:
                    return "null";
                case simple_undefined:
                    return "undefined";
                default:
                    return "simple";
            }
        case Kind::floating:
            return "floating point `" + float_text(std::bit_cast<double>(head.value)) + "`";
        case Kind::end:
            return "break";
        case Kind::none:
            break;
    }
    return {};
}

void Reader::skip() {
    const Head head = peek();
    switch (head.kind) {
        case Kind::none:
            return;
        case Kind::positive:
        case Kind::negative:
        case Kind::floating:
            pull();
            return;
        case Kind::bytes:
        case Kind::text:
            pull();
            pull_string(head, head.kind);
            return;
        case Kind::array:
            pull();
            for (Nested items(*this, head.value, head.indefinite, false); items.next();) {
                skip();
            }
            return;
        case Kind::map:
            for (Nested pairs = map(); pairs.next();) {
                skip();
                skip();
            }
            return;
        case Kind::tag:
            skip_tagged();
            return;
        case Kind::simple:
            if (head.value < simple_false || head.value > simple_undefined) {
                fail_type(head, "known simple value");
            }
            pull();
            return;
        case Kind::end:
            fail_type(head, "non-break");
            return;
    }
}

bool Reader::skip_tagged() {
    const Head tag = pull();
    const Head head = peek();
    const bool is_number = tag.value == tag_positive_bignum || tag.value == tag_negative_bignum;
    if (is_number && head.kind == Kind::bytes && !head.indefinite && head.value <= 16) {
        const Integer number = big_integer(tag.value == tag_negative_bignum);
        if (number.negative && number.beyond_i128) {
            fail("integer too large");
        }
        return true;
    }
    const Nested inside(*this, 0, false, false);
    skip();
    return false;
}

// What the original calls an item that it has read without knowing what to expect.
std::string Reader::describe_any() {
    const Head head = peek();
    switch (head.kind) {
        case Kind::text:
            return "string " + quoted(text());
        case Kind::bytes:
            skip();
            return "byte array";
        case Kind::tag:
            return skip_tagged() ? "integer" : "enum";
        case Kind::simple:
            skip();
            return head.value >= simple_null ? "Option value" : describe(head);
        case Kind::none:
        case Kind::positive:
        case Kind::negative:
        case Kind::array:
        case Kind::map:
        case Kind::floating:
        case Kind::end:
            break;
    }
    skip();
    return describe(head);
}

bool is_well_formed(ByteView bytes) {
    Reader in(bytes);
    in.skip();
    return !in.failed();
}

}  // namespace pueue::wire
