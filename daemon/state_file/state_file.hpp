// `state.json` and `state.json.gz` in the directory of pueue. Reading is bounded; writing replaces
// the whole file or nothing. Blocks, meant for the beginning and the end of a daemon.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/state.hpp"

#include <string>
#include <string_view>

namespace pueue::state_file {

/// Which of the two; `daemon.compress_state_file` decides.
enum class Form { plain, compressed };

[[nodiscard]] std::string file_name(Form form);

/// The text in the file. Error: not_found; anything else if it cannot be read.
[[nodiscard]] Result<Bytes> read_text(const std::string& directory, Form form);

/// Whether the text ends like this; the plain form is not read as a whole for that.
[[nodiscard]] Result<bool> ends_with(
    const std::string& directory, Form form, std::string_view ending
);

/// The file is durable when this returns; a crash leaves the old one or the new one. Its mode is
/// what the umask makes of 0666, as the original's.
[[nodiscard]] Result<> write_file(
    const std::string& directory, Form form, const State& state, std::string_view store
);

}  // namespace pueue::state_file
