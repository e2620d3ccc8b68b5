#include "daemon/server/session_fsm.hpp"

#include "protocol/wire/bounds.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/handshake.hpp"

#include <utility>

namespace pueue::server {

SessionFsm::SessionFsm(
    std::string_view secret, const Lookups& lookups, EnvironmentPool& environments
)
    : secret_(secret), lookups_(lookups), environments_(environments) {}

SessionAction SessionFsm::start() const {
    // One byte more than ours is enough to see that theirs is another.
    return ReadFrame{wire::secret_bytes_max, secret_.size() + 1};
}

SessionAction SessionFsm::on_frame(ByteView payload) {
    if (payload.empty()) {
        return Close{};
    }
    return is_trusted_ ? on_request(payload) : on_secret(payload);
}

SessionAction SessionFsm::on_secret(ByteView secret) {
    if (!wire::equal_secrets(secret, secret_)) {
        // Guessing costs a second a try; nothing is said about what was wrong.
        return Close{
            std::chrono::seconds(1),
            "Received invalid secret of " + std::to_string(secret.size()) + " bytes."};
    }
    is_trusted_ = true;
    return WriteFrame{Bytes(wire::protocol_version)};
}

SessionAction SessionFsm::on_request(ByteView payload) {
    wire::Decoded<wire::Request> request = wire::decode_request(payload, &environments_);
    if (request.has_error()) {
        // Compat: broken CBOR is answered before the end, CBOR that is no request is not
        // [broken-cbor-is-answered-and-closed].
        if (request.error().is_well_formed) {
            return Close{};
        }
        closes_after_write_ = true;
        return WriteFrame{wire::encode_response(wire::FailureResponse{
            "Failed to deserialize message: " + request.error().text})};
    }
    std::variant<core::Command, wire::Response> translated =
        translate(std::move(request).value(), lookups_, environments_);
    if (auto* response = std::get_if<wire::Response>(&translated)) {
        return WriteFrame{wire::encode_response(*response)};
    }
    return Submit{std::get<core::Command>(std::move(translated))};
}

SessionAction SessionFsm::on_reply(Bytes payload) {
    return WriteFrame{std::move(payload)};
}

SessionAction SessionFsm::on_written() {
    if (closes_after_write_) {
        return Close{};
    }
    return ReadFrame{wire::request_bytes_max, wire::request_bytes_max};
}

}  // namespace pueue::server
