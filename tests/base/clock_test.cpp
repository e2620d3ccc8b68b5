#include "protocol/base/clock.hpp"

#include "tests/support/golden.hpp"
#include "tests/support/in_zone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <vector>

namespace pueue {

namespace {

using support::InZone;

/// A row of tests/golden/base/times.tsv.
struct TimeRow {
    std::string text;
    bool is_time = false;
    std::vector<std::string> rest;
};

std::string unescaped(std::string text) {
    const std::pair<std::string_view, char> escapes[] = {{"\\t", '\t'}, {"\\n", '\n'}};
    for (const auto& [escape, character] : escapes) {
        for (auto at = text.find(escape); at != std::string::npos; at = text.find(escape)) {
            text.replace(at, escape.size(), 1, character);
        }
    }
    return text;
}

std::vector<TimeRow> time_rows() {
    std::ifstream file(support::golden_path("base/times.tsv"));
    std::vector<TimeRow> rows;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) {
            continue;
        }
        std::vector<std::string> cells;
        for (std::size_t begin = 0; begin <= line.size();) {
            const std::size_t end = std::min(line.find('\t', begin), line.size());
            cells.push_back(line.substr(begin, end - begin));
            begin = end + 1;
        }
        rows.push_back(
            {unescaped(cells.at(0)), cells.at(1) == "OK", {cells.begin() + 2, cells.end()}}
        );
    }
    return rows;
}

TEST(Clock, ReadsTimesAsTheOriginalDoes) {
    const std::vector<TimeRow> rows = time_rows();
    ASSERT_GT(rows.size(), 80U);
    for (const TimeRow& row : rows) {
        const Result<WallTime> time = from_rfc3339(row.text);
        ASSERT_EQ(time.has_value(), row.is_time) << row.text;
        if (row.is_time) {
            EXPECT_EQ(time->seconds, std::stoll(row.rest.at(0))) << row.text;
            EXPECT_EQ(time->nanoseconds, std::stoul(row.rest.at(1))) << row.text;
        } else {
            EXPECT_EQ(time.error(), invalid(row.rest.at(0))) << row.text;
        }
    }
}

TEST(Clock, WritesTimesAsTheOriginalDoes) {
    const char* const zones[] = {"UTC", "Europe/Berlin", "Africa/Monrovia"};
    for (std::size_t i = 0; i < std::size(zones); ++i) {
        const InZone zone(zones[i]);
        for (const TimeRow& row : time_rows()) {
            if (row.is_time) {
                EXPECT_EQ(to_rfc3339(from_rfc3339(row.text).value()), row.rest.at(2 + i))
                    << zones[i] << ", " << row.text;
            }
        }
    }
}

TEST(Clock, ReadsWhatItWrites) {
    for (const char* name : {"UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"}) {
        const InZone zone(name);
        for (std::int64_t seconds = -3'000'000'000; seconds < 5'000'000'000; seconds += 7'654'321) {
            const WallTime time{seconds, static_cast<std::uint32_t>(seconds & 0xffffff)};
            const Result<WallTime> again = from_rfc3339(to_rfc3339(time));
            ASSERT_TRUE(again.has_value()) << name << ", " << seconds;
            // The text has the offset in minutes only; before standard time that was not enough.
            EXPECT_NEAR(
                static_cast<double>(again->seconds),
                static_cast<double>(seconds),
                seconds < -1'000'000'000 ? 60 : 0
            ) << name;
            EXPECT_EQ(again->nanoseconds, time.nanoseconds);
        }
    }
}

TEST(Clock, WritesEveryTimeThereCanBe) {
    for (const char* name : {"UTC", "Europe/Berlin", "America/New_York"}) {
        const InZone zone(name);
        // Where local time would leave the calendar that readers have, it is written in UTC.
        EXPECT_EQ(
            to_rfc3339({std::numeric_limits<std::int64_t>::max(), 0}).substr(0, 14),
            "+262142-12-31T"
        ) << name;
        EXPECT_EQ(
            to_rfc3339({std::numeric_limits<std::int64_t>::min(), 0}).substr(0, 14),
            "-262143-01-01T"
        ) << name;
        for (const auto limit :
             {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
            EXPECT_TRUE(from_rfc3339(to_rfc3339({limit, 1'999'999'999})).has_value()) << name;
        }
    }
}

TEST(LocalOffset, AgreesWithAFreshOneAtEverySecondAroundAChange) {
    const std::pair<const char*, std::int64_t> changes[] = {
        {"Europe/Berlin", 1'711'846'800},        // to summer time
        {"Europe/Berlin", -2'422'054'408},       // from the sun's time, not on a full hour
        {"Australia/Lord_Howe", 1'712'415'600},  // half an hour back
        {"Pacific/Apia", 1'325'239'200},         // a day is left out
    };
    for (const auto& [name, change] : changes) {
        const InZone zone(name);
        LocalOffset remembering;
        for (std::int64_t seconds = change - 4000; seconds < change + 4000; ++seconds) {
            ASSERT_EQ(remembering.at(seconds), LocalOffset().at(seconds))
                << name << ", " << seconds;
        }
        EXPECT_NE(LocalOffset().at(change - 4000), LocalOffset().at(change + 4000)) << name;
    }
}

TEST(Clock, NeverGoesBackAndNeverRepeatsItself) {
    const Now first = read_clock();
    const Now second = read_clock();
    EXPECT_LE(first.instant, second.instant);
    EXPECT_GT(first.instant, Instant{});
    EXPECT_LT(first.wall.nanoseconds, 1'000'000'000U);
    EXPECT_NE(first.random, second.random);
}

}  // namespace

}  // namespace pueue
