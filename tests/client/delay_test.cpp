#include "client/delay.hpp"

#include "protocol/base/local_time.hpp"
#include "protocol/base/time_format.hpp"
#include "tests/client/vectors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

using ::testing::HasSubstr;

// `2020-04-01 18:30:00.000005`, as the recorded results are written.
std::string written(const WallTime& time) {
    const LocalTime local = to_local(time);
    std::string text = format_time("%Y-%m-%d %H:%M:%S%.f", local).value_or("");
    return text;
}

TEST(Delay, AgreesWithEveryRecordedText) {
    const InZone zone("<+02>-2");
    const WallTime now{seconds_of_civil(2018, 3, 21, 9 * 3600), 0};
    const auto rows = golden_rows("delay.tsv");
    ASSERT_GT(rows.size(), 270U);
    for (const auto& row : rows) {
        const auto result = parse_delay(row[0], now);
        if (row[1] == "REJECT") {
            EXPECT_TRUE(result.has_error()) << "[" << row[0] << "]";
        } else if (row[1] == "RANGE") {
            ASSERT_TRUE(result.has_error()) << row[0];
            EXPECT_EQ(result.error().text, "Failed to get timedelta from " + row[0] + " seconds");
        } else if (row[1] == "PANIC") {
            // Ours: numbers out of range are refused, upper-case AM and PM are read.
            const bool number = row[0].find('M') == std::string::npos;
            EXPECT_EQ(result.has_error(), number) << row[0];
        } else {
            ASSERT_TRUE(result.has_value()) << "[" << row[0] << "] should be " << row[1];
            EXPECT_EQ(written(*result), row[1]) << "[" << row[0] << "]";
        }
    }
}

TEST(Delay, AgreesWithEveryRecordedTextAroundChangesOfTheClock) {
    const auto rows = golden_rows("delay-dst.tsv");
    ASSERT_GT(rows.size(), 50U);
    for (const auto& row : rows) {
        const InZone zone(row[1]);
        const auto result = parse_delay(row[2], *from_rfc3339(row[0]));
        ASSERT_TRUE(result.has_value()) << row[2];
        EXPECT_EQ(*result, *from_rfc3339(row[3]))
            << row[2] << " at " << row[0] << " in " << row[1] << " should be " << row[3];
    }
}

TEST(Delay, AgreesWithEveryGeneratedText) {
    const auto rows = golden_rows("delay-more.tsv");
    ASSERT_GT(rows.size(), 800U);
    for (const auto& row : rows) {
        const InZone zone(row[1]);
        const auto result = parse_delay(row[2], *from_rfc3339(row[0]));
        const std::string where = "[" + row[2] + "] at " + row[0] + " in " + row[1];
        if (row[3] == "REJECT") {
            EXPECT_TRUE(result.has_error()) << where;
        } else {
            ASSERT_TRUE(result.has_value()) << where << " should be " << row[3];
            // Seconds of an offset are not written: years before 1900 are off by less than a
            // minute.
            const auto expected = from_rfc3339(row[3]);
            EXPECT_LT(std::abs(result->seconds - expected->seconds), 60) << where << row[3];
            EXPECT_EQ(result->nanoseconds, expected->nanoseconds) << where << row[3];
        }
    }
}

TEST(Delay, ReadsUpperCaseHalvesBehindADate) {
    const InZone zone("UTC");
    const WallTime now{seconds_of_civil(2018, 3, 21, 9 * 3600), 0};
    EXPECT_EQ(written(*parse_delay("tomorrow 5PM", now)), "2018-03-22 17:00:00");
    EXPECT_EQ(written(*parse_delay("2020-4-1 5AM", now)), "2020-04-01 05:00:00");
}

TEST(Delay, KeepsTheFractionOfASecondOfNow) {
    const InZone zone("UTC");
    const WallTime now{seconds_of_civil(2018, 3, 21, 9 * 3600), 250'000'000};
    EXPECT_EQ(parse_delay("3h", now)->nanoseconds, 250'000'000U);
    EXPECT_EQ(parse_delay("1d", now)->nanoseconds, 250'000'000U);
    EXPECT_EQ(parse_delay("friday", now)->nanoseconds, 0U);
}

TEST(Delay, SurvivesAnything) {
    const InZone zone("UTC");
    const std::string alphabet = "19-/:.,+ Tapmzjdhwyon\xff\t";
    std::uint64_t state = 1;
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        for (int k = 0; k < 12; ++k) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            text += alphabet[(state >> 33U) % alphabet.size()];
        }
        std::ignore = parse_delay(text, WallTime{0, 0});  // no crash is the claim
    }
    EXPECT_THAT(parse_delay("x", {}).error().text, HasSubstr("could not parse"));
}

}  // namespace
}  // namespace pueue::client::test
