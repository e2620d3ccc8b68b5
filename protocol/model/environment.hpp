// One set of environment variables: immutable, shared by every task that has it.
//
// 100,000 tasks of one sweep have the same sixty variables. So an environment is stored once, in
// its encoded form (CBOR text, CBOR text, … sorted by name), which the journal, the wire and memory
// share; nothing but the launch of a task and `env set` ever looks inside.
#pragma once

#include "protocol/base/bytes.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pueue {

/// The daemon sets these two for every process, whatever was submitted under their names.
inline constexpr std::string_view group_variable = "PUEUE_GROUP";
inline constexpr std::string_view worker_variable = "PUEUE_WORKER_ID";

class Environment;
using EnvironmentPtr = std::shared_ptr<const Environment>;

class Environment {
  public:
    using Variable = std::pair<std::string_view, std::string_view>;

    /// Any order; of equal names the last one wins, as in the original's map.
    [[nodiscard]] static EnvironmentPtr of(std::vector<Variable> variables);
    [[nodiscard]] static const EnvironmentPtr& empty();
    /// What `encoded()` once gave, read back. Null for any other bytes.
    [[nodiscard]] static EnvironmentPtr from_encoded(ByteView bytes);

    /// Sorted by name, names unique. The views live as long as this object.
    [[nodiscard]] std::vector<Variable> variables() const;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool contains(std::string_view name) const;

    [[nodiscard]] EnvironmentPtr with(std::string_view name, std::string_view value) const;
    [[nodiscard]] EnvironmentPtr without(std::string_view name) const;

    /// `size()` pairs of CBOR text strings, without the map header.
    [[nodiscard]] ByteView encoded() const noexcept { return encoded_; }
    /// Of everything but the two variables of the daemon, so what a client was shown finds what was
    /// submitted.
    [[nodiscard]] std::size_t hash() const noexcept { return hash_; }
    /// Equal but for the two variables of the daemon.
    [[nodiscard]] bool is_same_submission(const Environment& other) const;

    bool operator==(const Environment& other) const noexcept { return encoded_ == other.encoded_; }

  private:
    Environment() = default;

    std::string encoded_;
    std::size_t size_ = 0;
    std::size_t hash_ = 0;
};

/// Gives equal environments one object, as long as somebody holds it. A hash only finds candidates;
/// contents are compared.
class EnvironmentPool {
  public:
    [[nodiscard]] EnvironmentPtr intern(EnvironmentPtr environment);

  private:
    std::unordered_multimap<std::size_t, std::weak_ptr<const Environment>> known_;
    std::size_t sweep_at_ = 64;
};

}  // namespace pueue
