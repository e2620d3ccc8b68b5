// Any text as a pueue.yml: settings, or a complaint.
#include "protocol/config/load_yaml.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Result<config::ConfigFile> file = config::parse_config(fuzz::view_of(data, size));
    if (file.has_error()) {
        PUEUE_CHECK(!file.error().text.empty());
        return 0;
    }
    for (const auto& [name, settings] : file->profiles) {
        const Result<config::Settings> chosen = config::choose_profile(*file, name);
        PUEUE_CHECK(chosen.has_value() && *chosen == settings);
    }
    return 0;
}
