// Files that tests compare with byte by byte. With PUEUE_ACCEPT=1 they are written instead, and the
// test counts as skipped, so that an update never looks like a pass.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace pueue::support {

/// Below tests/golden.
inline std::string golden_path(const std::string& name) {
    return std::string(PUEUE_TEST_DATA) + "/golden/" + name;
}

inline std::string read_golden(const std::string& name) {
    std::ifstream file(golden_path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

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
