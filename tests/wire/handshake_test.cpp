#include "protocol/wire/handshake.hpp"

#include "protocol/wire/bounds.hpp"
#include "tests/wire/golden.hpp"

#include <gtest/gtest.h>

namespace pueue::wire {

namespace {

TEST(Handshake, LetsInWhoHasTheSecret) {
    const Bytes secret = golden::payload("001-c2d-handshake-secret.hex");
    EXPECT_TRUE(equal_secrets(secret, secret));
    EXPECT_TRUE(equal_secrets(Bytes("\xff\0x", 3), Bytes("\xff\0x", 3))) << "any bytes will do";
}

TEST(Handshake, KeepsOutEverybodyElse) {
    const Bytes secret = golden::payload("001-c2d-handshake-secret.hex");
    for (std::size_t i = 0; i < secret.size(); ++i) {
        Bytes wrong = secret;
        wrong[i] = static_cast<char>(wrong[i] ^ 1);
        EXPECT_FALSE(equal_secrets(wrong, secret)) << i;
    }
    EXPECT_FALSE(equal_secrets("", secret));
    EXPECT_FALSE(equal_secrets(secret + "\n", secret));
    EXPECT_FALSE(equal_secrets(secret.substr(1), secret));
}

TEST(Handshake, KeepsOutEverybodyWhereThereIsNoSecret) {
    EXPECT_FALSE(equal_secrets("", ""));
}

TEST(Handshake, AnswersWithTheVersionThatWasRecorded) {
    const Bytes version = golden::payload("002-d2c-handshake-version.hex");
    EXPECT_EQ(version, protocol_version);
    EXPECT_EQ(read_version(version).value(), protocol_version);
    EXPECT_EQ(read_version("0.32.0").value(), "0.32.0") << "what to think of it is not said here";
}

TEST(Handshake, SaysWhatIsWrongWithAVersion) {
    EXPECT_EQ(
        read_version("").error().text,
        "Daemon went away after sending secret. Did you use the correct secret?"
    );
    EXPECT_EQ(
        read_version("\xff").error().text,
        "Daemon sent invalid UTF-8. Did you use the correct secret?"
    );
}

}  // namespace

}  // namespace pueue::wire
