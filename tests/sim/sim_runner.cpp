// Runs seeds of the simulation by hand:
//   sim_runner --seed N [--steps N] [--trace]       one seed, as the tests run it
//   sim_runner --from N --count N [--steps N]       many; stops at the first that finds something
#include "tests/sim/world.hpp"

#include <charconv>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

namespace {

struct Arguments {
    std::uint64_t from = 1;
    std::uint64_t count = 200;
    std::uint64_t steps = 500;
    bool trace = false;
    bool is_valid = true;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view flag = argv[i];
        if (flag == "--trace") {
            arguments.trace = true;
            continue;
        }
        const std::string_view text = i + 1 < argc ? argv[++i] : "";
        std::uint64_t value = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        arguments.is_valid = arguments.is_valid && parsed.ec == std::errc() &&
                             parsed.ptr == text.data() + text.size();
        if (flag == "--seed") {
            arguments.from = value;
            arguments.count = 1;
        } else if (flag == "--from") {
            arguments.from = value;
        } else if (flag == "--count") {
            arguments.count = value;
        } else if (flag == "--steps") {
            arguments.steps = value;
        } else {
            arguments.is_valid = false;
        }
    }
    return arguments;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    if (!arguments.is_valid) {
        std::cerr << "usage: sim_runner [--seed N | --from N --count N] [--steps N] [--trace]\n";
        return 2;
    }
    for (std::uint64_t seed = arguments.from; seed < arguments.from + arguments.count; ++seed) {
        pueue::sim::World world(seed, arguments.trace ? &std::cout : nullptr);
        world.run(arguments.steps);
        for (const std::string& finding : world.findings().all()) {
            std::cout << "seed " << seed << ", step " << world.now() << ": not kept: " << finding
                      << '\n';
        }
        if (!world.findings().empty()) {
            return 1;
        }
    }
    std::cout << arguments.count << " seeds passed\n";
    return 0;
}
