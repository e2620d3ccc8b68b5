// What is to be done with a task beyond what the original knows: the words for it, who may say
// them, and whose word counts. From weak to strong: the site (pueue.toml), its rules in their
// order, the task itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pueue {

/// An add whose label has a run that is not over.
enum class ConflictPolicy { use_existing, allow, fail };
/// An add whose label has runs that are all over; the newest counts.
enum class ReusePolicy { allow_duplicate, allow_duplicate_failed_only, reject_duplicate };
/// What a rejected reuse is: a refusal, or an answer with the id of the run that there is.
enum class OnReject { fail, use_existing };
/// What becomes of the requests by which clients of the original restart a task.
enum class CloneRequests { in_place, clone };
/// What a label belongs to.
enum class IdentityScope { group_label, label };
/// What a limit does to a request of the original's client, which stops at the first refusal.
enum class OnTrip { fail, ignore };

// The words of configuration, environment and wire, one overload per kind.
constexpr auto words_of(ConflictPolicy /*kind*/) {
    return std::array{
        std::pair{std::string_view("use_existing"), ConflictPolicy::use_existing},
        std::pair{std::string_view("allow"), ConflictPolicy::allow},
        std::pair{std::string_view("fail"), ConflictPolicy::fail}};
}
constexpr auto words_of(ReusePolicy /*kind*/) {
    return std::array{
        std::pair{std::string_view("allow_duplicate"), ReusePolicy::allow_duplicate},
        std::pair{
            std::string_view("allow_duplicate_failed_only"),
            ReusePolicy::allow_duplicate_failed_only},
        std::pair{std::string_view("reject_duplicate"), ReusePolicy::reject_duplicate}};
}
constexpr auto words_of(OnReject /*kind*/) {
    return std::array{
        std::pair{std::string_view("fail"), OnReject::fail},
        std::pair{std::string_view("use_existing"), OnReject::use_existing}};
}
constexpr auto words_of(CloneRequests /*kind*/) {
    return std::array{
        std::pair{std::string_view("in_place"), CloneRequests::in_place},
        std::pair{std::string_view("clone"), CloneRequests::clone}};
}
constexpr auto words_of(IdentityScope /*kind*/) {
    return std::array{
        std::pair{std::string_view("group_label"), IdentityScope::group_label},
        std::pair{std::string_view("label"), IdentityScope::label}};
}
constexpr auto words_of(OnTrip /*kind*/) {
    return std::array{
        std::pair{std::string_view("fail"), OnTrip::fail},
        std::pair{std::string_view("ignore"), OnTrip::ignore}};
}

template <class Enum>
[[nodiscard]] constexpr std::optional<Enum> from_word(std::string_view text) {
    for (const auto& [word, value] : words_of(Enum())) {
        if (word == text) {
            return value;
        }
    }
    return std::nullopt;
}

template <class Enum>
[[nodiscard]] constexpr std::string_view to_word(Enum value) {
    for (const auto& [word, other] : words_of(value)) {
        if (other == value) {
            return word;
        }
    }
    return {};
}

/// `"fail" or "ignore"`: what would have been right.
template <class Enum>
[[nodiscard]] std::string choice_of_words() {
    std::string text;
    for (const auto& [word, value] : words_of(Enum())) {
        text.append(text.empty() ? "\"" : " or \"").append(word).append("\"");
    }
    return text;
}

/// Wishes for one task, or for those that a rule is about. Nothing set: whatever the weaker say.
struct TaskOptions {
    std::optional<CloneRequests> restart;
    std::optional<ConflictPolicy> id_conflict_policy;
    std::optional<ReusePolicy> id_reuse_policy;
    std::optional<OnReject> on_reject;

    bool operator==(const TaskOptions&) const = default;
};

/// Calls `visit(name, member)` for each wish, by the name that configuration and environment have
/// for it.
template <class Visit>
void for_each_option(const Visit& visit) {
    visit("id_conflict_policy", &TaskOptions::id_conflict_policy);
    visit("id_reuse_policy", &TaskOptions::id_reuse_policy);
    visit("on_reject", &TaskOptions::on_reject);
    visit("restart", &TaskOptions::restart);
}

[[nodiscard]] TaskOptions combined(const TaskOptions& weaker, const TaskOptions& stronger);

/// `*`, `?`, `[a-z]`, `[!a-z]`; nothing is special about `/` and leading dots.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text);

/// What a rule can look at.
struct RuleSubject {
    std::string_view group;
    std::optional<std::string> label;
    std::string_view command;
    std::string_view path;
};

/// Wishes for the tasks that match every pattern that is given.
struct Rule {
    std::optional<std::string> group;
    std::optional<std::string> label;
    std::optional<std::string> command;
    std::optional<std::string> path;
    TaskOptions options;

    [[nodiscard]] bool matches(const RuleSubject& subject) const;
    bool operator==(const Rule&) const = default;
};

/// [identity] of pueue.toml.
struct IdentitySettings {
    IdentityScope scope = IdentityScope::group_label;
    std::vector<std::string> labels{"*@*"};  ///< patterns of the labels that are keys
    ConflictPolicy id_conflict_policy = ConflictPolicy::use_existing;
    ReusePolicy id_reuse_policy = ReusePolicy::allow_duplicate;
    OnReject on_reject = OnReject::fail;

    [[nodiscard]] bool is_key(const std::string& label) const;
    bool operator==(const IdentitySettings&) const = default;
};

/// [limits] of pueue.toml; 0 is no limit.
struct LimitSettings {
    std::uint32_t start_limit_burst = 30;               ///< failed attempts of a task …
    std::uint32_t start_limit_interval_seconds = 3600;  ///< … within this time
    std::uint32_t maximum_attempts = 0;
    std::uint32_t max_tasks_per_group = 0;
    std::uint32_t max_open_per_identity = 0;
    std::vector<std::string> exempt_groups;
    OnTrip on_trip = OnTrip::fail;

    bool operator==(const LimitSettings&) const = default;
};

/// [history] of pueue.toml: how long runs are remembered whose tasks are gone.
struct HistorySettings {
    std::uint32_t retention_seconds = 30 * 24 * 3600;
    std::uint32_t max_records = 200'000;

    bool operator==(const HistorySettings&) const = default;
};

}  // namespace pueue
