// The state as JSON, as the original writes it, into its state file and where scripts ask its
// client: compact, keys in a fixed order, ids as strings in numeric order, times in the local zone.
// Pure but for that zone.
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/model/state.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace pueue {

/// Whether a task's variables are written. `log` never shows them.
enum class ShowEnvironment { no, yes };

/// Appends to a string that it does not own.
class JsonWriter {
  public:
    explicit JsonWriter(std::string& to) : to_(to) {}

    /// In quotes.
    void string(std::string_view text);
    /// With the two variables that its process was given, as soon as it had one.
    void task(const Task& task, ShowEnvironment environment);
    /// `"⟨id⟩":⟨task⟩`, one member of an object.
    void task_member(const Task& task);
    void groups(const std::map<std::string, Group, std::less<>>& groups);

  private:
    struct Result;
    struct Status;

    void key(std::string_view key);
    void time(std::string_view key, const WallTime& time);
    void text(std::string_view key, std::string_view text);
    void status(const TaskStatus& status);
    void environment(const Task& task);

    std::string& to_;
    LocalOffset local_;
};

/// `{"tasks":{…},"groups":{…}}`. Requires: tasks in ascending order of their ids.
[[nodiscard]] std::string status_to_json(
    std::span<const Task* const> tasks, const std::map<std::string, Group, std::less<>>& groups
);

}  // namespace pueue
