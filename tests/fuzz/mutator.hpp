// Inputs that are nearly like others: seeds with a few bytes changed, lost, doubled or borrowed.
#pragma once

#include "protocol/base/bytes.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace pueue::fuzz {

/// The same inputs in the same order on every machine.
class Mutator {
  public:
    /// `seeds` outlives this and is not empty.
    explicit Mutator(const std::vector<Bytes>& seeds, std::uint32_t chance = 20260302)
        : seeds_(seeds), random_(chance) {}

    const Bytes& unchanged() { return any_seed(); }
    Bytes next() {
        Bytes bytes = any_seed();
        for (std::size_t i = below(3) + 1; i > 0; --i) {
            change(bytes);
        }
        return bytes;
    }

    std::size_t below(std::size_t bound) { return random_() % bound; }

  private:
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
    std::mt19937 random_;
};

}  // namespace pueue::fuzz
