// Any bytes as a request: a message that means the same when it is written and read again, or an
// error with a text.
#include "protocol/wire/codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::use_utc();
    EnvironmentPool pool;
    const auto request = wire::decode_request(fuzz::view_of(data, size), &pool);
    if (request.has_error()) {
        PUEUE_CHECK(!request.error().text.empty());
        return 0;
    }
    const Bytes payload = wire::encode_request(*request);
    const auto again = wire::decode_request(payload);
    PUEUE_CHECK(again.has_value());
    PUEUE_CHECK(*again == *request);
    PUEUE_CHECK(wire::encode_request(*again) == payload);
    return 0;
}
