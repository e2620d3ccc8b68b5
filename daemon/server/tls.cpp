#include "daemon/server/tls.hpp"

#include "protocol/base/fd.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pueue::server {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace {

template <auto free>
struct Freed {
    template <class T>
    void operator()(T* owned) const {
        free(owned);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

constexpr std::size_t pem_bytes_max = std::size_t{1} << 20;

Error generation_failed() {
    return {ErrorKind::io, 0, "cannot generate a certificate"};
}

// The original's serial number: the beginning of the hash of the public point, positive.
bool set_serial(X509* certificate, EVP_PKEY* key) {
    std::array<unsigned char, 65> point{};
    std::size_t size = 0;
    if (EVP_PKEY_get_octet_string_param(key, "pub", point.data(), point.size(), &size) != 1) {
        return false;
    }
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(point.data(), size, digest.data());
    digest[0] &= 0x7f;
    constexpr int serial_bytes = 20;
    const std::unique_ptr<BIGNUM, Freed<BN_free>> number(
        BN_bin2bn(digest.data(), serial_bytes, nullptr)
    );
    return number &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_name(X509* certificate) {
    const std::unique_ptr<X509_NAME, Freed<X509_NAME_free>> name(X509_NAME_new());
    static constexpr std::string_view common_name = "rcgen self signed cert";
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
    const int size = static_cast<int>(common_name.size());
    return name &&
           X509_NAME_add_entry_by_NID(
               name.get(), NID_commonName, V_ASN1_UTF8STRING, text, size, -1, 0
           ) == 1 &&
           X509_set_issuer_name(certificate, name.get()) == 1 &&
           X509_set_subject_name(certificate, name.get()) == 1;
}

bool set_alternative_names(X509* certificate) {
    const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:pueue.local,DNS:localhost")
    );
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Certificate make_certificate(EVP_PKEY* key) {
    Certificate certificate(X509_new());
    const bool made =
        certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
        set_serial(certificate.get(), key) &&
        ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), "750101000000Z") == 1 &&
        ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "40960101000000Z") == 1 &&
        set_name(certificate.get()) && X509_set_pubkey(certificate.get(), key) == 1 &&
        set_alternative_names(certificate.get()) &&
        X509_sign(certificate.get(), key, EVP_sha256()) > 0;
    return made ? std::move(certificate) : nullptr;
}

Bytes content(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<> create_file(const std::string& path, ByteView bytes, mode_t mode) {
    const auto failed = [&](int number) {
        Error error = os_error("creating certificate", number);
        error.text = "I/O error at path \"" + path + "\" while creating certificate:\n" +
                     describe_os_error(number);
        return error;
    };
    // Closed to everybody first, opened at the end: never more readable than it is meant to be.
    Result<UniqueFd> file = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file.has_error()) {
        return failed(file.error().os_error);
    }
    if (const Result<> written = write_all(file.value().get(), bytes); written.has_error()) {
        return failed(written.error().os_error);
    }
    if (::fchmod(file.value().get(), mode) != 0) {
        return failed(errno);
    }
    return {};
}

// The sections of a PEM text; what stands between them means nothing.
class PemReader {
  public:
    struct Section {
        std::string name;
        Bytes content;
    };

    explicit PemReader(ByteView text)
        : text_(text), bio_(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))) {}

    /// None at the end. Error: upstream's words for a section that cannot be read.
    [[nodiscard]] Result<std::optional<Section>> next() {
        char* name = nullptr;
        char* header = nullptr;
        unsigned char* data = nullptr;
        long size = 0;
        const bool is_read = PEM_read_bio(bio_.get(), &name, &header, &data, &size) == 1;
        const OpenSslText owned_name(name);
        const OpenSslText owned_header(header);
        const std::unique_ptr<unsigned char, FreedByOpenSsl> owned_data(data);
        if (is_read && *header != '\0') {
            // Encrypted in the old way: to upstream the header's dash is what is wrong.
            return invalid("base64 decode error: InvalidCharacter(45)");
        }
        if (is_read) {
            const auto* bytes = reinterpret_cast<const char*>(data);
            return std::optional<Section>({name, Bytes(bytes, static_cast<std::size_t>(size))});
        }
        const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        ERR_clear_error();
        return is_end ? Result<std::optional<Section>>(std::nullopt) : what_is_broken();
    }

  private:
    struct FreedByOpenSsl {
        void operator()(void* memory) const { OPENSSL_free(memory); }
    };
    using OpenSslText = std::unique_ptr<char, FreedByOpenSsl>;

    [[nodiscard]] Error what_is_broken() const {
        constexpr std::string_view begin = "-----BEGIN ";
        const std::size_t at = text_.rfind(begin);
        const ByteView name = at == ByteView::npos ? "" : text_.substr(at + begin.size());
        const ByteView marker = name.substr(0, name.find("-----"));
        if (text_.find("-----END " + std::string(marker)) != ByteView::npos) {
            return invalid("base64 decode error");
        }
        std::string bytes;
        for (const char byte : marker) {
            bytes += (bytes.empty() ? "" : ", ") + std::to_string(static_cast<unsigned char>(byte));
        }
        return invalid("missing section end marker: [" + bytes + "]");
    }

    ByteView text_;
    Bio bio_;
};

/// What the daemon shows to its clients, in DER.
struct Identity {
    std::vector<Bytes> certificates;
    Bytes key;
};

Result<std::vector<Bytes>> certificates_of(ByteView pem) {
    std::vector<Bytes> all;
    PemReader reader(pem);
    for (;;) {
        TRY(std::optional<PemReader::Section> section, reader.next());
        if (!section) {
            return all;
        }
        if (section->name == PEM_STRING_X509) {
            all.push_back(std::move(section->content));
        }
    }
}

Result<Bytes> first_key_of(ByteView pem) {
    PemReader reader(pem);
    for (;;) {
        TRY(std::optional<PemReader::Section> section, reader.next());
        if (!section) {
            return invalid("no items found");
        }
        if (section->name == PEM_STRING_PKCS8INF || section->name == PEM_STRING_RSA ||
            section->name == PEM_STRING_ECPRIVATEKEY) {
            return std::move(section->content);
        }
    }
}

Result<Identity> read_identity(const std::string& certificate_path, const std::string& key_path) {
    const Result<Bytes> certificate = read_file(certificate_path, pem_bytes_max);
    if (certificate.has_error()) {
        return invalid(
            "Failed to open daemon certificate:\nI/O error: " +
            describe_os_error(certificate.error().os_error)
        );
    }
    Result<std::vector<Bytes>> certificates = certificates_of(certificate.value());
    if (certificates.has_error()) {
        return certificates.error().in("Failed to parse certificate");
    }
    // In the original's words: "Failed to private key", and the full stop.
    const Result<Bytes> pem = read_file(key_path, pem_bytes_max);
    if (pem.has_error()) {
        return invalid(
            "Failed to private key from pem file:\nI/O error: " +
            describe_os_error(pem.error().os_error) + "."
        );
    }
    Result<Bytes> key = first_key_of(pem.value());
    if (key.has_error()) {
        return invalid("Failed to private key from pem file:\n" + key.error().text + ".");
    }
    return Identity{std::move(certificates).value(), std::move(key).value()};
}

Result<> use_identity(SSL_CTX* context, const Identity& identity) {
    if (identity.certificates.empty()) {
        return invalid("peer sent no certificates");
    }
    for (const Bytes& der : identity.certificates) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
        const Certificate one(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
        const bool is_first = &der == &identity.certificates.front();
        if (!one || (is_first ? SSL_CTX_use_certificate(context, one.get())
                              : SSL_CTX_add1_chain_cert(context, one.get())) != 1) {
            return invalid("invalid peer certificate: BadEncoding");
        }
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(identity.key.data());
    const Key key(d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(identity.key.size())));
    if (!key) {
        return invalid("unexpected error: failed to parse private key as RSA, ECDSA, or EdDSA");
    }
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        return invalid("keys may not be consistent: KeyMismatch");
    }
    return {};
}

class TlsStream final : public Stream {
  public:
    TlsStream(Socket socket, ssl::context& context) : stream_(std::move(socket), context) {}

    asio::awaitable<Result<>> handshake() override {
        boost::system::error_code ec;
        const ssl::stream_base::handshake_type side = ssl::stream_base::server;
        co_await stream_.async_handshake(side, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            co_return Error{ErrorKind::refused, 0, "Failed connecting to client: " + ec.message()};
        }
        co_return Result<>();
    }

    asio::awaitable<Result<std::size_t>> read_some(char* to, std::size_t size) override {
        boost::system::error_code ec;
        const asio::mutable_buffer buffer(to, size);
        const std::size_t n =
            co_await stream_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            co_return Error{ErrorKind::closed, 0, "read: " + ec.message()};
        }
        co_return n;
    }

    asio::awaitable<Result<>> write_frame(const std::array<char, 8>& header, ByteView payload)
        override {
        const ByteView first(header.data(), header.size());
        const Result<> written = co_await write(first);
        if (written.has_error()) {
            co_return written.error();
        }
        co_return co_await write(payload);
    }

    asio::awaitable<Result<>> write(ByteView bytes) override {
        boost::system::error_code ec;
        const asio::const_buffer buffer(bytes.data(), bytes.size());
        co_await asio::async_write(stream_, buffer, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) {
            co_return Error{ErrorKind::closed, 0, "write: " + ec.message()};
        }
        co_return Result<>();
    }

    void when_peer_closes(std::function<void()> closed) override {
        watch_for_end(stream_.next_layer(), std::move(closed));
    }

    void close() noexcept override {
        boost::system::error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

  private:
    ssl::stream<Socket> stream_;
};

}  // namespace

Result<> create_certificate_if_absent(
    const std::string& certificate_path, const std::string& key_path
) {
    struct stat status {};
    if (::stat(certificate_path.c_str(), &status) == 0 || ::stat(key_path.c_str(), &status) == 0) {
        return {};
    }
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = key ? make_certificate(key.get()) : nullptr;
    const Bio key_pem(BIO_new(BIO_s_mem()));
    const Bio certificate_pem(BIO_new(BIO_s_mem()));
    const bool printed = certificate && key_pem && certificate_pem &&
                         PEM_write_bio_PKCS8PrivateKey(
                             key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr
                         ) == 1 &&
                         PEM_write_bio_X509(certificate_pem.get(), certificate.get()) == 1;
    if (!printed) {
        return generation_failed();
    }
    CHECK_OK(create_file(certificate_path, content(certificate_pem.get()), 0640));
    return create_file(key_path, content(key_pem.get()), 0600);
}

struct TlsContext::Parts {
    ssl::context context{ssl::context::tls_server};
};

TlsContext::TlsContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsContext::TlsContext(TlsContext&&) noexcept = default;
TlsContext& TlsContext::operator=(TlsContext&&) noexcept = default;
TlsContext::~TlsContext() = default;

Result<TlsContext> TlsContext::load(
    const std::string& certificate_path, const std::string& key_path
) {
    TRY(const Identity identity, read_identity(certificate_path, key_path));
    auto parts = std::make_unique<Parts>();
    SSL_CTX* context = parts->context.native_handle();
    // The stock client comes with 1.3. Nothing is remembered between connections: a client makes
    // one, and a session ticket would be a second way past the handshake.
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET
    );
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (Result<> used = use_identity(context, identity); used.has_error()) {
        ERR_clear_error();
        return std::move(used).error().in("Failed to build TLS Acceptor");
    }
    return TlsContext(std::move(parts));
}

std::unique_ptr<Stream> TlsContext::stream(Socket socket) {
    return std::make_unique<TlsStream>(std::move(socket), parts_->context);
}

}  // namespace pueue::server
