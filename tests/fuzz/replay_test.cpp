// A fuzz target as a plain test: its seeds, cut and whole, and some thousand mutations of them. The
// same ones in every run, so that what fails here can be repeated.
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/fuzz/mutator.hpp"
#include "tests/fuzz/seeds.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pueue::fuzz {

namespace {

constexpr std::size_t mutations = 4000;
constexpr std::size_t seed_bytes_max = 5000;

void run(const Bytes& input) {
    // A copy of exactly this size, so that a sanitizer sees a read behind its end.
    const std::vector<std::uint8_t> exact(input.begin(), input.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

TEST(Target, SurvivesItsSeedsCutAnywhere) {
    run(Bytes());
    for (const Bytes& seed : seeds()) {
        run(seed);
        const std::size_t step = seed.size() / 200 + 1;
        for (std::size_t size = 0; size < seed.size(); size += step) {
            run(seed.substr(0, size));
        }
    }
}

TEST(Target, SurvivesMutations) {
    std::vector<Bytes> small = seeds();
    std::erase_if(small, [](const Bytes& seed) { return seed.size() > seed_bytes_max; });
    ASSERT_FALSE(small.empty()) << "no seeds in " << PUEUE_FUZZ_SEEDS;
    Mutator mutator(small);
    for (std::size_t i = 0; i < mutations; ++i) {
        run(mutator.next());
    }
}

}  // namespace

}  // namespace pueue::fuzz
