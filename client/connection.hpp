// One connection to the daemon: secret, version, then requests and responses one after the other.
// Blocking. Failures are reports in the original's words.
#pragma once

#include "client/report.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/config/paths.hpp"
#include "protocol/config/settings.hpp"
#include "protocol/wire/frame.hpp"
#include "protocol/wire/message.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pueue::client {

/// A byte stream to the daemon, whatever carries it.
class Channel {
  public:
    Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    virtual ~Channel() = default;

    /// Bytes read into `room`; 0 at the end. Error: its text is the system's words.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<char> room) = 0;
    [[nodiscard]] virtual Result<> write(ByteView header, ByteView payload) = 0;
};

/// Told of everything that crosses the connection; for the log.
class Observer {
  public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual ~Observer() = default;

    virtual void sending(const wire::Request& request) = 0;
    virtual void receiving_large(std::uint64_t bytes) = 0;
    virtual void received(const wire::Response& response) = 0;
};

class Connection {
  public:
    /// Introduces itself with `secret` and waits for the daemon's version. `observer` may be null;
    /// it outlives the connection.
    [[nodiscard]] static Reported<Connection> open(
        std::unique_ptr<Channel> channel, ByteView secret, Observer* observer
    );

    [[nodiscard]] const std::string& daemon_version() const { return daemon_version_; }

    /// Sends a request and waits for one response.
    [[nodiscard]] Reported<wire::Response> call(const wire::Request& request);
    [[nodiscard]] Reported<> send(const wire::Request& request);
    [[nodiscard]] Reported<wire::Response> receive();

  private:
    explicit Connection(std::unique_ptr<Channel> channel);

    [[nodiscard]] Reported<> send_frame(ByteView payload);
    [[nodiscard]] Reported<Bytes> receive_frame();

    std::unique_ptr<Channel> channel_;
    Observer* observer_ = nullptr;
    wire::FrameReader reader_;
    std::string daemon_version_;
    bool large_reported_ = false;
};

/// Connects as the settings say and opens the connection: certificate or user name first, then the
/// secret, then the socket, as the original does.
[[nodiscard]] Reported<Connection> connect_to_daemon(
    const config::SharedSettings& settings, const config::Paths& paths, Observer* observer
);

}  // namespace pueue::client
