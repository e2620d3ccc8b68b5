// Files that tests compare with byte by byte. With PUEUE_ACCEPT=1 they are written instead, and the
// test counts as skipped, so that an update never looks like a pass.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace pueue::support {

/// `name` is below tests/golden.
std::string golden_path(const std::string& name);

/// Empty if there is no such file.
std::string read_golden(const std::string& name);

}  // namespace pueue::support

/// Ends the test if the file is being rewritten.
#define PUEUE_EXPECT_GOLDEN(name, text)                                                     \
    do {                                                                                    \
        if (std::getenv("PUEUE_ACCEPT") != nullptr) {                                       \
            std::ofstream(::pueue::support::golden_path(name), std::ios::binary) << (text); \
            GTEST_SKIP() << "rewrote " << (name);                                           \
        }                                                                                   \
        EXPECT_EQ((text), ::pueue::support::read_golden(name));                             \
    } while (false)
