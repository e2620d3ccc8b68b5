// Any text as a delay: a time that can be written, or a reason.
#include "client/delay.hpp"

#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::use_utc();
    const WallTime now{1'521'622'800, 0};
    const Result<WallTime> time = client::parse_delay(fuzz::view_of(data, size), now);
    PUEUE_CHECK(time.has_value() || !time.error().text.empty());
    if (time.has_value()) {
        PUEUE_CHECK(from_rfc3339(to_rfc3339(*time)).has_value());
    }
    return 0;
}
