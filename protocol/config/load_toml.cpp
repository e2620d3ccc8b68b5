// The only user of toml++ here; its exceptions end in this file.
#include "protocol/base/fd.hpp"
#include "protocol/config/extensions.hpp"
#include "protocol/config/toml.hpp"
#include "protocol/model/task.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace pueue::config {

namespace {

constexpr std::size_t file_bytes_max = std::size_t{1} << 20;

Error at(const toml::source_region& where, const std::string& what) {
    return invalid(
        "line " + std::to_string(where.begin.line) + ", column " +
        std::to_string(where.begin.column) + ": " + what
    );
}

/// What a table may contain, and what becomes of it.
struct Key {
    std::string_view name;
    std::function<Result<>(const toml::node&)> read;
};

Error unknown_key(const toml::key& key, const std::vector<Key>& known) {
    std::string text = "unknown key `" + std::string(key.str()) + "`; known here:";
    for (const Key& one : known) {
        text.append(&one == &known.front() ? " `" : ", `").append(one.name).append("`");
    }
    return at(key.source(), text);
}

Result<> read_table(const toml::table& table, const std::vector<Key>& known) {
    for (const auto& [name, value] : table) {
        const std::string_view text = name.str();
        const auto key = std::find_if(known.begin(), known.end(), [&](const Key& one) {
            return one.name == text;
        });
        if (key == known.end()) {
            return unknown_key(name, known);
        }
        CHECK_OK(key->read(value));
    }
    return {};
}

Key section(std::string_view name, std::vector<Key> keys) {
    return {name, [name, keys = std::move(keys)](const toml::node& node) -> Result<> {
                const toml::table* table = node.as_table();
                if (table == nullptr) {
                    return at(node.source(), std::string(name) + " must be a table");
                }
                return read_table(*table, keys);
            }};
}

Key text(std::string_view name, std::optional<std::string>& to) {
    return {name, [name, &to](const toml::node& node) -> Result<> {
                to = node.value_exact<std::string>();
                return to ? Result<>() : at(node.source(), std::string(name) + " must be a text");
            }};
}

Key texts(std::string_view name, std::vector<std::string>& to) {
    return {name, [name, &to](const toml::node& node) -> Result<> {
                const toml::array* array = node.as_array();
                if (array == nullptr || !(array->empty() || array->is_homogeneous<std::string>())) {
                    return at(node.source(), std::string(name) + " must be a list of texts");
                }
                to.clear();
                for (const toml::node& item : *array) {
                    to.push_back(*item.value_exact<std::string>());
                }
                return {};
            }};
}

/// `to` is an enum with words (policy.hpp), or an optional one.
template <class Value>
Key word(std::string_view name, Value& to) {
    return {
        name, [name, &to](const toml::node& node) -> Result<> {
            using Enum = std::remove_cvref_t<decltype(std::optional(to).value())>;
            const std::optional<std::string> text = node.value_exact<std::string>();
            const std::optional<Enum> value = text ? from_word<Enum>(*text) : std::optional<Enum>();
            if (!value) {
                return at(node.source(), std::string(name) + " must be " + choice_of_words<Enum>());
            }
            to = *value;
            return {};
        }};
}

std::optional<std::uint32_t> seconds_of(std::string_view text) {
    constexpr std::array<std::pair<char, std::uint64_t>, 4> units{
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, number);
    if (ec != std::errc() || rest + 1 != end || number > 1'000'000'000) {
        return std::nullopt;
    }
    for (const auto& [unit, seconds] : units) {
        if (unit == *rest && std::in_range<std::uint32_t>(number * seconds)) {
            return static_cast<std::uint32_t>(number * seconds);
        }
    }
    return std::nullopt;
}

Key duration(std::string_view name, std::uint32_t& seconds) {
    return {name, [name, &seconds](const toml::node& node) -> Result<> {
                const std::optional<std::string> text = node.value_exact<std::string>();
                const auto value = text ? seconds_of(*text) : std::nullopt;
                if (!value) {
                    return at(
                        node.source(),
                        std::string(name) + R"( must be a time: "90s", "10m", "1h" or "30d")"
                    );
                }
                seconds = *value;
                return {};
            }};
}

Key number(std::string_view name, std::uint32_t& to, std::uint32_t most) {
    return {name, [name, &to, most](const toml::node& node) -> Result<> {
                const std::optional<std::int64_t> value = node.value_exact<std::int64_t>();
                if (!value || *value < 0 || *value > most) {
                    return at(
                        node.source(),
                        std::string(name) + " must be a number from 0 to " + std::to_string(most)
                    );
                }
                to = static_cast<std::uint32_t>(*value);
                return {};
            }};
}

std::vector<Key> keys_of(IdentitySettings& identity, Ids& ids) {
    return {
        word("scope", identity.scope),
        texts("labels", identity.labels),
        word("ids", ids),
        word("id_conflict_policy", identity.id_conflict_policy),
        word("id_reuse_policy", identity.id_reuse_policy),
        word("on_reject", identity.on_reject),
    };
}

std::vector<Key> keys_of(LimitSettings& limits) {
    constexpr std::uint32_t most = 1'000'000'000;
    return {
        // No more of its attempts are remembered than this.
        number("start_limit_burst", limits.start_limit_burst, ended_attempts_max),
        duration("start_limit_interval", limits.start_limit_interval_seconds),
        number("maximum_attempts", limits.maximum_attempts, most),
        number("max_tasks_per_group", limits.max_tasks_per_group, most),
        number("max_open_per_identity", limits.max_open_per_identity, most),
        texts("exempt_groups", limits.exempt_groups),
        word("on_trip", limits.on_trip),
    };
}

Result<> read_rule(const toml::node& node, Rule& rule) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        return at(node.source(), "a rule must be a table");
    }
    std::vector<Key> keys{section(
        "match",
        {text("group", rule.group),
         text("label", rule.label),
         text("command", rule.command),
         text("path", rule.path)}
    )};
    for_each_option([&](const char* name, auto member) {
        keys.push_back(word(name, rule.options.*member));
    });
    return read_table(*table, keys);
}

Key rules(std::vector<Rule>& to) {
    return {"rules", [&to](const toml::node& node) -> Result<> {
                const toml::array* array = node.as_array();
                if (array == nullptr) {
                    return at(node.source(), "rules must be a list: [[rules]]");
                }
                for (const toml::node& item : *array) {
                    CHECK_OK(read_rule(item, to.emplace_back()));
                }
                return {};
            }};
}

Result<Extensions> from_table(const toml::table& table) {
    Extensions all;
    CHECK_OK(read_table(
        table,
        {
            word("compat", all.compat),
            section("store", {word("durability", all.durability)}),
            section("identity", keys_of(all.identity, all.ids)),
            section("restart", {word("clone_requests", all.restart.clone_requests)}),
            section("attempts", {number("keep_logs", all.attempts.keep_logs, 10'000)}),
            section("limits", keys_of(all.limits)),
            section(
                "history",
                {duration("retention", all.history.retention_seconds),
                 number("max_records", all.history.max_records, 10'000'000)}
            ),
            rules(all.rules),
        }
    ));
    return all;
}

}  // namespace

Result<Extensions> parse_extensions(std::string_view toml) {
    try {
        return from_table(toml::parse(toml));
    } catch (const toml::parse_error& error) {
        return at(error.source(), std::string(error.description()));
    }
}

Result<Extensions> load_extensions(const std::optional<std::string>& config_file) {
    if (!config_file) {
        return Extensions{};
    }
    const std::string path = std::filesystem::path(*config_file).parent_path() / "pueue.toml";
    const Result<Bytes> text = read_file(path, file_bytes_max);
    if (text.has_error()) {
        if (text.error().kind == ErrorKind::not_found) {
            return Extensions{};
        }
        return text.error();
    }
    Result<Extensions> extensions = parse_extensions(text.value());
    if (extensions.has_error()) {
        return extensions.error().in(path);
    }
    return extensions;
}

}  // namespace pueue::config
