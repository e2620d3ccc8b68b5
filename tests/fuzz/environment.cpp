// Any bytes as an encoded environment: its own encoding again, or nothing.
#include "protocol/model/environment.hpp"

#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = fuzz::view_of(data, size);
    if (const EnvironmentPtr environment = Environment::from_encoded(input)) {
        PUEUE_CHECK(environment->encoded() == input);
        PUEUE_CHECK(environment->variables().size() == environment->size());
        PUEUE_CHECK(*Environment::of(environment->variables()) == *environment);
    }
    return 0;
}
