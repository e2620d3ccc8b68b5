// Any text as a pueue.toml: settings, or a complaint that says where.
#include "protocol/config/extensions.hpp"

#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto extensions = config::parse_extensions(fuzz::view_of(data, size));
    PUEUE_CHECK(extensions.has_value() || extensions.error().text.starts_with("line "));
    return 0;
}
