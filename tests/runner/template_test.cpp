#include "daemon/runner/template.hpp"

#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace pueue::runner {
namespace {

// What the original had for the task of the recorded file.
const TemplateVariables variables = {
    {"id", "0"},
    {"command", "TASK"},
    {"path", "/tmp"},
    {"group", "default"},
    {"queued_count", "0"},
    {"stashed_count", "0"},
    {"result", "Failed"},
    {"exit_code", "3"},
    {"start", "TIME"},
    {"end", "TIME"},
    {"output", "line1\nline2"},
    {"output_path", "DIR/task_logs/0.log"},
};

std::string unescape(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    return out;
}

std::string outcome_of(const std::string& text) {
    const Result<std::string> rendered = render(text, variables);
    return rendered.has_value() ? "= " + rendered.value() : "! " + rendered.error().text;
}

TEST(Template, RendersWhatTheOriginalRenders) {
    std::ifstream file(support::golden_path("config/templates.tsv"));
    int rows = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) {
            continue;
        }
        const std::size_t tab = line.find('\t');
        const std::string text = unescape(line.substr(0, tab));
        const std::string expected = unescape(line.substr(tab + 1));
        std::string actual = outcome_of(text);
        if (expected.starts_with("! Failed to parse template")) {
            actual = actual.substr(0, expected.size());
        }
        EXPECT_EQ(actual, expected) << text;
        ++rows;
    }
    EXPECT_GT(rows, 300);
}

TEST(Template, RefusesWhatIsNotSupportedInsteadOfGuessing) {
    for (const char* text : {
             "{{#each this as |value name|}}{{/each}}",
             "{{#if 0 includeZero=true}}{{/if}}",
             "{{#> part}}{{/part}}",
             "{{#each this}}{{@../key}}{{/each}}",
             "{{len [1]}}",
             "{{*decorator}}",
         }) {
        EXPECT_FALSE(render(text, variables).has_value()) << text;
    }
}

TEST(Template, EndsAPartialThatCallsItself) {
    EXPECT_EQ(
        outcome_of(R"({{#*inline "p"}}{{> p}}{{/inline}}{{> p}})"),
        "! Error rendering \"Unnamed template\" line 1, col 17: Partials are nested too deep"
    );
}

TEST(Template, RefusesNestingWithoutEnd) {
    std::string blocks;
    std::string calls = "{{not ";
    for (int i = 0; i < 10'000; ++i) {
        blocks += "{{#if id}}";
        calls += "(not ";
    }
    EXPECT_EQ(
        outcome_of(blocks), "! Failed to parse template Template error: blocks are nested too deep"
    );
    EXPECT_TRUE(outcome_of(calls).starts_with("! Failed to parse template")) << outcome_of(calls);
}

// The original crashes here.
TEST(Template, TakesBlanksAroundAnElseIf) {
    EXPECT_EQ(outcome_of("{{#if nope}}a {{~else if id~}} b {{/if}}"), "= b ");
}

}  // namespace
}  // namespace pueue::runner
