// The way to a daemon behind TCP: TLS that trusts exactly the daemon's own certificate. OpenSSL is
// initialised here and only when it is needed; a client on a unix socket never pays for it.
#pragma once

#include "client/connection.hpp"

#include <memory>
#include <string>

namespace pueue::client {

class TlsConnector {
  public:
    /// Loads the one certificate to trust.
    [[nodiscard]] static Reported<std::unique_ptr<TlsConnector>> trusting(
        const std::string& certificate_path
    );

    TlsConnector() = default;
    TlsConnector(const TlsConnector&) = delete;
    TlsConnector& operator=(const TlsConnector&) = delete;
    virtual ~TlsConnector() = default;

    /// TCP, then the handshake.
    [[nodiscard]] virtual Reported<std::unique_ptr<Channel>> connect(
        const std::string& host, const std::string& port
    ) = 0;
};

}  // namespace pueue::client
