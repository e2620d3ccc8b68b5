// Any bytes as a gzip file: a text within its bound, or an error.
#include "daemon/state_file/gzip.hpp"

#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t bytes_max = 1 << 20;
    const Result<Bytes> text = state_file::gunzip(fuzz::view_of(data, size), bytes_max);
    PUEUE_CHECK(text.has_error() ? !text.error().text.empty() : text->size() <= bytes_max);
    return 0;
}
