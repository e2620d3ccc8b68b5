#include "client/view/query.hpp"

#include "tests/client/states.hpp"
#include "tests/client/vectors.hpp"

#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

std::string shown(const Query& query, const State& state) {
    std::vector<const Task*> tasks;
    for (const auto& [id, task] : state.tasks) {
        tasks.push_back(&task);
    }
    std::string ids;
    for (const Task* task : query.apply(tasks)) {
        ids += (ids.empty() ? "" : ",") + std::to_string(task->id.value);
    }
    return ids.empty() ? "-" : ids;
}

TEST(Query, AgreesWithEveryRecordedQuery) {
    const InZone zone("UTC");
    const WallTime now{1705320000, 0};
    const State state = state_from_json(read_golden("render/query-state.json"));
    ASSERT_EQ(state.tasks.size(), 13U);
    const auto rows = golden_rows("query.tsv");
    ASSERT_GT(rows.size(), 250U);
    for (const auto& row : rows) {
        const std::string text = unescape(row[0]);
        const auto query = Query::parse(text, now);
        const std::string detail = unescape(row[2]);
        if (row[1] == "ok") {
            ASSERT_TRUE(query.has_value()) << text << ": " << query.error().messages.back();
            if (!detail.empty()) {
                EXPECT_EQ(shown(*query, state), detail) << text;
            }
            continue;
        }
        ASSERT_TRUE(query.has_error()) << text;
        std::string messages;
        for (const std::string& message : query.error().messages) {
            messages += (messages.empty() ? "" : "\n") + message;
        }
        EXPECT_EQ(messages, row[1] == "REJECT" ? "Failed to parse query\n" + detail : detail)
            << text;
    }
}

TEST(Query, TakesTheFirstInstantWhereTheClockShowsATimeTwiceOrNever) {
    const InZone zone("Europe/Berlin");
    const State state = state_from_json(read_golden("render/query-state.json"));
    for (const char* text : {"start>2024-03-31 02:30:00", "start>2024-10-27 02:30:00"}) {
        EXPECT_TRUE(Query::parse(text, {1705320000, 0}).has_value()) << text;
    }
}

}  // namespace
}  // namespace pueue::client::test
