// Any text as a time: one that is the same when it is written and read again, or an error.
#include "protocol/base/clock.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::use_utc();
    const Result<WallTime> time = from_rfc3339(fuzz::view_of(data, size));
    if (time.has_error()) {
        PUEUE_CHECK(!time.error().text.empty());
        return 0;
    }
    const Result<WallTime> again = from_rfc3339(to_rfc3339(*time));
    PUEUE_CHECK(again.has_value());
    PUEUE_CHECK(*again == *time);
    return 0;
}
