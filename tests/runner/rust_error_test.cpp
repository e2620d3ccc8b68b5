#include "daemon/runner/rust_error.hpp"

#include <gtest/gtest.h>

namespace pueue::runner {
namespace {

TEST(RustError, SaysWhatTheOriginalSays) {
    // Observed on 4.0.4 where the contract lists them, Rust's table elsewhere.
    EXPECT_EQ(
        rust_debug_os_error(2),
        R"(Os { code: 2, kind: NotFound, message: "No such file or directory" })"
    );
    EXPECT_EQ(
        rust_debug_os_error(13),
        R"(Os { code: 13, kind: PermissionDenied, message: "Permission denied" })"
    );
    EXPECT_EQ(
        rust_debug_os_error(20),
        R"(Os { code: 20, kind: NotADirectory, message: "Not a directory" })"
    );
    EXPECT_EQ(
        rust_debug_os_error(8),
        R"(Os { code: 8, kind: Uncategorized, message: "Exec format error" })"
    );
    EXPECT_EQ(
        rust_debug_os_error(7),
        R"(Os { code: 7, kind: ArgumentListTooLong, message: "Argument list too long" })"
    );
    EXPECT_EQ(
        rust_debug_os_error(11),
        R"(Os { code: 11, kind: WouldBlock, message: "Resource temporarily unavailable" })"
    );
    EXPECT_EQ(
        rust_debug_os_error(12),
        R"(Os { code: 12, kind: OutOfMemory, message: "Cannot allocate memory" })"
    );
    EXPECT_EQ(
        rust_debug_os_error(32), R"(Os { code: 32, kind: BrokenPipe, message: "Broken pipe" })"
    );
}

}  // namespace
}  // namespace pueue::runner
