// A fuzz target as a plain test: its seeds, cut and whole, and some thousand mutations of them. The
// same ones in every run, so that what fails here can be repeated.
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/fuzz/seeds.hpp"

#include <gtest/gtest.h>

#include <random>
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

class Mutator {
  public:
    explicit Mutator(const std::vector<Bytes>& seeds) : seeds_(seeds) {}

    Bytes next() {
        Bytes bytes = any_seed();
        for (std::size_t i = below(3) + 1; i > 0; --i) {
            change(bytes);
        }
        return bytes;
    }

  private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    const Bytes& any_seed() { return seeds_[below(seeds_.size())]; }

    void change(Bytes& bytes) {
        if (bytes.empty()) {
            bytes.push_back(static_cast<char>(random_()));
            return;
        }
        const std::size_t at = below(bytes.size());
        switch (below(6)) {
            case 0:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
                break;
            case 1:
                bytes[at] = static_cast<char>(random_());
                break;
            case 2:
                bytes.insert(at, 1 + below(9), static_cast<char>(random_()));
                break;
            case 3:
                bytes.erase(at, 1 + below(9));
                break;
            case 4:
                bytes.resize(at);
                break;
            default: {
                const Bytes& other = any_seed();
                const std::size_t from = other.empty() ? 0 : below(other.size());
                bytes.insert(at, other.substr(from, 1 + below(40)));
            }
        }
    }

    const std::vector<Bytes>& seeds_;
    std::mt19937 random_{20260302};
};

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
