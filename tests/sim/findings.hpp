// Promises that a simulated run has seen broken, in words.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pueue::sim {

class Findings {
  public:
    void add(std::string text) { all_.push_back(std::move(text)); }
    /// Notes the promise down unless it was kept.
    void expect(bool kept, const std::string& promise) {
        if (!kept) {
            add(promise);
        }
    }
    [[nodiscard]] bool empty() const { return all_.empty(); }
    [[nodiscard]] const std::vector<std::string>& all() const { return all_; }

  private:
    std::vector<std::string> all_;
};

}  // namespace pueue::sim
