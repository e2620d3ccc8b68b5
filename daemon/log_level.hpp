// How much the daemon logs: by the number of -v, or by RUST_LOG, which is stronger.
#pragma once

#include "protocol/base/logger.hpp"
#include "protocol/base/result.hpp"

namespace pueue {

/// `rust_log`: null without the variable. Of its directives those count that are about everything
/// or about our targets, whose names begin with `pueue`, and of several the most talkative; errors
/// are always logged. Error: a directive that is none; the text is the whole report.
[[nodiscard]] Result<LogLevel> log_level(int verbosity, const char* rust_log);

}  // namespace pueue
