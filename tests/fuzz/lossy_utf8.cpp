// Any bytes of a log as text: well-formed, and the same however they are cut into pieces.
#include "daemon/server/lossy_utf8.hpp"

#include "protocol/base/text.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const ByteView input = fuzz::view_of(data + 1, size - 1);
    server::LossyUtf8 at_once;
    std::string text = at_once.feed(input);
    text += at_once.finish();
    PUEUE_CHECK(is_utf8(text) && text == to_utf8_lossy(input));

    const std::size_t step = data[0] % 7 + std::size_t{1};
    server::LossyUtf8 piecewise;
    std::string same;
    for (std::size_t at = 0; at < input.size(); at += step) {
        same += piecewise.feed(input.substr(at, step));
    }
    same += piecewise.finish();
    PUEUE_CHECK(same == text);
    return 0;
}
