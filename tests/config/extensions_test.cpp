#include "protocol/config/extensions.hpp"

#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

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

TEST(Extensions, SayWhatAnAnswerMeans) {
    EXPECT_EQ(parse_extensions("").value().durability, Durability::sync);
    EXPECT_EQ(
        parse_extensions("[store]\ndurability = \"write\"").value().durability, Durability::write
    );
    EXPECT_EQ(
        parse_extensions("[store]\ndurability = \"sync\"").value().durability, Durability::sync
    );
    EXPECT_EQ(
        parse_extensions("[store]\ndurability = \"fsync\"").error().text,
        "line 2, column 14: durability must be \"sync\" or \"write\""
    );
    EXPECT_EQ(
        parse_extensions("[store]\n size = 3").error().text,
        "line 2, column 2: unknown key `size`; known here: `durability`"
    );
    EXPECT_EQ(
        parse_extensions("store = 3").error().text, "line 1, column 9: store must be a table"
    );
}

TEST(Extensions, RefuseWhatTheyDoNotKnowByLineAndColumn) {
    EXPECT_EQ(
        parse_extensions("compat = \"strict\"\n  retries = 3\n").error().text,
        "line 2, column 3: unknown key `retries`; known here: `compat`, `store`, `identity`, "
        "`restart`, `attempts`, `limits`, `history`, `rules`"
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

TEST(Extensions, SayWhatARestartIs) {
    const Extensions all = parse_extensions(R"(
[restart]
clone_requests = "clone"
[attempts]
keep_logs = 7
)")
                               .value();
    EXPECT_EQ(all.restart.clone_requests, CloneRequests::clone);
    EXPECT_EQ(all.attempts.keep_logs, 7U);
    EXPECT_EQ(
        parse_extensions("attempts.keep_logs = -1").error().text,
        "line 1, column 22: keep_logs must be a number from 0 to 10000"
    );
    EXPECT_EQ(
        parse_extensions("[restart]\nclone = true").error().text,
        "line 2, column 1: unknown key `clone`; known here: `clone_requests`"
    );
    EXPECT_EQ(
        parse_extensions("restart = 1").error().text, "line 1, column 11: restart must be a table"
    );
}

TEST(Extensions, SayWhichLabelsAreIdentitiesAndWhatLimitsThereAre) {
    const Extensions all = parse_extensions(R"(
[identity]
scope = "label"
labels = ["*"]
ids = "upstream"
id_conflict_policy = "fail"
id_reuse_policy = "allow_duplicate_failed_only"
on_reject = "use_existing"

[limits]
start_limit_burst = 3
start_limit_interval = "10m"
maximum_attempts = 9
max_tasks_per_group = 10000
max_open_per_identity = 1
exempt_groups = ["free"]
on_trip = "ignore"

[history]
retention = "7d"
max_records = 5
)")
                               .value();
    EXPECT_EQ(all.ids, Ids::upstream);
    const IdentitySettings identity{
        IdentityScope::label,
        {"*"},
        ConflictPolicy::fail,
        ReusePolicy::allow_duplicate_failed_only,
        OnReject::use_existing};
    EXPECT_EQ(all.identity, identity);
    const LimitSettings limits{3, 600, 9, 10'000, 1, {"free"}, OnTrip::ignore};
    EXPECT_EQ(all.limits, limits);
    const HistorySettings history{7 * 86'400, 5};
    EXPECT_EQ(all.history, history);
}

/// The example of the user's page, word by word.
TEST(Extensions, AreAsTheDocumentationShowsThem) {
    const std::string page = support::read_golden("../../docs/identity.md");
    const std::size_t begin = page.find("```toml\n") + 8;
    ASSERT_GT(begin, 8U);
    Extensions shown =
        parse_extensions(page.substr(begin, page.find("```\n", begin) - begin)).value();
    ASSERT_EQ(shown.rules.size(), 1U);
    shown.rules.clear();
    EXPECT_EQ(shown, Extensions{});
}

TEST(Extensions, HaveRulesInTheirOrder) {
    const Extensions all = parse_extensions(R"(
[[rules]]
match = { group = "p*", label = "*@250*" }
id_conflict_policy = "allow"
[[rules]]
restart = "clone"
)")
                               .value();
    ASSERT_EQ(all.rules.size(), 2U);
    EXPECT_EQ(all.rules[0].group, "p*");
    EXPECT_EQ(all.rules[0].label, "*@250*");
    EXPECT_EQ(all.rules[0].options.id_conflict_policy, ConflictPolicy::allow);
    EXPECT_EQ(all.rules[1].group, std::nullopt);
    EXPECT_EQ(all.rules[1].options.restart, CloneRequests::clone);
}

TEST(Extensions, RefuseValuesThatCannotBe) {
    const std::vector<std::pair<const char*, const char*>> rows = {
        {"[identity]\nscope = \"host\"",
         "line 2, column 9: scope must be \"group_label\" or \"label\""},
        {"[identity]\nlabels = [1]", "line 2, column 10: labels must be a list of texts"},
        {"[limits]\nstart_limit_burst = 101",
         "line 2, column 21: start_limit_burst must be a number from 0 to 100"},
        {"[limits]\nstart_limit_interval = \"1y\"",
         "line 2, column 24: start_limit_interval must be a time: \"90s\", \"10m\", \"1h\" or "
         "\"30d\""},
        {"[limits]\nstart_limit_interval = 60",
         "line 2, column 24: start_limit_interval must be a time: \"90s\", \"10m\", \"1h\" or "
         "\"30d\""},
        {"[limits]\nmax_duplicates = 1",
         "line 2, column 1: unknown key `max_duplicates`; known here: `start_limit_burst`, "
         "`start_limit_interval`, `maximum_attempts`, `max_tasks_per_group`, "
         "`max_open_per_identity`, `exempt_groups`, `on_trip`"},
        {"rules = 1", "line 1, column 9: rules must be a list: [[rules]]"},
        {"[[rules]]\nmatch = { host = \"a\" }",
         "line 2, column 11: unknown key `host`; known here: `group`, `label`, `command`, `path`"},
    };
    for (const auto& [toml, text] : rows) {
        EXPECT_EQ(parse_extensions(toml).error().text, text);
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
        directory +
            "/pueue.toml: line 1, column 1: unknown key `x`; known here: `compat`, `store`, "
            "`identity`, `restart`, `attempts`, `limits`, `history`, `rules`"
    );
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace pueue::config
