#include "client/message_log.hpp"

#include "client/message_debug.hpp"

namespace pueue::client {

void MessageLog::sending(const wire::Request& request) {
    if (log_.allows(target::protocol, LogLevel::debug)) {
        log_.say(
            LogLevel::debug,
            target::protocol,
            "Sending message: " + debug_text(request, DebugForm::many_lines)
        );
    }
}

void MessageLog::receiving_large(std::uint64_t bytes) {
    log_.say(
        LogLevel::warn,
        target::protocol,
        "Client is sending a large payload: " + std::to_string(bytes) + " bytes."
    );
}

void MessageLog::received(const wire::Response& response) {
    if (log_.allows(target::protocol, LogLevel::debug)) {
        log_.say(
            LogLevel::debug,
            target::protocol,
            "Received message: " + debug_text(response, DebugForm::many_lines)
        );
    }
}

}  // namespace pueue::client
