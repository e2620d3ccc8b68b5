#include "client/message_log.hpp"

#include "client/cbor_dump.hpp"
#include "protocol/wire/codec.hpp"

namespace pueue::client {

void MessageLog::sending(const wire::Request& request) {
    if (log_.allows(target::protocol, LogLevel::debug)) {
        log_.say(
            LogLevel::debug,
            target::protocol,
            "Sending message: " + dump_cbor(wire::encode_request(request))
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
            "Received message: " + dump_cbor(wire::encode_response(response))
        );
    }
}

}  // namespace pueue::client
