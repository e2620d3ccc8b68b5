// What an epoll event is about. Numbers below tags_end; anything else is the address of the Child
// whose status pipe it is.
#pragma once

#include <cstdint>

namespace pueue::keeper {

inline constexpr std::uint64_t tag_signals = 0;
inline constexpr std::uint64_t tag_control = 1;
inline constexpr std::uint64_t tag_daemon = 2;
inline constexpr std::uint64_t tag_first_greeting = 8;
inline constexpr std::uint64_t tags_end = 64;

}  // namespace pueue::keeper
