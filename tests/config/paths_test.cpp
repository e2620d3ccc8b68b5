#include "protocol/config/paths.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pueue::config {
namespace {

Surroundings a_user() {
    Surroundings surroundings;
    surroundings.home = "/home/u";
    return surroundings;
}

TEST(Paths, DefaultToTheHomeDirectory) {
    const Paths paths({}, a_user());
    EXPECT_EQ(paths.pueue_directory(), "/home/u/.local/share/pueue");
    EXPECT_EQ(paths.runtime_directory(), "/home/u/.local/share/pueue");
    EXPECT_EQ(paths.pid_file(), "/home/u/.local/share/pueue/pueue.pid");
    EXPECT_EQ(paths.daemon_certificate(), "/home/u/.local/share/pueue/certs/daemon.cert");
    EXPECT_EQ(paths.daemon_key(), "/home/u/.local/share/pueue/certs/daemon.key");
    EXPECT_EQ(paths.shared_secret(), "/home/u/.local/share/pueue/shared_secret");
    EXPECT_EQ(paths.alias_file(), "/home/u/.config/pueue/pueue_aliases.yml");
    EXPECT_EQ(paths.task_log(TaskId{7}), "/home/u/.local/share/pueue/task_logs/7.log");
}

TEST(Paths, FollowTheXdgVariables) {
    Surroundings surroundings = a_user();
    surroundings.xdg_config_home = "/c";
    surroundings.xdg_data_home = "/d";
    surroundings.xdg_runtime_dir = "/run/user/1";
    const Paths paths({}, surroundings);
    EXPECT_EQ(paths.pueue_directory(), "/d/pueue");
    EXPECT_EQ(paths.pid_file(), "/run/user/1/pueue.pid");
    EXPECT_EQ(paths.alias_file(), "/c/pueue/pueue_aliases.yml");
    EXPECT_EQ(surroundings.default_config_file(), "/c/pueue/pueue.yml");
}

TEST(Paths, StayWithTheWorkingDirectoryWithoutAHome) {
    const Paths paths({}, {});
    EXPECT_EQ(paths.pueue_directory(), "./pueue");
    EXPECT_EQ(paths.alias_file(), "./pueue_aliases.yml");
    EXPECT_EQ(Surroundings{}.default_config_file(), std::nullopt);
}

TEST(Paths, PreferWhatIsConfiguredAndExpandTheTilde) {
    SharedSettings settings;
    settings.pueue_directory = "~/q";
    settings.runtime_directory = "run";
    settings.unix_socket_path = "~";
    settings.pid_path = "~u/pid";
    settings.daemon_cert = "/x/~/c";
    const Paths paths(settings, a_user());
    EXPECT_EQ(paths.pueue_directory(), "/home/u/q");
    EXPECT_EQ(paths.runtime_directory(), "run");
    EXPECT_EQ(*paths.unix_socket(), "/home/u");
    EXPECT_EQ(paths.pid_file(), "~u/pid");
    EXPECT_EQ(paths.daemon_certificate(), "/x/~/c");
    EXPECT_EQ(paths.shared_secret(), "/home/u/q/shared_secret");
}

TEST(Paths, NameTheSocketAfterTheUser) {
    SharedSettings settings;
    settings.runtime_directory = "/r";
    const auto name = effective_user_name();
    ASSERT_TRUE(name.has_value()) << name.error().text;
    EXPECT_EQ(*Paths(settings, a_user()).unix_socket(), "/r/pueue_" + *name + ".socket");
}

TEST(Paths, LeaveATildeAloneWithoutAHome) {
    EXPECT_EQ(expand_home("~/x", {}), "~/x");
    EXPECT_EQ(expand_home("~x", a_user()), "~x");
    EXPECT_EQ(expand_home("", a_user()), "");
}

}  // namespace
}  // namespace pueue::config
