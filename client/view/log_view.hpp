// What `pueue log` says about a task before its output: a box with id and status, then command,
// path, label and times.
#pragma once

#include "client/style.hpp"
#include "protocol/model/task.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace pueue::client {

struct LogLook {
    const Style& style;
    std::optional<std::size_t> width;  ///< of the terminal; none: never wrapped
    bool out_is_terminal = false;      ///< only then the names of the details are bold
};

[[nodiscard]] std::string draw_log_header(const Task& task, const LogLook& look);

}  // namespace pueue::client
