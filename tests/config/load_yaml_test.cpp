#include "protocol/config/load_yaml.hpp"

#include "protocol/base/fd.hpp"
#include "tests/support/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace pueue::config {
namespace {

using ::testing::HasSubstr;

struct Row {
    std::string yaml;
    std::string outcome;
};

std::string unescape(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c == 'x') {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
    }
    return out;
}

std::vector<Row> recorded_rows() {
    std::ifstream file(support::golden_path("config/yaml-vectors.tsv"));
    std::vector<Row> rows;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with('#')) {
            const std::size_t tab = line.find('\t');
            rows.push_back({unescape(line.substr(0, tab)), unescape(line.substr(tab + 1))});
        }
    }
    return rows;
}

std::string outcome_of(std::string_view yaml) {
    const auto config = parse_config(yaml);
    if (config.has_value()) {
        return "OK";
    }
    const std::string prefix = "Error while reading configuration:\n";
    const std::string& text = config.error().text;
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

class ScratchDirectory {
  public:
    ScratchDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "pueue-config-XXXXXX");
        path_ = ::mkdtemp(name.data());
    }
    ~ScratchDirectory() { std::filesystem::remove_all(path_); }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    [[nodiscard]] std::string path(const std::string& name = "") const {
        return name.empty() ? path_ : path_ + "/" + name;
    }
    std::string write(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
        std::ofstream(path(name)) << text;
        return path(name);
    }

  private:
    std::string path_;
};

TEST(LoadYaml, AnswersEveryRecordedFileAsTheOriginal) {
    const auto rows = recorded_rows();
    ASSERT_GT(rows.size(), 150U);
    for (const Row& row : rows) {
        EXPECT_EQ(outcome_of(row.yaml), row.outcome) << "for\n" << row.yaml;
    }
}

TEST(LoadYaml, WritesTheOriginalsDefaultFile) {
    std::ifstream file(support::golden_path("config/default-pueue.yml"));
    std::stringstream recorded;
    recorded << file.rdbuf();
    EXPECT_EQ(default_file_text(), recorded.str());
}

TEST(LoadYaml, ReadsItsOwnDefaultFileAsTheDefaults) {
    const auto written = parse_config(default_file_text());
    ASSERT_TRUE(written.has_value());
    const auto nothing = parse_config("");
    ASSERT_TRUE(nothing.has_value());
    EXPECT_EQ(written->settings, nothing->settings);
}

TEST(LoadYaml, ReadsEveryKey) {
    const auto config = parse_config(
        "client: {restart_in_place: true, read_local_logs: false, edit_mode: files,\n"
        "  show_confirmation_questions: true, show_expanded_aliases: true, dark_mode: true,\n"
        "  max_status_lines: 0x10, status_time_format: '%H', status_datetime_format: '%d'}\n"
        "daemon: {pause_group_on_failure: true, pause_all_on_failure: true,\n"
        "  compress_state_file: true, callback: run me, env_vars: {A: 1, B: ~},\n"
        "  callback_log_lines: 3, shell_command: [sh, -c, 5]}\n"
        "shared: {pueue_directory: /p, runtime_directory: /r, alias_file: /a,\n"
        "  use_unix_socket: false, unix_socket_path: /s, unix_socket_permissions: 0o600,\n"
        "  host: h, port: 6925, pid_path: /i, daemon_cert: /c, daemon_key: /k,\n"
        "  shared_secret_path: ~}\n"
    );
    ASSERT_TRUE(config.has_value()) << config.error().text;
    Settings expected;
    expected.client = {true, false, true, EditMode::files, true, true, 16, "%H", "%d"};
    expected.daemon.pause_group_on_failure = true;
    expected.daemon.pause_all_on_failure = true;
    expected.daemon.compress_state_file = true;
    expected.daemon.callback = "run me";
    expected.daemon.env_vars = {{"A", "1"}, {"B", "~"}};
    expected.daemon.callback_log_lines = 3;
    expected.daemon.shell_command = {"sh", "-c", "5"};
    expected.shared = {
        "/p", "/r", "/a", false, "/s", 0600, "h", "6925", "/i", "/c", "/k", std::nullopt};
    EXPECT_EQ(config->settings, expected);
}

TEST(LoadYaml, ProtectsTheSocketOnlyWhenNothingIsSaidOfSharedSettings) {
    const auto permissions = [](std::string_view yaml) {
        const auto config = parse_config(yaml);
        return config.has_value() ? config->settings.shared.unix_socket_permissions : 1;
    };
    EXPECT_EQ(permissions(""), 0700U);
    EXPECT_EQ(permissions("client: {}\n"), 0700U);
    EXPECT_EQ(permissions("shared:\n"), std::nullopt);
    EXPECT_EQ(permissions("shared: {port: 1}\n"), std::nullopt);
    EXPECT_EQ(permissions("shared: {unix_socket_permissions: 448}\n"), 0700U);
}

TEST(LoadYaml, ReplacesEverythingByTheProfile) {
    auto config = parse_config(
        "client: {dark_mode: true}\n"
        "profiles: {work: {shared: {host: there}}, empty: {}}\n"
    );
    ASSERT_TRUE(config.has_value());
    const auto work = choose_profile(*config, "work");
    ASSERT_TRUE(work.has_value());
    EXPECT_FALSE(work->client.dark_mode);
    EXPECT_EQ(work->shared.host, "there");
    EXPECT_EQ(work->shared.unix_socket_permissions, std::nullopt);
    EXPECT_EQ(choose_profile(*config, "empty")->shared.unix_socket_permissions, 0700U);
    EXPECT_TRUE(choose_profile(*config, std::nullopt)->client.dark_mode);
    const auto missing = choose_profile(*config, "nope");
    ASSERT_TRUE(missing.has_error());
    EXPECT_EQ(
        missing.error().text,
        "Error while reading configuration:\nCouldn't find profile with name \"nope\""
    );
}

TEST(LoadYaml, SaysWhenAnExplicitFileIsMissingOrNoFile) {
    const ScratchDirectory scratch;
    const auto missing = load_config(scratch.path("no.yml"), {});
    ASSERT_TRUE(missing.has_error());
    EXPECT_EQ(
        missing.error().text,
        "I/O error at path \"" + scratch.path("no.yml") +
            "\" while opening config file:\nNo such file or directory (os error 2)"
    );
    const auto directory = load_config(scratch.path(), {});
    ASSERT_TRUE(directory.has_error());
    EXPECT_EQ(
        directory.error().text, "Error while reading configuration:\nIs a directory (os error 21)"
    );
    EXPECT_TRUE(load_config("", {}).has_error());
}

TEST(LoadYaml, PrefersTheUsersFileToNone) {
    const ScratchDirectory scratch;
    Surroundings surroundings;
    surroundings.home = scratch.path();
    const auto nothing = load_config(std::nullopt, surroundings);
    ASSERT_TRUE(nothing.has_value());
    EXPECT_EQ(nothing->path, std::nullopt);
    const auto file = scratch.write(".config/pueue/pueue.yml", "shared: {host: mine}\n");
    const auto found = load_config(std::nullopt, surroundings);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->path, file);
    EXPECT_EQ(found->settings.shared.host, "mine");
}

TEST(LoadYaml, SurvivesEveryCutOfAFile) {
    const std::string_view whole = default_file_text();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::ignore = parse_config(whole.substr(0, size));  // no crash is the claim
    }
    EXPECT_THAT(outcome_of("client: {a: &x [*x, *x], dark_mode: 1}"), HasSubstr("dark_mode"));
}

}  // namespace
}  // namespace pueue::config
