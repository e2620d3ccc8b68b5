// Any text as a template: rendered, with everything outside of names as it was, or a complaint.
#include "daemon/runner/template.hpp"

#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = fuzz::view_of(data, size);
    const runner::TemplateVariables variables = {
        {"id", "7"}, {"pueue_command_string", "echo {{ id }}"}, {"output", ""}};
    const Result<std::string> text = runner::render(input, variables);
    if (text.has_error()) {
        PUEUE_CHECK(!text.error().text.empty());
    } else if (input.find('{') == ByteView::npos) {
        PUEUE_CHECK(*text == input);
    }
    return 0;
}
