// TLS for clients that come over TCP: the daemon's certificate, and streams that are encrypted with
// it. The only file of the daemon that touches OpenSSL.
#pragma once

#include "daemon/server/stream.hpp"
#include "protocol/base/result.hpp"

#include <memory>
#include <string>

namespace pueue::server {

/// A new key and a self-signed certificate for it in the shape of the original's (pueued 8.8): its
/// clients accept nothing that calls itself a CA. Both files are created exclusively, the
/// certificate with mode 0640, the key with 0600. Does nothing if either file exists. Error: text
/// `I/O error at path "…" while creating certificate:` and the system's words.
[[nodiscard]] Result<> create_certificate_if_absent(
    const std::string& certificate_path, const std::string& key_path
);

class TlsContext {
  public:
    /// Error: upstream's text, to stand under `Invalid or malformed certificate: `.
    [[nodiscard]] static Result<TlsContext> load(
        const std::string& certificate_path, const std::string& key_path
    );
    TlsContext(TlsContext&&) noexcept;
    TlsContext& operator=(TlsContext&&) noexcept;
    ~TlsContext();

    /// The context outlives its streams.
    [[nodiscard]] std::unique_ptr<Stream> stream(Socket socket);

  private:
    struct Parts;
    explicit TlsContext(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace pueue::server
