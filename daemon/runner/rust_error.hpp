// System errors in the words of the original: Rust's Debug form, as FailedToSpawn and send show it.
#pragma once

#include <string>

namespace pueue::runner {

/// `Os { code: 2, kind: NotFound, message: "No such file or directory" }`
[[nodiscard]] std::string rust_debug_os_error(int number);

}  // namespace pueue::runner
