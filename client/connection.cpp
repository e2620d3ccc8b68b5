#include "client/connection.hpp"

#include "client/cbor_dump.hpp"
#include "client/tls.hpp"
#include "client/unix_channel.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/config/secret.hpp"
#include "protocol/wire/bounds.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/handshake.hpp"

#include <utility>

namespace pueue::client {

namespace {

std::string words_of(const Error& error) {
    return error.os_error == 0 ? error.text : os_text(error.os_error);
}

}  // namespace

Connection::Connection(std::unique_ptr<Channel> channel)
    : channel_(std::move(channel)), reader_(wire::response_bytes_max) {}

Reported<Connection> Connection::open(
    std::unique_ptr<Channel> channel, ByteView secret, Observer* observer
) {
    constexpr const char* context = "Failed to initialize client.";
    Connection connection(std::move(channel));
    if (auto sent = connection.send_frame(secret); sent.has_error()) {
        return sent.error().in("Failed to send secret during handshake with daemon.").in(context);
    }
    auto version = connection.receive_frame();
    if (version.has_error()) {
        return version.error()
            .in("Failed to receive version during handshake with daemon.")
            .in(context);
    }
    auto text = wire::read_version(*version);
    if (text.has_error()) {
        return report(text.error()).in(context);
    }
    connection.daemon_version_ = std::move(*text);
    connection.observer_ = observer;
    return connection;
}

Reported<> Connection::send_frame(ByteView payload) {
    const auto header = wire::frame_header(payload.size());
    const auto sent = channel_->write({header.data(), header.size()}, payload);
    if (sent.has_error()) {
        return report("I/O error while sending request size header:\n" + words_of(sent.error()));
    }
    return {};
}

Reported<Bytes> Connection::receive_frame() {
    for (;;) {
        auto next = reader_.next();
        if (next.has_error()) {
            return report(next.error());
        }
        if (next->has_value()) {
            large_reported_ = false;
            return std::move(**next);
        }
        if (observer_ != nullptr && reader_.is_inside_payload() && !large_reported_ &&
            reader_.announced() > wire::frame_bytes_usual) {
            large_reported_ = true;
            observer_->receiving_large(reader_.announced());
        }
        const std::span<char> room = reader_.room();
        const auto read = channel_->read(room);
        if (read.has_value() && *read > 0) {
            reader_.filled(*read);
            continue;
        }
        const bool in_payload = reader_.is_inside_payload();
        if (read.has_value()) {
            return report(
                in_payload ? "Connection went away while receiving payload."
                           : "I/O error while reading request size header:\nearly eof"
            );
        }
        return report(
            std::string("I/O error while ") +
            (in_payload ? "receiving payload" : "reading request size header") + ":\n" +
            words_of(read.error())
        );
    }
}

Reported<> Connection::send(const wire::Request& request) {
    if (observer_ != nullptr) {
        observer_->sending(request);
    }
    return send_frame(wire::encode_request(request));
}

Reported<wire::Response> Connection::receive() {
    TRY(const Bytes payload, receive_frame());
    if (payload.empty()) {
        return report("Got an empty payload");
    }
    auto response = wire::decode_response(payload);
    if (response.has_error()) {
        const wire::DecodeError& error = response.error();
        if (error.is_well_formed) {
            return report(
                "Got unexpected but valid message. Are you up-to-date?:\n" + dump_cbor(payload)
            );
        }
        return report("Couldn't deserialize message:\n" + error.text);
    }
    if (observer_ != nullptr) {
        observer_->received(*response);
    }
    return std::move(*response);
}

Reported<wire::Response> Connection::call(const wire::Request& request) {
    CHECK_OK(send(request));
    return receive();
}

Reported<Connection> connect_to_daemon(
    const config::SharedSettings& settings, const config::Paths& paths, Observer* observer
) {
    std::string socket_path;
    std::unique_ptr<TlsConnector> tls;
    if (settings.use_unix_socket) {
        auto path = paths.unix_socket();
        if (path.has_error()) {
            return report(path.error());
        }
        socket_path = std::move(*path);
    } else {
        TRY(tls, TlsConnector::trusting(paths.daemon_certificate()));
    }
    const auto secret = config::read_secret(paths.shared_secret());
    if (secret.has_error()) {
        return report(secret.error());
    }
    auto channel =
        tls == nullptr ? connect_unix(socket_path) : tls->connect(settings.host, settings.port);
    if (channel.has_error()) {
        return channel.error()
            .in("Failed to initialize stream.")
            .in("Failed to initialize client.");
    }
    return Connection::open(std::move(*channel), *secret, observer);
}

}  // namespace pueue::client
