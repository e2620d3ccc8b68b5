// JSON as one walk from the first byte to the last, without a tree: whoever reads says what it
// wants next, as in protocol/wire/cbor.
//
// Total: any bytes give values or an error. The first error is kept and says at which byte; from
// then on every call returns something harmless, so a caller asks once, at the end. Nesting is
// bounded, and nothing is allocated: texts are views into the input, where escapes are resolved in
// place. Strict where the original's parser is: no byte order mark, no comma too many, no lone
// surrogate, nothing behind the value.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::state_file {

class JsonReader {
  public:
    /// Requires: `text` is UTF-8. It is overwritten while it is read, and outlives all views.
    explicit JsonReader(Bytes& text) : text_(text) {}

    /// The members of an object, one after the other:
    /// `for (Object members = in.object(); members.next();) { … members.key() …, one value }`.
    class Object {
      public:
        /// Whether there is another member; then its value is to be read next.
        [[nodiscard]] bool next();
        [[nodiscard]] std::string_view key() const noexcept { return key_; }

      private:
        friend class JsonReader;
        explicit Object(JsonReader& in) : in_(in) {}

        JsonReader& in_;
        std::string_view key_;
        bool is_first_ = true;
    };
    class Array {
      public:
        [[nodiscard]] bool next();

      private:
        friend class JsonReader;
        explicit Array(JsonReader& in) : in_(in) {}

        JsonReader& in_;
        bool is_first_ = true;
    };

    [[nodiscard]] Object object();
    [[nodiscard]] Array array();
    [[nodiscard]] std::string_view string();
    [[nodiscard]] std::uint64_t u64();
    [[nodiscard]] std::int32_t i32();
    /// Takes a null, if that is what comes next.
    [[nodiscard]] bool take_null();
    /// Whether a text comes next.
    [[nodiscard]] bool at_string();
    /// Any value, with everything in it.
    void skip();
    /// There must be nothing more.
    void end();

    /// Notes an error of the caller's own.
    void fail(std::string what);
    [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
    /// Requires: failed().
    [[nodiscard]] const Error& error() const { return *error_; }

  private:
    [[nodiscard]] char peek();
    [[nodiscard]] bool take(char c);
    void expect(char c);
    void open(char c, const char* what);
    [[nodiscard]] bool next_item(char closing, bool& is_first);
    [[nodiscard]] std::string_view number();
    void word(std::string_view word);
    void escape(std::size_t& to);
    [[nodiscard]] std::uint32_t four_digits();
    [[nodiscard]] std::uint32_t code_point();

    Bytes& text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::optional<Error> error_;
};

}  // namespace pueue::state_file
