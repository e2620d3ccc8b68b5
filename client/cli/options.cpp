#include "client/cli/options.hpp"

#include "client/delay.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pueue::client::cli {

namespace {

// Reads matches of one command. The parser has checked every value, so none fails here.
class Reader {
  public:
    Reader(const Matches& matches, const WallTime& now) : matches_(matches), now_(now) {}

    [[nodiscard]] bool flag(std::string_view id) const { return matches_.has(id); }

    [[nodiscard]] std::vector<std::string> texts(std::string_view id) const {
        const Match* match = matches_.find(id);
        return match == nullptr ? std::vector<std::string>() : match->values;
    }
    [[nodiscard]] std::optional<std::string> text(std::string_view id) const {
        const Match* match = matches_.find(id);
        return match == nullptr ? std::nullopt : std::optional(match->values.front());
    }
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view id) const {
        const auto value = text(id);
        return value ? std::optional(parse_unsigned(*value).value()) : std::nullopt;
    }
    [[nodiscard]] std::vector<TaskId> ids(std::string_view id) const {
        std::vector<TaskId> ids;
        for (const std::string& value : texts(id)) {
            ids.push_back(TaskId{parse_unsigned(value).value()});
        }
        return ids;
    }
    [[nodiscard]] TaskId id(std::string_view id) const { return ids(id).front(); }
    [[nodiscard]] std::optional<WallTime> delay() const {
        const auto value = text("delay");
        return value ? std::optional(parse_delay(*value, now_).value()) : std::nullopt;
    }
    [[nodiscard]] Selection selection() const {
        return {ids("task_ids"), text("group"), flag("all")};
    }

  private:
    const Matches& matches_;
    const WallTime& now_;
};

AddOptions read_add(const Reader& in) {
    AddOptions out;
    out.command = in.texts("command");
    out.working_directory = in.text("working_directory");
    out.escape = in.flag("escape");
    out.immediate = in.flag("immediate");
    out.follow = in.flag("follow");
    out.stashed = in.flag("stashed");
    out.delay = in.delay();
    out.group = in.text("group");
    out.after = in.ids("after");
    if (const auto priority = in.text("priority")) {
        out.priority = parse_priority(*priority).value();
    }
    out.label = in.text("label");
    out.print_task_id = in.flag("print_task_id");
    out.id_conflict_policy = in.text("id_conflict_policy");
    if (in.flag("idempotent") || in.flag("unique")) {
        const bool is_unique = in.flag("unique");
        out.id_conflict_policy =
            to_word(is_unique ? ConflictPolicy::fail : ConflictPolicy::use_existing);
    }
    out.id_reuse_policy = in.text("id_reuse_policy");
    out.on_reject = in.text("on_reject");
    return out;
}

RestartOptions read_restart(const Reader& in) {
    RestartOptions out;
    out.ids = in.ids("task_ids");
    out.all_failed = in.flag("all_failed");
    out.failed_in_group = in.text("failed_in_group");
    out.immediate = in.flag("immediate");
    out.stashed = in.flag("stashed");
    out.in_place = in.flag("in_place");
    out.not_in_place = in.flag("not_in_place");
    out.edit = in.flag("edit");
    return out;
}

KillOptions read_kill(const Reader& in) {
    KillOptions out{in.selection(), std::nullopt};
    if (const auto signal = in.text("signal")) {
        out.signal = parse_signal(*signal).value();
    }
    return out;
}

WaitOptions read_wait(const Reader& in) {
    WaitOptions out{in.selection(), in.flag("quiet"), WaitTarget::done};
    if (const auto target = in.text("status")) {
        out.target = parse_wait_target(*target).value();
    }
    return out;
}

template <class Enum>
Enum enumerator(ValueKind kind, std::string_view word) {
    const auto words = possible_values(kind);
    return static_cast<Enum>(std::find(words.begin(), words.end(), word) - words.begin());
}

CompletionsOptions read_completions(const Reader& in) {
    return {enumerator<Shell>(ValueKind::shell, *in.text("shell")), in.text("output_directory")};
}

CommandOptions read_env(const Matches& env, const WallTime& now) {
    const Reader in(*env.subcommand, now);
    if (env.subcommand->command->name == "set") {
        return EnvSetOptions{in.id("task_id"), *in.text("key"), *in.text("value")};
    }
    return EnvUnsetOptions{in.id("task_id"), *in.text("key")};
}

CommandOptions read_group(const Matches& group, const WallTime& now) {
    const bool json = group.has("json");
    if (group.subcommand == nullptr) {
        return GroupListOptions{json};
    }
    const Reader in(*group.subcommand, now);
    if (group.subcommand->command->name == "add") {
        return GroupAddOptions{*in.text("name"), in.number("parallel"), json};
    }
    return GroupRemoveOptions{*in.text("name"), json};
}

struct CommandReader {
    std::string_view name;
    CommandOptions (*read)(const Matches& matches, const WallTime& now);
};

template <auto read>
CommandOptions with_reader(const Matches& matches, const WallTime& now) {
    return read(Reader(matches, now));
}

constexpr std::array readers = {
    CommandReader{"add", with_reader<read_add>},
    CommandReader{
        "remove", with_reader<[](const Reader& in) { return RemoveOptions{in.ids("task_ids")}; }>},
    CommandReader{"switch", with_reader<[](const Reader& in) {
                      return SwitchOptions{in.id("task_id_1"), in.id("task_id_2")};
                  }>},
    CommandReader{"stash", with_reader<[](const Reader& in) {
                      return StashOptions{in.selection(), in.delay()};
                  }>},
    CommandReader{"enqueue", with_reader<[](const Reader& in) {
                      return EnqueueOptions{in.selection(), in.delay()};
                  }>},
    CommandReader{"start", with_reader<[](const Reader& in) {
                      return StartOptions{in.selection(), in.flag("force_attempt")};
                  }>},
    CommandReader{"restart", with_reader<read_restart>},
    CommandReader{"pause", with_reader<[](const Reader& in) {
                      return PauseOptions{in.selection(), in.flag("wait")};
                  }>},
    CommandReader{"kill", with_reader<read_kill>},
    CommandReader{"send", with_reader<[](const Reader& in) {
                      return SendOptions{in.id("task_id"), *in.text("input")};
                  }>},
    CommandReader{
        "edit", with_reader<[](const Reader& in) { return EditOptions{in.ids("task_ids")}; }>},
    CommandReader{"env", read_env},
    CommandReader{"group", read_group},
    CommandReader{"status", with_reader<[](const Reader& in) {
                      return StatusOptions{in.texts("query"), in.flag("json"), in.text("group")};
                  }>},
    CommandReader{
        "log", with_reader<[](const Reader& in) {
            return LogOptions{in.selection(), in.flag("json"), in.number("lines"), in.flag("full")};
        }>},
    CommandReader{"follow", with_reader<[](const Reader& in) {
                      const auto ids = in.ids("task_id");
                      return FollowOptions{
                          ids.empty() ? std::nullopt : std::optional(ids.front()),
                          in.number("lines")};
                  }>},
    CommandReader{"wait", with_reader<read_wait>},
    CommandReader{"clean", with_reader<[](const Reader& in) {
                      return CleanOptions{in.flag("successful_only"), in.text("group")};
                  }>},
    CommandReader{"reset", with_reader<[](const Reader& in) {
                      return ResetOptions{in.texts("groups"), in.flag("force")};
                  }>},
    CommandReader{
        "shutdown", with_reader<[](const Reader& in) { return ShutdownOptions{in.flag("keep")}; }>},
    CommandReader{"parallel", with_reader<[](const Reader& in) {
                      return ParallelOptions{in.number("parallel_tasks"), in.text("group")};
                  }>},
    CommandReader{"completions", with_reader<read_completions>},
};

CommandOptions read_command(const Matches* matches, const WallTime& now) {
    if (matches == nullptr) {
        return StatusOptions{};
    }
    const auto* const reader =
        std::find_if(readers.begin(), readers.end(), [&](const auto& candidate) {
            return candidate.name == matches->command->name;
        });
    PUEUE_CHECK(reader != readers.end());
    return reader->read(*matches, now);
}

// The file name of argv[0]; scripts may have linked the program under another one.
std::string program_name(std::span<const std::string> words) {
    const std::string path = words.empty() ? "" : words.front();
    const std::string name = path.substr(path.find_last_of('/') + 1);
    return name.empty() ? std::string(program().name) : name;
}

}  // namespace

TaskSelection Selection::resolve() const {
    if (all) {
        return AllTasks{};
    }
    if (group) {
        return *group;
    }
    if (!ids.empty()) {
        return ids;
    }
    return std::string(default_group);
}

std::variant<Options, Printed> parse_command_line(
    std::span<const std::string> words, const WallTime& now, AppearanceOf appearance
) {
    const auto arguments = words.empty() ? words : words.subspan(1);
    auto parsed = parse_words(arguments, program_name(words), now, appearance);
    if (auto* printed = std::get_if<Printed>(&parsed)) {
        return std::move(*printed);
    }
    const Matches& matches = std::get<Matches>(parsed);
    const Reader in(matches, now);
    Options options;
    if (const Match* verbose = matches.find("verbose")) {
        options.verbosity = verbose->occurrences;
    }
    if (const auto color = in.text("color")) {
        options.color = enumerator<ColorChoice>(ValueKind::color, *color);
    }
    options.config = in.text("config");
    options.profile = in.text("profile");
    options.command = read_command(matches.subcommand.get(), now);
    return options;
}

}  // namespace pueue::client::cli
