// The three signals that the core itself sends, by their numbers on Linux. The core includes no
// header of the system.
#pragma once

namespace pueue::core {

inline constexpr int sigkill = 9;
inline constexpr int sigcont = 18;
inline constexpr int sigstop = 19;

}  // namespace pueue::core
