// What this client says it is. Scripts compare the first, daemons and clients the second: both are
// the original's.
#pragma once

#include <string>

namespace pueue::client {

/// `pueue 4.0.4` and a newline: never the name in argv[0].
[[nodiscard]] inline std::string version_text() {
    return "pueue 4.0.4\n";
}

}  // namespace pueue::client
