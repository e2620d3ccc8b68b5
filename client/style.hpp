// Colours of ordinary output. Decided once from --color, the terminal and the configuration; every
// text that may be coloured passes through here.
#pragma once

#include <string>
#include <string_view>

namespace pueue::client {

enum class Color { none, green, red, yellow, white };

class Style {
  public:
    /// No styling at all.
    Style() = default;
    /// `without_colors` (NO_COLOR) keeps bold and makes every colour sequence an empty one, as the
    /// original's library does.
    Style(bool enabled, bool dark_mode, bool without_colors)
        : enabled_(enabled), dark_(dark_mode), without_colors_(without_colors) {}

    [[nodiscard]] bool enabled() const { return enabled_; }
    [[nodiscard]] std::string paint(std::string_view text, Color color) const;
    [[nodiscard]] std::string bold(std::string_view text, Color color = Color::none) const;

  private:
    [[nodiscard]] std::string begin(Color color) const;

    bool enabled_ = false;
    bool dark_ = false;
    bool without_colors_ = false;
};

}  // namespace pueue::client
