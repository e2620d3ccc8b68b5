#include "client/tls.hpp"

#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

namespace pueue::client {

namespace {

// The certificate's name, whatever host it is. Not const: the library's interface has it so.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
char server_name[] = "pueue.local";
constexpr std::size_t certificate_bytes_max = std::size_t{1} << 20;

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* owned) const { release(owned); }
};
using Context = std::unique_ptr<SSL_CTX, Release<SSL_CTX, SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Release<SSL, SSL_free>>;
using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO, BIO_free_all>>;

Report bad_certificate(std::string_view detail) {
    return report(
        "Invalid or malformed certificate: Failed to parse daemon certificate:\n" +
        std::string(detail)
    );
}

Report tls_failure(const std::string& detail) {
    return report("Failed to initialize tls:\n" + detail + ".");
}

int bounded(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

class TlsChannel final : public Channel {
  public:
    TlsChannel(UniqueFd socket, Session session)
        : socket_(std::move(socket)), session_(std::move(session)) {}

    Result<std::size_t> read(std::span<char> room) override {
        const int n = ::SSL_read(session_.get(), room.data(), bounded(room.size()));
        if (n > 0) {
            return static_cast<std::size_t>(n);
        }
        const int number = errno;
        const int kind = ::SSL_get_error(session_.get(), n);
        if (kind == SSL_ERROR_ZERO_RETURN || (kind == SSL_ERROR_SYSCALL && number == 0)) {
            return std::size_t{0};
        }
        if (kind == SSL_ERROR_SYSCALL) {
            return os_error("read", number);
        }
        return Error{
            ErrorKind::closed,
            0,
            "peer closed connection without sending TLS close_notify: "
            "https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof"};
    }

    // The header keeps a record of its own: some peers take the first record for the header.
    Result<> write(ByteView header, ByteView payload) override {
        CHECK_OK(write_all(header));
        return write_all(payload);
    }

  private:
    Result<> write_all(ByteView bytes) {
        while (!bytes.empty()) {
            const int n = ::SSL_write(session_.get(), bytes.data(), bounded(bytes.size()));
            if (n <= 0) {
                const int number = errno;
                return os_error("write", number == 0 ? EPIPE : number);
            }
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }

    UniqueFd socket_;
    Session session_;
};

std::string certificate_problem(long result) {
    switch (result) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "invalid peer certificate: Expired";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "invalid peer certificate: NotValidYet";
        case X509_V_ERR_HOSTNAME_MISMATCH:
            return "invalid peer certificate: NotValidForName";
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return "invalid peer certificate: BadSignature";
        default:
            return "invalid peer certificate: UnknownIssuer";
    }
}

// Compat: what calls itself a CA, as `openssl req -x509` does, is no server
// [certificates-of-other-kinds].
bool is_ca(SSL* session) {
    const Certificate shown(::SSL_get1_peer_certificate(session));
    return shown != nullptr && (::X509_get_extension_flags(shown.get()) & EXFLAG_CA) != 0;
}

std::string handshake_problem(SSL* session, int returned, int number) {
    const int kind = ::SSL_get_error(session, returned);
    if (const long verified = ::SSL_get_verify_result(session); verified != X509_V_OK) {
        return certificate_problem(verified);
    }
    if (kind == SSL_ERROR_SYSCALL || kind == SSL_ERROR_ZERO_RETURN) {
        return number == 0 ? "tls handshake eof" : os_text(number);
    }
    const unsigned long error = ::ERR_peek_error();
    if (ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER ||
        ERR_GET_REASON(error) == SSL_R_UNSUPPORTED_PROTOCOL) {
        return "received corrupt message of type InvalidContentType";
    }
    if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        return "tls handshake eof";
    }
    const char* reason = ::ERR_reason_error_string(error);
    return reason == nullptr ? "unknown problem" : reason;
}

UniqueFd connect_tcp(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    // Brackets belong to an IPv6 address in a URL, not to the address.
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string name = bracketed ? host.substr(1, host.size() - 2) : host;
    addrinfo* found = nullptr;
    if (name.empty() || ::getaddrinfo(name.c_str(), port.c_str(), &hints, &found) != 0) {
        return {};
    }
    const std::unique_ptr<addrinfo, Release<addrinfo, ::freeaddrinfo>> addresses(found);
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        UniqueFd socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (socket && ::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) {
            return socket;
        }
    }
    return {};
}

class OpenSslConnector final : public TlsConnector {
  public:
    explicit OpenSslConnector(Context context) : context_(std::move(context)) {}

    Reported<std::unique_ptr<Channel>> connect(const std::string& host, const std::string& port)
        override {
        UniqueFd socket = connect_tcp(host, port);
        if (!socket) {
            return report(
                "Failed to connect to the daemon on " + host + ":" + port + ". Did you start it?"
            );
        }
        Session session(::SSL_new(context_.get()));
        if (session == nullptr || ::SSL_set_fd(session.get(), socket.get()) != 1) {
            return tls_failure("out of memory");
        }
        ::SSL_ctrl(
            session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, server_name
        );
        ::SSL_set1_host(session.get(), server_name);
        ::SSL_set_hostflags(session.get(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        errno = 0;
        const int done = ::SSL_connect(session.get());
        const int number = errno;
        if (done != 1) {
            return tls_failure(handshake_problem(session.get(), done, number));
        }
        if (is_ca(session.get())) {
            return tls_failure("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))");
        }
        std::unique_ptr<Channel> channel =
            std::make_unique<TlsChannel>(std::move(socket), std::move(session));
        return channel;
    }

  private:
    Context context_;
};

Reported<Certificate> first_certificate(const std::string& path) {
    const auto text = read_file(path, certificate_bytes_max);
    if (text.has_error()) {
        return bad_certificate("Io(" + debug_os_error(text.error().os_error) + ")");
    }
    const Memory memory(::BIO_new_mem_buf(text->data(), bounded(text->size())));
    Certificate certificate(::PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    ::ERR_clear_error();
    if (certificate == nullptr) {
        return bad_certificate("NoItemsFound");
    }
    return certificate;
}

}  // namespace

Reported<std::unique_ptr<TlsConnector>> TlsConnector::trusting(const std::string& certificate_path
) {
    TRY(const Certificate certificate, first_certificate(certificate_path));
    Context context(::SSL_CTX_new(::TLS_client_method()));
    if (context == nullptr) {
        return tls_failure("out of memory");
    }
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    X509_STORE* store = ::SSL_CTX_get_cert_store(context.get());
    ::X509_STORE_add_cert(store, certificate.get());
    // The certificate itself is the trust anchor, even if somebody else signed it.
    ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
    std::unique_ptr<TlsConnector> connector =
        std::make_unique<OpenSslConnector>(std::move(context));
    return connector;
}

}  // namespace pueue::client
