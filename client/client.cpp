#include "client/client.hpp"

#include "client/cbor_dump.hpp"
#include "client/hints.hpp"
#include "protocol/wire/codec.hpp"

#include <utility>
#include <variant>

namespace pueue::client {

Reported<State> fetch_state(Client& client) {
    TRY(wire::Response response, client.connection.call(wire::StatusRequest{}));
    if (auto* status = std::get_if<wire::StatusResponse>(&response)) {
        return std::move(status->state);
    }
    if (const auto* failure = std::get_if<wire::FailureResponse>(&response)) {
        return plain_failure(client.style.paint(failure->text, Color::red));
    }
    return report(
        "Got unexpected but valid message. Are you up-to-date?:\n" +
        dump_cbor(wire::encode_response(response))
    );
}

int log_unhandled(Client& client) {
    client.console.flush();
    client.log.say(LogLevel::error, target::commands, "Received unhandled response message");
    return 0;
}

Outcome finish_with(
    Client& client, const wire::Response& response, const std::optional<std::string>& group
) {
    if (const auto* success = std::get_if<wire::SuccessResponse>(&response)) {
        client.console.out(success->text + "\n");
        return 0;
    }
    if (const auto* failure = std::get_if<wire::FailureResponse>(&response)) {
        client.console.err(client.style.paint(failure->text, Color::red) + "\n");
        client.console.err(similar_group_hint(client, group));
        return 1;
    }
    if (std::holds_alternative<wire::CloseResponse>(response)) {
        return 0;
    }
    return log_unhandled(client);
}

Outcome call_and_finish(
    Client& client, const wire::Request& request, const std::optional<std::string>& group
) {
    TRY(const wire::Response response, client.connection.call(request));
    return finish_with(client, response, group);
}

}  // namespace pueue::client
