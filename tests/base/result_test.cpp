#include "protocol/base/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace pueue {

namespace {

Result<int> half(int number) {
    if (number % 2 != 0) {
        return invalid(std::to_string(number) + " is odd");
    }
    return number / 2;
}

Result<int> quarter(int number) {
    TRY(const int first, half(number));
    TRY(const int second, half(first));
    return second;
}

Result<> check(int number) {
    CHECK_OK(quarter(number));
    return {};
}

TEST(Result, TryGivesTheValueOrLeavesWithTheError) {
    EXPECT_EQ(quarter(12).value(), 3);
    EXPECT_EQ(quarter(6).error().text, "3 is odd");
    EXPECT_EQ(quarter(7).error(), invalid("7 is odd"));
}

TEST(Result, CheckOkLeavesWithTheError) {
    EXPECT_TRUE(check(4).has_value());
    EXPECT_EQ(check(2).error().text, "1 is odd");
}

TEST(Result, TryMovesWhatCannotBeCopied) {
    const auto pass_on = []() -> Result<std::unique_ptr<int>> {
        TRY(auto pointer, Result<std::unique_ptr<int>>(std::make_unique<int>(7)));
        return pointer;
    };
    EXPECT_EQ(*pass_on().value(), 7);
}

TEST(Error, GrowsOutward) {
    const Error inner{ErrorKind::io, EIO, "read: Input/output error"};
    const Error outer = inner.in("segment 3").in("recover");
    EXPECT_EQ(outer.text, "recover: segment 3: read: Input/output error");
    EXPECT_EQ(outer.kind, ErrorKind::io);
    EXPECT_EQ(outer.os_error, EIO);
}

TEST(Error, KindComesFromTheNumber) {
    const std::pair<int, ErrorKind> rows[] = {
        {ENOENT, ErrorKind::not_found},
        {ESRCH, ErrorKind::not_found},
        {EACCES, ErrorKind::refused},
        {EPERM, ErrorKind::refused},
        {EEXIST, ErrorKind::exists},
        {EADDRINUSE, ErrorKind::exists},
        {EPIPE, ErrorKind::closed},
        {ECONNRESET, ErrorKind::closed},
        {EIO, ErrorKind::io},
        {ENOSPC, ErrorKind::io},
    };
    for (const auto& [number, kind] : rows) {
        EXPECT_EQ(os_error("x", number).kind, kind) << number;
        EXPECT_EQ(os_error("x", number).os_error, number);
    }
    EXPECT_EQ(os_error("open /x", ENOENT).text, "open /x: No such file or directory");
}

TEST(ResultDeathTest, AValueThatIsNotThereIsABug) {
    EXPECT_DEATH(static_cast<void>(half(1).value()), "value\\(\\) of an error at .*: 1 is odd");
}

TEST(CheckDeathTest, ABrokenInvariantEndsTheProcess) {
    const int two = 2;
    PUEUE_CHECK(two == 2);
    EXPECT_DEATH(PUEUE_CHECK(two == 3), "broken invariant at .*result_test.cpp:.*: two == 3");
}

}  // namespace

}  // namespace pueue
