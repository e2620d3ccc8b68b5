// The five looks of help and usage errors, as escape sequences or as nothing.
#pragma once

#include <string>
#include <string_view>

namespace pueue::client::cli {

class Markup {
  public:
    explicit Markup(bool colored) : colored_(colored) {}

    [[nodiscard]] std::string heading(std::string_view text) const {
        return in("\x1b[1m\x1b[4m", text);
    }
    [[nodiscard]] std::string literal(std::string_view text) const { return in("\x1b[1m", text); }
    [[nodiscard]] std::string error(std::string_view text) const {
        return in("\x1b[1m\x1b[31m", text);
    }
    [[nodiscard]] std::string bad(std::string_view text) const { return in("\x1b[33m", text); }
    [[nodiscard]] std::string good(std::string_view text) const { return in("\x1b[32m", text); }

  private:
    [[nodiscard]] std::string in(std::string_view begin, std::string_view text) const {
        return colored_ ? std::string(begin) + std::string(text) + "\x1b[0m" : std::string(text);
    }

    bool colored_;
};

}  // namespace pueue::client::cli
