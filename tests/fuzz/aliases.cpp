// Any text as a pueue_aliases.yml, and again as a command: its first word is replaced, or nothing.
#include "protocol/config/aliases.hpp"

#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = fuzz::view_of(data, size);
    const Result<config::Aliases> read = config::parse_aliases(input);
    PUEUE_CHECK(read.has_value() || !read.error().text.empty());
    const config::Aliases aliases =
        read.has_value() ? *read : config::Aliases{{"ls", "ls -la"}, {"client:", ""}};
    const std::string command = config::expand_alias(input, aliases);
    if (command != input) {
        const std::size_t begin = input.find_first_not_of(' ');
        PUEUE_CHECK(begin != ByteView::npos);
        PUEUE_CHECK(command.starts_with(input.substr(0, begin)));
    }
    return 0;
}
