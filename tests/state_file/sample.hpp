// State files to read: a recorded one with every status and every result, and single tasks.
#pragma once

#include "daemon/state_file/state_json.hpp"
#include "tests/support/golden.hpp"

#include <string>

namespace pueue::state_file::sample {

/// Made by the original, in a zone that has summer time: 13 tasks, 3 groups.
inline std::string recorded() {
    return support::read_golden("state_file/state.json");
}
inline constexpr const char* recorded_zone = "Europe/Berlin";

/// A task in one line, with this status, in this group.
inline std::string task(std::string_view status, std::string_view group = "default") {
    return R"({"id":0,"created_at":"2024-07-18T14:55:02+02:00","original_command":"ls","command":"ls",)"
           R"("path":"/","envs":{"A":"1"},"group":")" +
           std::string(group) + R"(","dependencies":[],"priority":0,"label":null,"status":)" +
           std::string(status) + "}";
}

inline constexpr const char* default_groups =
    R"({"default":{"status":"Running","parallel_tasks":1}})";

inline std::string file(const std::string& tasks, const std::string& groups = default_groups) {
    return "{\"tasks\":{" + tasks + "},\"groups\":" + groups + "}";
}

inline Result<Content> decode(const std::string& text) {
    EnvironmentPool pool;
    return state_file::decode(text, pool);
}

}  // namespace pueue::state_file::sample
