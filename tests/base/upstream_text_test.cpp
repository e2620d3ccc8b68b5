#include "protocol/base/upstream_text.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace pueue {

namespace {

TEST(Quoted, EscapesWhatRustsDebugFormEscapes) {
    const std::pair<std::string_view, const char*> rows[] = {
        {"", R"("")"},
        {"plain", R"("plain")"},
        {R"(say "hi" \ 'now')", R"("say \"hi\" \\ 'now'")"},
        {"a\nb\tc\rd", R"("a\nb\tc\rd")"},
        {std::string_view("\0", 1), R"("\0")"},
        {"\a\x1b\x7f", R"("\u{7}\u{1b}\u{7f}")"},
        {"\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {"\xc2\xa0|\xe2\x80\x8b|\xef\xbb\xbf", R"("\u{a0}|\u{200b}|\u{feff}")"},
    };
    for (const auto& [text, expected] : rows) {
        EXPECT_EQ(quoted(text), expected);
    }
}

TEST(Quoted, ShowsBytesThatAreNoText) {
    EXPECT_EQ(
        quoted("a\xff"
               "b"),
        R"("a\xFFb")"
    );
}

TEST(OsText, HasTheNumber) {
    EXPECT_EQ(os_text(ENOENT), "No such file or directory (os error 2)");
}

TEST(FileErrorText, NamesPathAndDeed) {
    EXPECT_EQ(
        file_error_text("/a \"b\"", "opening secret file", EACCES),
        "I/O error at path \"/a \\\"b\\\"\" while opening secret file:\n"
        "Permission denied (os error 13)"
    );
}

TEST(ErrorReport, ShowsTheChainInTheFrameOfTheOriginal) {
    EXPECT_EQ(
        error_report({"outer", "two\nlines"}, "daemon"),
        "Error: \n"
        "   0: \x1b[91mouter\x1b[0m\n"
        "   1: \x1b[91mtwo\n"
        "      lines\x1b[0m\n"
        "\n"
        "Location:\n"
        "   \x1b[35mdaemon\x1b[0m:\x1b[35m1\x1b[0m\n"
        "\n"
        "Backtrace omitted. Run with RUST_BACKTRACE=1 environment variable to display it.\n"
        "Run with RUST_BACKTRACE=full to include source snippets.\n"
    );
}

}  // namespace

}  // namespace pueue
