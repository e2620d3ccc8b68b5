#include "client/view/status_view.hpp"
#include "protocol/config/load_yaml.hpp"
#include "protocol/model/json.hpp"
#include "tests/client/states.hpp"
#include "tests/client/vectors.hpp"

#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

constexpr WallTime render_time{1705320000, 0};  // 2024-01-15T12:00:00Z

// Words of an `args` field: blanks separate, single quotes keep together.
std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    bool quoted_part = false;
    for (const char c : text + " ") {
        if (c == '\'' || c == '"') {
            quoted_part = !quoted_part;
        } else if (c == ' ' && !quoted_part) {
            if (!word.empty()) {
                words.push_back(word);
            }
            word.clear();
        } else {
            word += c;
        }
    }
    return words;
}

struct Arguments {
    bool json = false;
    std::optional<std::string> group;
    std::string query;
};

Arguments arguments_of(const std::string& text) {
    Arguments arguments;
    const auto words = words_of(text == "-" ? "" : text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "-j" || words[i] == "--json") {
            arguments.json = true;
        } else if (words[i] == "-g") {
            arguments.group = words[++i];
        } else {
            arguments.query += (arguments.query.empty() ? "" : " ") + words[i];
        }
    }
    return arguments;
}

config::ClientSettings settings_of(const std::string& text) {
    if (text == "-") {
        return {};
    }
    std::string yaml = "client:\n";
    for (const std::string& key : fields_of(text, ';')) {
        yaml += "  " + key.substr(key.find_first_not_of(' ')) + "\n";
    }
    return config::parse_config(yaml).value().settings.client;
}

TEST(StatusView, AgreesWithEveryRecordedRendering) {
    const auto rows = golden_rows("render/INDEX.tsv");
    ASSERT_GT(rows.size(), 45U);
    for (const auto& row : rows) {
        const InZone zone(row[4]);
        const State state = state_from_json(read_golden("render/" + row[1]));
        const auto settings = settings_of(row[5]);
        const Style style(row[3] == "always", settings.dark_mode, false);
        const Arguments arguments = arguments_of(row[6]);
        const auto query = Query::parse(arguments.query, render_time);
        ASSERT_TRUE(query.has_value()) << row[0];
        std::string out;
        if (arguments.json) {
            std::vector<const Task*> tasks;
            for (const auto& [id, task] : state.tasks) {
                if (!arguments.group || task.spec->group == *arguments.group) {
                    tasks.push_back(&task);
                }
            }
            out = status_to_json(query->apply(tasks), state.groups) + "\n";
        } else {
            const TimeView times(settings, render_time);
            StatusLook look{settings, style, std::nullopt};
            if (row[2] != "none") {
                look.width = std::stoul(row[2]);
            }
            out = draw_status(state, *query, arguments.group, look, times).out;
        }
        EXPECT_EQ(out, read_golden("render/" + row[0])) << row[0];
    }
}

}  // namespace
}  // namespace pueue::client::test
