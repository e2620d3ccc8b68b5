#include "protocol/config/extensions.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace pueue::config {
namespace {

TEST(Extensions, AreAllDefaultInAnEmptyFile) {
    EXPECT_EQ(parse_extensions("").value(), Extensions{});
    EXPECT_EQ(parse_extensions("# nothing\n").value().compat, Compat::standard);
}

TEST(Extensions, SayHowCloseToTheOriginalWeStay) {
    EXPECT_EQ(parse_extensions("compat = \"strict\"").value().compat, Compat::strict);
    EXPECT_EQ(parse_extensions("compat = \"default\"").value().compat, Compat::standard);
}

TEST(Extensions, RefuseWhatTheyDoNotKnowByLineAndColumn) {
    EXPECT_EQ(
        parse_extensions("compat = \"strict\"\n  retries = 3\n").error().text,
        "line 2, column 3: unknown key `retries`; the only one is `compat`"
    );
    EXPECT_EQ(
        parse_extensions("compat = \"loose\"").error().text,
        "line 1, column 10: compat must be \"default\" or \"strict\""
    );
    EXPECT_EQ(
        parse_extensions("compat = true").error().text,
        "line 1, column 10: compat must be \"default\" or \"strict\""
    );
    for (const char* broken : {"compat = ", "[!]", "[.]", "[[a", "ä = 1", "\u03bc\n"}) {
        EXPECT_TRUE(parse_extensions(broken).error().text.starts_with("line 1, column ")) << broken;
    }
}

TEST(Extensions, StandBesideTheConfigurationFile) {
    std::string directory = std::filesystem::temp_directory_path() / "pueue-toml-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    const std::string config = directory + "/pueue.yml";
    EXPECT_EQ(load_extensions(config).value(), Extensions{});
    std::ofstream(directory + "/pueue.toml") << "compat = \"strict\"\n";
    EXPECT_EQ(load_extensions(config).value().compat, Compat::strict);
    EXPECT_EQ(load_extensions(std::nullopt).value(), Extensions{});
    std::ofstream(directory + "/pueue.toml") << "x = 1\n";
    EXPECT_EQ(
        load_extensions(config).error().text,
        directory + "/pueue.toml: line 1, column 1: unknown key `x`; the only one is `compat`"
    );
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace pueue::config
