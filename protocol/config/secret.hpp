// The shared secret: whoever can read this file may use the daemon. Raw bytes, nothing trimmed.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

#include <string>

namespace pueue::config {

/// Makes the file with 512 random characters of [A-Za-z0-9] and mode 0640 unless it exists. It
/// appears complete and with its final mode or not at all; of two daemons that try at once, one
/// wins. Error: text `I/O error at path "…" while creating shared secret:` and the system's words.
[[nodiscard]] Result<> create_secret_if_absent(const std::string& path);

/// Error: the original's text for a file that is missing or cannot be read.
[[nodiscard]] Result<Bytes> read_secret(const std::string& path);

}  // namespace pueue::config
