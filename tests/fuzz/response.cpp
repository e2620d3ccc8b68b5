// Any bytes as a response: a message that means the same when it is written and read again, or an
// error with a text.
#include "protocol/wire/codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::use_utc();
    const auto response = wire::decode_response(fuzz::view_of(data, size));
    if (response.has_error()) {
        PUEUE_CHECK(!response.error().text.empty());
        return 0;
    }
    const Bytes payload = wire::encode_response(*response);
    const auto again = wire::decode_response(payload);
    PUEUE_CHECK(again.has_value());
    PUEUE_CHECK(*again == *response);
    PUEUE_CHECK(wire::encode_response(*again) == payload);
    return 0;
}
