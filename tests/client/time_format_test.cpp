#include "protocol/base/time_format.hpp"

#include "tests/client/vectors.hpp"

#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

TEST(TimeFormat, AgreesWithEveryRecordedFormat) {
    const auto rows = golden_rows("strftime.tsv");
    ASSERT_GT(rows.size(), 150U);
    for (const auto& row : rows) {
        const InZone zone(row[1]);
        const auto instant = from_rfc3339(row[2]);
        ASSERT_TRUE(instant.has_value()) << row[2];
        const auto text = format_time(unescape(row[0]), to_local(*instant));
        EXPECT_EQ(text.value_or("INVALID"), unescape(row[3]))
            << row[0] << " at " << row[2] << " in " << row[1];
    }
}

TEST(LocalTime, FindsTheInstantOfAClockReading) {
    const InZone zone("Europe/Berlin");
    const auto at = [](int month, int day, int hour, int minute) {
        return instant_of_local(2024, month, day, hour * 3600 + minute * 60);
    };
    EXPECT_EQ(at(1, 15, 12, 0), seconds_of_civil(2024, 1, 15, 11 * 3600));
    EXPECT_EQ(at(7, 15, 12, 0), seconds_of_civil(2024, 7, 15, 10 * 3600));
    // The gap: the clock goes from 2 to 3. The overlap: from 3 back to 2.
    EXPECT_EQ(at(3, 31, 2, 30), seconds_of_civil(2024, 3, 31, 3600));
    EXPECT_EQ(at(10, 27, 2, 30), seconds_of_civil(2024, 10, 27, 1800));
    EXPECT_EQ(at(10, 27, 3, 0), seconds_of_civil(2024, 10, 27, 2 * 3600));
}

}  // namespace
}  // namespace pueue::client::test
