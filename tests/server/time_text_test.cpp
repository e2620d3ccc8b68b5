#include "daemon/server/time_text.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace pueue::server {
namespace {

class TimeTextTest : public testing::Test {
  protected:
    void SetUp() override {
        ::setenv("TZ", "Europe/Berlin", 1);
        ::tzset();
    }
    void TearDown() override {
        ::unsetenv("TZ");
        ::tzset();
    }
    config::ClientSettings formats;
};

constexpr std::int64_t noon = 1'763'982'000;  // 2025-11-24 12:00:00 +01:00

TEST_F(TimeTextTest, ShowsOnlyTheTimeOnTheSameLocalDay) {
    EXPECT_EQ(time_text({noon + 3600, 0}, {noon, 0}, formats), "13:00:00");
    // 23:59:59 is still today although UTC has another date soon after.
    EXPECT_EQ(time_text({noon + 43199, 0}, {noon, 0}, formats), "23:59:59");
}

TEST_F(TimeTextTest, ShowsTheDateOnAnyOtherDay) {
    EXPECT_EQ(time_text({noon + 43200, 0}, {noon, 0}, formats), "2025-11-25\n00:00:00");
    EXPECT_EQ(time_text({noon - 86400, 0}, {noon, 0}, formats), "2025-11-23\n12:00:00");
    EXPECT_EQ(time_text({noon + 365 * 86400, 0}, {noon, 0}, formats), "2026-11-24\n12:00:00");
}

TEST_F(TimeTextTest, FollowsTheSettings) {
    formats.status_time_format = "%H.%M";
    formats.status_datetime_format = "%d.%m. %H.%M";
    EXPECT_EQ(time_text({noon + 60, 0}, {noon, 0}, formats), "12.01");
    EXPECT_EQ(time_text({noon + 86400, 0}, {noon, 0}, formats), "25.11. 12.00");
}

TEST_F(TimeTextTest, KnowsTheSpecifiersOfTheOriginal) {
    formats.status_time_format = "%T %:z %3f %A %e";
    EXPECT_EQ(time_text({noon, 120'000'000}, {noon, 0}, formats), "12:00:00 +01:00 120 Monday 24");
}

// The original crashes here.
TEST_F(TimeTextTest, ReplacesAFormatThatDoesNotExist) {
    formats.status_time_format = "%H%!";
    formats.status_datetime_format = "%9";
    EXPECT_EQ(time_text({noon, 0}, {noon, 0}, formats), "12:00:00");
    EXPECT_EQ(time_text({noon, 0}, {noon - 86400, 0}, formats), "2025-11-24\n12:00:00");
    EXPECT_EQ(invalid_time_format(formats), "%H%!");
    EXPECT_EQ(invalid_time_format({}), std::nullopt);
}

}  // namespace
}  // namespace pueue::server
