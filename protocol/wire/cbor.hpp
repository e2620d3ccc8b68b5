// CBOR as the protocol uses it: a pull parser over bytes that lie in memory, and a writer.
//
// Reader is total. The first thing that is wrong is remembered, in the words of the original's
// decoder, and from then on every call returns an empty value and every container ends; so code
// that reads a message is straight-line and looks at failed() once, at the end. Nothing is
// allocated on the strength of a length in the input, and nesting is limited. What it tolerates is
// what the original tolerates (pueued 2.3), item by item: it moves over the input in exactly the
// same steps. Writer makes definite lengths and shortest integers only. Both know nothing of
// messages.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>

namespace pueue::wire {

class Reader {
  public:
    /// The bytes outlive the reader and what it returns.
    explicit Reader(ByteView input) : input_(input) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // Tags before any of these are skipped.
    [[nodiscard]] std::uint64_t u64();
    [[nodiscard]] std::int64_t i64();
    [[nodiscard]] bool boolean();
    /// True and moved on if null or undefined is next.
    [[nodiscard]] bool take_null();

    // Strings. The views live as long as both the input and the reader.
    /// UTF-8 in one piece or several.
    [[nodiscard]] std::string_view text();
    /// UTF-8 in one piece of at most name_bytes_max.
    [[nodiscard]] std::string_view short_text();
    /// The name of a field or variant: as short_text, or the same as a byte string.
    [[nodiscard]] std::string_view name();
    [[nodiscard]] ByteView bytes();

    /// An array, map or variant that has been entered, to be left by destroying it:
    /// `for (Reader::Nested items = in.array(); items.next();) { … }`, for a map one round per
    /// pair.
    class Nested {
      public:
        ~Nested();
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;

        /// There is one more, and it is what the reader stands at now.
        [[nodiscard]] bool next();
        /// As announced, so good for a guess and nothing else.
        [[nodiscard]] std::uint64_t announced() const { return left_; }
        [[nodiscard]] bool is_map() const { return is_map_; }

      private:
        friend class Reader;
        Nested(Reader& in, std::uint64_t count, bool indefinite, bool is_map);
        Nested(Reader& in, ByteView octets);
        Nested(Reader& in, std::string_view* name);

        Reader& in_;
        std::uint64_t left_ = 0;
        bool indefinite_ = false;
        bool is_map_ = false;
        bool is_octets_ = false;
        ByteView octets_;  ///< a byte string read as an array
    };

    /// A byte string counts as an array of small integers.
    [[nodiscard]] Nested array();
    [[nodiscard]] Nested map();
    /// A variant: bare text, or a map of exactly one. `name` is read; if the variant has a content,
    /// the reader stands at it. There is no next().
    [[nodiscard]] Nested variant(std::string_view& name);
    /// The fields of a variant that has some: a map of names, or an array in the order of the
    /// fields. `expecting` is for the error.
    [[nodiscard]] Nested variant_fields(std::string_view expecting);

    /// One item of any kind, with all that is in it.
    void skip();

    /// `bytes` are next in the input: moved over without another look. For callers that have read
    /// exactly these bytes before.
    [[nodiscard]] bool take_same(ByteView bytes);
    /// What has not been read.
    [[nodiscard]] ByteView rest() const { return input_.substr(position_); }

    [[nodiscard]] bool failed() const { return failed_; }
    /// Rust's Debug form of the original's error: `Semantic(None, "missing field `tasks`")`.
    [[nodiscard]] const std::string& error_text() const { return error_text_; }
    /// The same for callers with a Result. Requires: failed().
    [[nodiscard]] Error error() const { return invalid(error_text_); }
    /// Well-formed, but not what it should be. Only the first failure counts.
    void fail(std::string_view message);

  private:
    static constexpr std::uint64_t tag_positive_bignum = 2;
    static constexpr std::uint64_t tag_negative_bignum = 3;
    static constexpr std::uint64_t simple_false = 20;
    static constexpr std::uint64_t simple_true = 21;
    static constexpr std::uint64_t simple_null = 22;
    static constexpr std::uint64_t simple_undefined = 23;

    enum class Kind : std::uint8_t {
        none,  ///< the reader has failed
        positive,
        negative,  ///< -1 - value
        bytes,
        text,
        array,
        map,
        tag,
        simple,
        floating,  ///< value: the bits of a double
        end,       ///< "break"
    };
    struct Head {
        Kind kind = Kind::none;
        bool indefinite = false;
        std::uint64_t value = 0;
        std::size_t offset = 0;  ///< where the original says that it is
    };
    struct Integer {
        bool negative = false;
        bool too_large = false;    ///< for 64 bits
        bool beyond_i128 = false;  ///< for 127 bits
        std::uint64_t value = 0;
    };

    /// What a head says besides its kind, and in how many bytes after the first.
    struct Argument {
        std::uint64_t value = 0;
        std::size_t width = 0;
        bool indefinite = false;
    };

    [[nodiscard]] bool pull_argument(std::size_t start, Argument& argument);
    Head pull();
    Head peek();
    Head pull_untagged();
    ByteView pull_bytes(std::size_t size);
    ByteView pull_string(const Head& first, Kind kind);
    ByteView pull_segments(Kind kind);
    Integer integer();
    Integer big_integer(bool negative);
    bool skip_tagged();
    [[nodiscard]] static std::string describe(const Head& head);
    [[nodiscard]] std::string describe_any();

    void fail_debug(std::string debug_text);
    void fail_end();
    void fail_syntax(std::size_t offset);
    void fail_type(const Head& head, std::string_view expected);
    void enter();

    ByteView input_;
    std::size_t position_ = 0;
    int depth_ = 0;
    bool peeked_ = false;
    bool failed_ = false;
    bool has_octet_ = false;  ///< inside a byte string read as an array: its next element
    std::uint8_t octet_ = 0;
    std::string error_text_;
    std::forward_list<std::string> joined_;  ///< strings that came in pieces
};

/// The bytes begin with one item that the original can read as a value of unknown type.
[[nodiscard]] bool is_well_formed(ByteView bytes);

/// Appends to a string that it does not own.
class Writer {
  public:
    explicit Writer(Bytes& to) : to_(to) {}

    void u64(std::uint64_t value) { head(0x00, value); }
    void i64(std::int64_t value);
    void boolean(bool value) { to_.push_back(value ? '\xf5' : '\xf4'); }
    void null() { to_.push_back('\xf6'); }
    /// Requires: UTF-8, or the peer cannot read it.
    void text(std::string_view value);
    void bytes(ByteView value);
    /// `count` items follow,
    void array(std::uint64_t count) { head(0x80, count); }
    /// or `count` pairs of items.
    void map(std::uint64_t count) { head(0xa0, count); }
    /// The original's form of bytes: an array of integers, a number each.
    void array_of_octets(ByteView octets);
    /// Items that are encoded already.
    void raw(ByteView items) { to_.append(items); }

  private:
    void head(unsigned char major, std::uint64_t value);

    Bytes& to_;
};

}  // namespace pueue::wire
