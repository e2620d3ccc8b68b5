#include "daemon/state_file/json_reader.hpp"

#include <charconv>
#include <cstring>

namespace pueue::state_file {

namespace {

// What the original's parser bears.
constexpr int depth_max = 128;

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// What stands for itself inside of quotes. (Bytes of longer characters are negative or large.)
constexpr bool is_plain(char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
}

// Requires: not a surrogate, at most U+10FFFF. Result: how many bytes.
std::size_t write_utf8(char* to, std::uint32_t code) {
    const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
    if (code < 0x80) {
        to[0] = byte(code);
        return 1;
    }
    if (code < 0x800) {
        to[0] = byte(0xc0U | code >> 6);
        to[1] = byte(0x80U | (code & 0x3fU));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = byte(0xe0U | code >> 12);
        to[1] = byte(0x80U | (code >> 6 & 0x3fU));
        to[2] = byte(0x80U | (code & 0x3fU));
        return 3;
    }
    to[0] = byte(0xf0U | code >> 18);
    to[1] = byte(0x80U | (code >> 12 & 0x3fU));
    to[2] = byte(0x80U | (code >> 6 & 0x3fU));
    to[3] = byte(0x80U | (code & 0x3fU));
    return 4;
}

// A whole number that T can hold. Not a fraction or power of ten, not even of one.
template <class T>
std::optional<T> parse(std::string_view digits) {
    T value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    const bool is_minus_zero = digits.starts_with('-') && value == 0;
    return error == std::errc() && stopped == end && !is_minus_zero ? std::optional(value)
                                                                    : std::nullopt;
}

}  // namespace

void JsonReader::fail(std::string what) {
    if (!error_) {
        error_ = invalid(std::move(what) + " at byte " + std::to_string(at_));
        at_ = text_.size();
    }
}

// The next character that is not white space; 0 at the end.
char JsonReader::peek() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
            return c;
        }
        ++at_;
    }
    return '\0';
}

bool JsonReader::take(char c) {
    if (peek() != c || at_ == text_.size()) {
        return false;
    }
    ++at_;
    return true;
}

void JsonReader::expect(char c) {
    if (!take(c)) {
        fail(std::string("expected `") + c + "`");
    }
}

void JsonReader::open(char c, const char* what) {
    if (!take(c)) {
        fail(std::string("expected ") + what);
    } else if (++depth_ > depth_max) {
        fail("recursion limit exceeded");
    }
}

bool JsonReader::next_item(char closing, bool& is_first) {
    if (failed()) {
        return false;
    }
    if (take(closing)) {
        --depth_;
        return false;
    }
    if (!std::exchange(is_first, false)) {
        expect(',');
    }
    return !failed();
}

JsonReader::Object JsonReader::object() {
    open('{', "an object");
    return Object(*this);
}

bool JsonReader::Object::next() {
    if (!in_.next_item('}', is_first_)) {
        return false;
    }
    key_ = in_.string();
    in_.expect(':');
    return !in_.failed();
}

JsonReader::Array JsonReader::array() {
    open('[', "an array");
    return Array(*this);
}

bool JsonReader::Array::next() {
    return in_.next_item(']', is_first_);
}

bool JsonReader::at_string() {
    return peek() == '"';
}

std::string_view JsonReader::string() {
    if (!take('"')) {
        fail("expected a string");
        return {};
    }
    const std::size_t begin = at_;
    std::size_t to = begin;
    while (!failed() && at_ < text_.size() && text_[at_] != '"') {
        std::size_t plain = at_;
        while (plain < text_.size() && is_plain(text_[plain])) {
            ++plain;
        }
        if (to != at_) {
            std::memmove(text_.data() + to, text_.data() + at_, plain - at_);
        }
        to += plain - at_;
        at_ = plain;
        if (at_ < text_.size() && text_[at_] != '"') {
            escape(to);
        }
    }
    if (failed() || !take('"')) {
        fail("EOF while parsing a string");
        return {};
    }
    return std::string_view(text_).substr(begin, to - begin);
}

void JsonReader::escape(std::size_t& to) {
    if (text_[at_] != '\\') {
        fail("control character in a string");
        return;
    }
    ++at_;
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const std::size_t index = letters.find(c);
    if (c == 'u') {
        ++at_;
        const std::uint32_t code = code_point();
        if (!failed()) {
            to += write_utf8(text_.data() + to, code);
        }
    } else if (c == '\0' || index == std::string_view::npos) {
        fail("invalid escape");
    } else {
        ++at_;
        text_[to++] = meanings[index];
    }
}

std::uint32_t JsonReader::four_digits() {
    std::uint32_t value = 0;
    const char* begin = text_.data() + at_;
    const std::size_t size = std::min<std::size_t>(4, text_.size() - at_);
    const auto [stopped, error] = std::from_chars(begin, begin + size, value, 16);
    if (error != std::errc() || stopped != begin + 4) {
        fail("invalid escape");
        return 0;
    }
    at_ += 4;
    return value;
}

std::uint32_t JsonReader::code_point() {
    const std::uint32_t first = four_digits();
    if (first < 0xd800 || first > 0xdfff) {
        return first;
    }
    if (first > 0xdbff || std::string_view(text_).substr(at_, 2) != "\\u") {
        fail("lone surrogate in hex escape");
        return 0;
    }
    at_ += 2;
    const std::uint32_t second = four_digits();
    if (second < 0xdc00 || second > 0xdfff) {
        fail("lone surrogate in hex escape");
        return 0;
    }
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

// The text of a number: -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
std::string_view JsonReader::number() {
    static_cast<void>(peek());
    const std::size_t begin = at_;
    const auto digits = [&] {
        const std::size_t from = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) {
            ++at_;
        }
        return at_ > from;
    };
    const auto one_of = [&](std::string_view some) {
        const bool found = at_ < text_.size() && some.find(text_[at_]) != std::string_view::npos;
        at_ += found ? 1 : 0;
        return found;
    };
    one_of("-");
    bool is_good = one_of("0") || digits();
    if (is_good && one_of(".")) {
        is_good = digits();
    }
    if (is_good && one_of("eE")) {
        one_of("+-");
        is_good = digits();
    }
    if (!is_good) {
        fail("invalid number");
        return {};
    }
    return std::string_view(text_).substr(begin, at_ - begin);
}

std::uint64_t JsonReader::u64() {
    const std::optional<std::uint64_t> value = parse<std::uint64_t>(number());
    if (!value) {
        fail("expected a number from 0 to 18446744073709551615");
    }
    return value.value_or(0);
}

std::int32_t JsonReader::i32() {
    const std::optional<std::int32_t> value = parse<std::int32_t>(number());
    if (!value) {
        fail("expected a number from -2147483648 to 2147483647");
    }
    return value.value_or(0);
}

bool JsonReader::take_null() {
    if (peek() != 'n') {
        return false;
    }
    word("null");
    return true;
}

void JsonReader::word(std::string_view word) {
    if (std::string_view(text_).substr(at_, word.size()) != word) {
        fail("expected a value");
        return;
    }
    at_ += word.size();
}

// Recursion is bounded by depth_max.
void JsonReader::skip() {  // NOLINT(misc-no-recursion)
    switch (peek()) {
        case '{':
            for (Object members = object(); members.next();) {
                skip();
            }
            return;
        case '[':
            for (Array items = array(); items.next();) {
                skip();
            }
            return;
        case '"':
            static_cast<void>(string());
            return;
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            static_cast<void>(number());
    }
}

void JsonReader::end() {
    static_cast<void>(peek());
    if (at_ < text_.size()) {
        fail("trailing characters");
    }
}

}  // namespace pueue::state_file
