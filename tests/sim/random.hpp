// The only source of chance in a simulated run: the same seed gives the same run on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace pueue::sim {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    // SplitMix64: small, and good enough to shake a scheduler.
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    /// 0 to limit - 1. Requires: limit > 0.
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    bool percent(std::uint64_t chance) { return below(100) < chance; }
    bool permille(std::uint64_t chance) { return below(1000) < chance; }

    /// Requires: not empty.
    template <class Value>
    const Value& pick(const std::vector<Value>& from) {
        return from[below(from.size())];
    }

    std::array<std::uint8_t, 16> bytes() {
        std::array<std::uint8_t, 16> all{};
        for (std::uint8_t& byte : all) {
            byte = static_cast<std::uint8_t>(next());
        }
        return all;
    }

  private:
    std::uint64_t state_;
};

}  // namespace pueue::sim
