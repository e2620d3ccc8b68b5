// Messages as the original's log shows them: its data types in their Debug form, environments and
// outputs hidden.
#pragma once

#include "protocol/wire/message.hpp"

#include <string>

namespace pueue::client {

enum class DebugForm { one_line, many_lines };

[[nodiscard]] std::string debug_text(const wire::Request& request, DebugForm form);
[[nodiscard]] std::string debug_text(const wire::Response& response, DebugForm form);

}  // namespace pueue::client
