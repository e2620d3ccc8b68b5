#include "daemon/state_file/json_reader.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace pueue::state_file {
namespace {

/// What `read` makes of a whole text, or the error.
template <class Read>
auto read_all(Bytes text, Read read) {
    JsonReader in(text);
    auto value = read(in);
    in.end();
    using Value = decltype(value);
    return in.failed() ? Result<Value>(in.error()) : Result<Value>(value);
}

Result<std::string> string(const Bytes& text) {
    return read_all(text, [](JsonReader& in) { return std::string(in.string()); });
}
Result<std::uint64_t> u64(const Bytes& text) {
    return read_all(text, [](JsonReader& in) { return in.u64(); });
}
Result<std::int32_t> i32(const Bytes& text) {
    return read_all(text, [](JsonReader& in) { return in.i32(); });
}
Result<bool> skipped(const Bytes& text) {
    return read_all(text, [](JsonReader& in) {
        in.skip();
        return true;
    });
}

TEST(JsonReader, ResolvesEscapes) {
    EXPECT_EQ(string(R"("")").value(), "");
    EXPECT_EQ(string(R"( "a\"\\\/\b\f\n\r\tz" )").value(), "a\"\\/\b\f\n\r\tz");
    EXPECT_EQ(string(R"("\u0041\u00fc\u20AC\ud83d\ude00 end")").value(), "Aü€😀 end");
    EXPECT_EQ(string(R"("\u0000")").value(), std::string(1, '\0'));
    EXPECT_EQ(string("\"ünïcode stays\"").value(), "ünïcode stays");
}

TEST(JsonReader, RefusesWhatIsNoString) {
    const std::vector<Bytes> wrong{
        "",
        "\"",
        "\"a",
        "a",
        "\"\n\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\u",
        "\"\\ud800\\",
        "\"\\ud800\\u",
        "\"\\ud800\\u0041\"",
        "\"\" \"\"",
        "'a'",
        Bytes("\"\\\0\"", 4)};
    for (const Bytes& text : wrong) {
        EXPECT_TRUE(string(text).has_error()) << text;
    }
}

TEST(JsonReader, ReadsWholeNumbersThatFit) {
    EXPECT_EQ(u64("0").value(), 0U);
    EXPECT_EQ(u64("18446744073709551615").value(), 18446744073709551615U);
    EXPECT_EQ(i32("-2147483648").value(), -2147483647 - 1);
    EXPECT_EQ(i32("2147483647").value(), 2147483647);
    for (const char* wrong :
         {"18446744073709551616",
          "-1",
          "-0",
          "1.0",
          "1e3",
          "01",
          "+1",
          "",
          "-",
          "1.",
          "1e",
          "x",
          "99999999999999999999999999999999999999999999"}) {
        EXPECT_TRUE(u64(wrong).has_error()) << wrong;
    }
    for (const char* wrong : {"2147483648", "-2147483649", "-0", "1.5", "\"1\"", "null"}) {
        EXPECT_TRUE(i32(wrong).has_error()) << wrong;
    }
}

TEST(JsonReader, SkipsAnyValueAndNothingElse) {
    for (const char* good :
         {"1",
          "-0",
          "1.5",
          "1E+9",
          "-1e-9",
          "true",
          "false",
          "null",
          "\"\\n\"",
          "{}",
          "[]",
          " [ ] ",
          "[1, [2], {\"a\" : {}}]",
          "\r\n\t{\"a\":1,\"a\":2}"}) {
        EXPECT_TRUE(skipped(good).has_value()) << good;
    }
    for (const char* bad : {"",         " ",
                            "[",        "{",
                            "]",        "}",
                            "[1",       "[1,",
                            "[1,]",     "[,1]",
                            "[1 2]",    "{\"a\"}",
                            "{\"a\":}", "{\"a\":1,}",
                            "{,}",      "{a:1}",
                            "{1:1}",    "{\"a\":1 \"b\":2}",
                            "[}",       "{]",
                            "tru",      "nul",
                            "True",     "NaN",
                            "// a",     "1 1",
                            "{} {}",    "\xef\xbb\xbf{}"}) {
        EXPECT_TRUE(skipped(bad).has_error()) << bad;
    }
}

TEST(JsonReader, BoundsNesting) {
    const auto nested = [](std::size_t depth) { return Bytes(depth, '[') + Bytes(depth, ']'); };
    EXPECT_TRUE(skipped(nested(128)).has_value());
    EXPECT_TRUE(skipped(nested(129)).has_error());
    EXPECT_TRUE(skipped(Bytes(10'000'000, '[')).has_error());
    Bytes objects;
    for (int i = 0; i < 100'000; ++i) {
        objects += "{\"a\":";
    }
    EXPECT_TRUE(skipped(objects).has_error());
    // Beside each other is not inside each other.
    Bytes wide = "[";
    for (int i = 0; i < 1000; ++i) {
        wide += "[[]],{},";
    }
    EXPECT_TRUE(skipped(wide + "1]").has_value());
}

TEST(JsonReader, KeepsTheFirstErrorAndSaysWhereItIs) {
    Bytes text = R"({"a":"b","c":})";
    JsonReader in(text);
    for (JsonReader::Object members = in.object(); members.next();) {
        EXPECT_FALSE(in.string().data() == nullptr && !in.failed());
    }
    in.fail("later");
    in.end();
    ASSERT_TRUE(in.failed());
    EXPECT_EQ(in.error().text, "expected a string at byte 13");
}

}  // namespace
}  // namespace pueue::state_file
