// Messages as text, written out by hand: what a decoded struct says, independent of the shapes that
// the codec works from. Diagnostic notation, as tests/golden/wire/index.tsv has it.
#pragma once

#include "protocol/wire/message.hpp"

#include <string>

namespace pueue::wire {

[[nodiscard]] std::string show_message(const Request& request);
[[nodiscard]] std::string show_message(const Response& response);

}  // namespace pueue::wire
