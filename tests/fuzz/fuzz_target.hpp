// What every fuzz target includes. A target must be deterministic and may abort, through
// PUEUE_CHECK, only where the code under test has broken a promise.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <stdlib.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace pueue::fuzz {

inline ByteView view_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// For targets that write local time: texts must not depend on the machine.
inline void use_utc() {
    static const bool done = [] {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
        return true;
    }();
    static_cast<void>(done);
}

}  // namespace pueue::fuzz
