#include "client/style.hpp"

namespace pueue::client {

namespace {

constexpr std::string_view empty_sequence = "\x1b[m";

// Of the 256 colour palette; the dark ones are easier on a light background.
int palette_index(Color color, bool dark) {
    switch (color) {
        case Color::green:
            return dark ? 2 : 10;
        case Color::red:
            return dark ? 1 : 9;
        case Color::yellow:
            return dark ? 3 : 11;
        case Color::white:
        case Color::none:
            break;
    }
    return 15;
}

}  // namespace

std::string Style::begin(Color color) const {
    if (color == Color::none) {
        return "";
    }
    if (without_colors_) {
        return std::string(empty_sequence);
    }
    return "\x1b[38;5;" + std::to_string(palette_index(color, dark_)) + "m";
}

std::string Style::paint(std::string_view text, Color color) const {
    if (!enabled_ || color == Color::none) {
        return std::string(text);
    }
    const std::string_view end = without_colors_ ? empty_sequence : "\x1b[39m";
    return begin(color) + std::string(text) + std::string(end);
}

std::string Style::bold(std::string_view text, Color color) const {
    return enabled_ ? begin(color) + "\x1b[1m" + std::string(text) + "\x1b[0m" : std::string(text);
}

}  // namespace pueue::client
