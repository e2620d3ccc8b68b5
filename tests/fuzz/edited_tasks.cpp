// Any text as the file that an editor leaves: tasks that can be written and read again, or a report
// of what is wrong.
#include "client/toml_tasks.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto tasks = client::tasks_from_toml(fuzz::view_of(data, size));
    if (tasks.has_value()) {
        static_cast<void>(client::tasks_to_toml(*tasks));
    }
    return 0;
}
