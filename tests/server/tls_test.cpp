#include "daemon/server/tls.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace pueue::server {
namespace {

namespace fs = std::filesystem;

class CertificateTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = fs::temp_directory_path() / "pueue-tls-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory = pattern;
    }
    void TearDown() override { fs::remove_all(directory); }

    std::string certificate() const { return directory / "daemon.cert"; }
    std::string key() const { return directory / "daemon.key"; }

    static std::string output_of(const std::string& command) {
        std::string text;
        std::array<char, 4096> buffer{};
        std::FILE* pipe = ::popen(command.c_str(), "r");
        while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
            text.append(buffer.data(), n);
        }
        ::pclose(pipe);
        return text;
    }
    static unsigned mode(const std::string& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 0777U;
    }
    static std::string read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    fs::path directory;
};

TEST_F(CertificateTest, LooksLikeTheOriginals) {
    ASSERT_TRUE(create_certificate_if_absent(certificate(), key()).has_value());
    const std::string text =
        output_of("openssl x509 -noout -text -nameopt utf8 -in " + certificate());
    for (const std::string part :
         {"Version: 3 (0x2)",
          "Signature Algorithm: ecdsa-with-SHA256",
          "CN=rcgen self signed cert",
          "Not Before: Jan  1 00:00:00 1975 GMT",
          "Not After : Jan  1 00:00:00 4096 GMT",
          "ASN1 OID: prime256v1",
          "DNS:pueue.local, DNS:localhost"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
    // webpki refuses a CA as the server's own certificate.
    for (const std::string part : {"Basic Constraints", "Key Usage", "Key Identifier"}) {
        EXPECT_EQ(text.find(part), std::string::npos) << part;
    }
}

TEST_F(CertificateTest, IsReadableByTheGroupAndItsKeyByNobodyElse) {
    ASSERT_TRUE(create_certificate_if_absent(certificate(), key()).has_value());
    EXPECT_EQ(mode(certificate()), 0640U);
    EXPECT_EQ(mode(key()), 0600U);
    EXPECT_TRUE(read(key()).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    EXPECT_TRUE(TlsContext::load(certificate(), key()).has_value());
}

TEST_F(CertificateTest, IsLeftAloneIfEitherFileExists) {
    std::ofstream(key()) << "mine";
    ASSERT_TRUE(create_certificate_if_absent(certificate(), key()).has_value());
    EXPECT_EQ(read(key()), "mine");
    EXPECT_FALSE(fs::exists(certificate()));
}

TEST_F(CertificateTest, CannotBeLoadedWithoutItsFiles) {
    EXPECT_EQ(
        TlsContext::load(certificate(), key()).error().text,
        "Failed to open daemon certificate:\nI/O error: No such file or directory (os error 2)"
    );
    ASSERT_TRUE(create_certificate_if_absent(certificate(), key()).has_value());
    fs::rename(key(), directory / "elsewhere");
    EXPECT_EQ(
        TlsContext::load(certificate(), key()).error().text,
        "Failed to private key from pem file:\nI/O error: No such file or directory (os error 2)."
    );
    std::ofstream(key()) << "no key";
    EXPECT_EQ(
        TlsContext::load(certificate(), key()).error().text,
        "Failed to private key from pem file:\nno items found."
    );
    fs::rename(directory / "elsewhere", key());
    std::ofstream(certificate()) << "no certificate";
    EXPECT_EQ(
        TlsContext::load(certificate(), key()).error().text,
        "Failed to build TLS Acceptor: peer sent no certificates"
    );
}

// Texts as 4.0.4 says them.
TEST_F(CertificateTest, CannotBeLoadedFromFilesThatAreBroken) {
    ASSERT_TRUE(create_certificate_if_absent(certificate(), key()).has_value());
    const std::string good_certificate = read(certificate());
    const std::string good_key = read(key());
    const std::string other_key = output_of(
        "openssl genpkey -algorithm EC -pkeyopt "
        "ec_paramgen_curve:P-256 2>/dev/null"
    );
    const std::string acceptor = "Failed to build TLS Acceptor: ";
    const std::string no_key = "Failed to private key from pem file:\n";
    struct Row {
        std::string certificate;
        std::string key;
        std::string error;
    };
    const std::vector<Row> rows = {
        {good_certificate, other_key, acceptor + "keys may not be consistent: KeyMismatch"},
        {good_certificate,
         other_key + good_key,
         acceptor + "keys may not be consistent: KeyMismatch"},
        {good_key, good_certificate, no_key + "no items found."},
        {good_certificate.substr(0, 200),
         good_key,
         "Failed to parse certificate: missing section end marker: "
         "[67, 69, 82, 84, 73, 70, 73, 67, 65, 84, 69]"},
        {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
         good_key,
         acceptor + "invalid peer certificate: BadEncoding"},
        {good_certificate,
         "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
         acceptor + "unexpected error: failed to parse private key as RSA, ECDSA, or EdDSA"}};
    for (const Row& row : rows) {
        std::ofstream(certificate()) << row.certificate;
        std::ofstream(key()) << row.key;
        const Result<TlsContext> loaded = TlsContext::load(certificate(), key());
        ASSERT_TRUE(loaded.has_error()) << row.error;
        EXPECT_EQ(loaded.error().text, row.error);
    }
}

TEST_F(CertificateTest, NeverAsksForAPassphrase) {
    ASSERT_TRUE(create_certificate_if_absent(certificate(), key()).has_value());
    const std::string encrypted =
        output_of("openssl ec -aes128 -passout pass:x -in " + key() + " 2>/dev/null");
    ASSERT_NE(encrypted.find("ENCRYPTED"), std::string::npos);
    std::ofstream(key()) << encrypted;
    EXPECT_EQ(
        TlsContext::load(certificate(), key()).error().text,
        "Failed to private key from pem file:\nbase64 decode error: InvalidCharacter(45)."
    );
}

TEST_F(CertificateTest, MayStandBesideItsKeyAndOthers) {
    ASSERT_TRUE(create_certificate_if_absent(certificate(), key()).has_value());
    const std::string both = "a note\n" + read(key()) + read(certificate()) + read(certificate());
    std::ofstream(certificate()) << both;
    EXPECT_TRUE(TlsContext::load(certificate(), certificate()).has_value());
}

}  // namespace
}  // namespace pueue::server
