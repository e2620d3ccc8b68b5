#include "protocol/wire/cbor.hpp"

#include "protocol/base/text.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/wire/bounds.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <utility>

namespace pueue::wire {

namespace {

std::size_t shortest_head_bytes(std::uint64_t value) {
    if (value < 24) {
        return 1;
    }
    if (value <= 0xff) {
        return 2;
    }
    if (value <= 0xffff) {
        return 3;
    }
    return value <= 0xffffffff ? 5 : 9;
}

std::uint64_t load_be(ByteView bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) {
        value = value << 8 | static_cast<unsigned char>(c);
    }
    return value;
}

// The bits of the double that a float of 2, 4 or 8 bytes is equal to.
std::uint64_t widened(std::uint64_t bits, std::size_t width) {
    if (width == 8) {
        return bits;
    }
    if (width == 4) {
        const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        return std::bit_cast<std::uint64_t>(static_cast<double>(value));
    }
    const std::uint64_t sign = (bits & 0x8000) << 48;
    const std::uint64_t exponent = bits >> 10 & 0x1f;
    const std::uint64_t mantissa = bits & 0x3ff;
    if (exponent == 0) {
        return sign | std::bit_cast<std::uint64_t>(static_cast<double>(mantissa) * 0x1p-24);
    }
    constexpr std::uint64_t special = 0x7ff;  // infinities, and what is no number
    constexpr std::uint64_t rebias = 1023 - 15;
    return sign | (exponent == 31 ? special : exponent + rebias) << 52 | mantissa << 42;
}

}  // namespace

void Reader::fail_debug(std::string debug_text) {
    if (!failed_) {
        failed_ = true;
        error_text_ = std::move(debug_text);
    }
    has_octet_ = false;
}

void Reader::fail(std::string_view message) {
    if (!failed_) {
        fail_debug("Semantic(None, " + quoted(message) + ")");
    }
}

void Reader::fail_end() {
    fail_debug("Io(Error { kind: UnexpectedEof, message: \"failed to fill whole buffer\" })");
}

void Reader::fail_syntax(std::size_t offset) {
    fail_debug("Syntax(" + std::to_string(offset) + ")");
}

bool Reader::pull_argument(std::size_t start, Argument& argument) {
    const auto first = static_cast<unsigned char>(input_[start]);
    const unsigned major = first >> 5;
    const unsigned info = first & 0x1fU;
    argument = {info, 0, info == 31};
    if (info < 24) {
        return true;
    }
    const bool can_be_indefinite = major >= 2 && major != 6;
    if (info >= 28 && !(argument.indefinite && can_be_indefinite)) {
        fail_syntax(start);
        return false;
    }
    argument.width = argument.indefinite ? 0 : std::size_t{1} << (info - 24);
    if (input_.size() - start - 1 < argument.width) {
        fail_end();
        return false;
    }
    if (argument.width > 0) {
        argument.value = load_be(input_.substr(start + 1, argument.width));
    }
    return true;
}

Reader::Head Reader::pull() {
    if (failed_) {
        return {};
    }
    if (std::exchange(has_octet_, false)) {
        return {Kind::positive, false, octet_, position_};
    }
    const bool was_peeked = std::exchange(peeked_, false);
    const std::size_t start = position_;
    if (start == input_.size()) {
        fail_end();
        return {};
    }
    Argument argument;
    if (!pull_argument(start, argument)) {
        return {};
    }
    position_ = start + 1 + argument.width;
    // The original puts a head back in its shortest form after a look at it, and then counts that.
    const std::size_t shortest = argument.indefinite ? 1 : shortest_head_bytes(argument.value);
    const std::size_t offset = was_peeked ? position_ - shortest : start;
    const unsigned major = static_cast<unsigned char>(input_[start]) >> 5;
    constexpr std::array<Kind, 7> kinds = {
        Kind::positive, Kind::negative, Kind::bytes, Kind::text, Kind::array, Kind::map, Kind::tag};
    if (major < kinds.size()) {
        return {kinds[major], argument.indefinite, argument.value, offset};
    }
    if (argument.indefinite) {
        return {Kind::end, false, 0, offset};
    }
    if (argument.width >= 2) {
        return {Kind::floating, false, widened(argument.value, argument.width), offset};
    }
    return {Kind::simple, false, argument.value, offset};
}

Reader::Head Reader::peek() {
    if (has_octet_) {
        return {Kind::positive, false, octet_, position_};
    }
    const std::size_t start = position_;
    const Head head = pull();
    position_ = start;
    peeked_ = true;
    return head;
}

Reader::Head Reader::pull_untagged() {
    Head head = pull();
    while (head.kind == Kind::tag) {
        head = pull();
    }
    return head;
}

Reader::Integer Reader::integer() {
    for (;;) {
        const Head head = pull();
        switch (head.kind) {
            case Kind::positive:
                return {false, false, false, head.value};
            case Kind::negative:
                return {true, false, false, head.value};
            case Kind::tag:
                if (head.value == tag_positive_bignum || head.value == tag_negative_bignum) {
                    return big_integer(head.value == tag_negative_bignum);
                }
                continue;
            case Kind::bytes:
            case Kind::text:
            case Kind::array:
            case Kind::map:
            case Kind::simple:
            case Kind::floating:
            case Kind::end:
            case Kind::none:
                break;
        }
        fail_type(head, "integer");
        return {};
    }
}

Reader::Integer Reader::big_integer(bool negative) {
    const Head head = pull();
    if (head.kind != Kind::bytes) {
        fail_type(head, "bytes");
        return {};
    }
    ByteView digits = pull_string(head, Kind::bytes);
    digits.remove_prefix(std::min(digits.find_first_not_of('\0'), digits.size()));
    if (digits.size() > 16) {
        fail("bigint too large");
        return {};
    }
    const bool beyond_i128 = digits.size() == 16 && (digits.front() & 0x80) != 0;
    return {negative, digits.size() > 8, beyond_i128, load_be(digits)};
}

std::uint64_t Reader::u64() {
    const Integer number = integer();
    if (failed_) {
        return 0;
    }
    if (number.negative) {
        fail("unexpected negative integer");
        return 0;
    }
    if (number.too_large) {
        fail("integer too large");
        return 0;
    }
    return number.value;
}

std::int64_t Reader::i64() {
    const Integer number = integer();
    if (failed_) {
        return 0;
    }
    if (number.too_large || number.value > std::numeric_limits<std::int64_t>::max()) {
        fail("integer too large");
        return 0;
    }
    const auto value = static_cast<std::int64_t>(number.value);
    return number.negative ? -1 - value : value;
}

bool Reader::boolean() {
    const Head head = pull_untagged();
    if (failed_) {
        return false;
    }
    const bool is_boolean = head.value == simple_false || head.value == simple_true;
    if (head.kind != Kind::simple || !is_boolean) {
        fail_debug("Semantic(Some(" + std::to_string(head.offset) + "), \"expected bool\")");
        return false;
    }
    return head.value == simple_true;
}

bool Reader::take_null() {
    const Head head = peek();
    if (head.kind != Kind::simple ||
        (head.value != simple_null && head.value != simple_undefined)) {
        return false;
    }
    pull();
    return true;
}

ByteView Reader::pull_bytes(std::size_t size) {
    if (failed_) {
        return {};
    }
    if (input_.size() - position_ < size) {
        fail_end();
        return {};
    }
    const ByteView taken = input_.substr(position_, size);
    position_ += size;
    return taken;
}

// The content of a string whose first head has been read, whole or in segments.
ByteView Reader::pull_string(const Head& first, Kind kind) {
    if (first.indefinite) {
        return pull_segments(kind);
    }
    const ByteView content = pull_bytes(first.value);
    if (kind == Kind::text && !is_utf8(content)) {
        fail_syntax(position_ - content.size() - shortest_head_bytes(first.value));
        return {};
    }
    return content;
}

// Segments may be indefinite themselves, to any depth; that costs no recursion.
ByteView Reader::pull_segments(Kind kind) {
    std::string content;
    for (std::size_t open = 1; open > 0;) {
        const Head head = pull();
        if (head.kind == Kind::end) {
            --open;
        } else if (head.kind == kind && head.indefinite) {
            ++open;
        } else if (head.kind == kind) {
            const ByteView segment = pull_bytes(head.value);
            if (kind == Kind::text && !is_utf8(segment)) {
                fail_syntax(head.offset);
            }
            content.append(segment);
        } else {
            fail_syntax(head.offset);
        }
        if (failed_) {
            return {};
        }
    }
    joined_.push_front(std::move(content));
    return joined_.front();
}

std::string_view Reader::text() {
    const Head head = pull_untagged();
    if (head.kind != Kind::text) {
        fail_type(head, "string");
        return {};
    }
    return pull_string(head, Kind::text);
}

std::string_view Reader::short_text() {
    const Head head = pull_untagged();
    if (head.kind != Kind::text || head.indefinite || head.value > name_bytes_max) {
        fail_type(head, "str");
        return {};
    }
    const std::string_view content = pull_bytes(head.value);
    if (!is_utf8(content)) {
        fail_syntax(head.offset);
        return {};
    }
    return content;
}

std::string_view Reader::name() {
    const Head head = pull_untagged();
    const bool is_string = head.kind == Kind::text || head.kind == Kind::bytes;
    if (!is_string || head.indefinite || head.value > name_bytes_max) {
        fail_type(head, "str or bytes");
        return {};
    }
    const std::string_view content = pull_bytes(head.value);
    if (head.kind == Kind::text && !is_utf8(content)) {
        fail_syntax(head.offset);
        return {};
    }
    return content;
}

ByteView Reader::bytes() {
    const Head head = pull_untagged();
    if (head.kind != Kind::bytes) {
        fail_type(head, "bytes");
        return {};
    }
    return pull_string(head, Kind::bytes);
}

bool Reader::take_same(ByteView bytes) {
    if (failed_ || input_.substr(position_, bytes.size()) != bytes) {
        return false;
    }
    position_ += bytes.size();
    peeked_ = false;
    return true;
}

void Reader::enter() {
    if (depth_ >= nesting_max) {
        fail_debug("RecursionLimitExceeded");
    }
    ++depth_;  // also after a failure, so that leaving needs no condition
}

Reader::Nested::Nested(Reader& in, std::uint64_t count, bool indefinite, bool is_map)
    : in_(in), left_(count), indefinite_(indefinite), is_map_(is_map) {
    in_.enter();
}

// A byte string costs no nesting.
Reader::Nested::Nested(Reader& in, ByteView octets)
    : in_(in), left_(octets.size()), is_octets_(true), octets_(octets) {
    ++in_.depth_;
}

Reader::Nested::Nested(Reader& in, std::string_view* name) : in_(in) {
    in_.enter();
    *name = in_.name();
}

Reader::Nested::~Nested() {
    --in_.depth_;
}

bool Reader::Nested::next() {
    if (in_.failed_) {
        return false;
    }
    if (indefinite_) {
        const Head head = in_.peek();
        if (head.kind == Kind::end) {
            in_.pull();
            return false;
        }
        return !in_.failed_;
    }
    if (left_ == 0) {
        return false;
    }
    --left_;
    if (is_octets_) {
        in_.octet_ = static_cast<unsigned char>(octets_[octets_.size() - 1 - left_]);
        in_.has_octet_ = true;
    }
    return true;
}

Reader::Nested Reader::array() {
    const Head head = pull_untagged();
    if (head.kind == Kind::bytes) {
        return Nested(*this, pull_string(head, Kind::bytes));
    }
    if (head.kind != Kind::array) {
        fail_type(head, "array");
    }
    return Nested(*this, head.value, head.indefinite, false);
}

Reader::Nested Reader::map() {
    const Head head = pull_untagged();
    if (head.kind != Kind::map) {
        fail_type(head, "map");
    }
    return Nested(*this, head.value, head.indefinite, true);
}

Reader::Nested Reader::variant(std::string_view& name) {
    Head head = peek();
    while (head.kind == Kind::tag) {
        pull();
        head = peek();
    }
    const bool has_content = head.kind == Kind::map && !head.indefinite && head.value == 1;
    if (has_content) {
        pull();
    } else if (head.kind != Kind::text) {
        fail_type(head, "enum");
    }
    return Nested(*this, &name);
}

Reader::Nested Reader::variant_fields(std::string_view expecting) {
    const Head head = peek();
    if (head.kind == Kind::array || head.kind == Kind::map) {
        pull();
    } else if (!failed_) {
        const std::string unexpected = describe_any();
        fail("invalid type: " + unexpected + ", expected " + std::string(expecting));
    }
    return Nested(*this, head.value, head.indefinite, head.kind == Kind::map);
}

}  // namespace pueue::wire
