#include "protocol/wire/frame.hpp"

#include "protocol/wire/bounds.hpp"
#include "tests/support/golden.hpp"
#include "tests/wire/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

namespace pueue::wire {

namespace {

using golden::unhex;
using testing::ElementsAre;

constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

// All payloads that come out when the bytes go in, `piece` at a time.
std::vector<Bytes> payloads_of(ByteView stream, std::size_t piece) {
    FrameReader reader(any_size);
    std::vector<Bytes> payloads;
    while (!stream.empty()) {
        reader.feed(stream.substr(0, piece));
        stream.remove_prefix(std::min(piece, stream.size()));
        for (;;) {
            Result<std::optional<Bytes>> next = reader.next();
            EXPECT_TRUE(next.has_value());
            if (!*next) {
                break;
            }
            payloads.push_back(std::move(**next));
        }
    }
    EXPECT_FALSE(reader.is_inside_frame());
    return payloads;
}

TEST(Frame, IsALengthAndAPayload) {
    EXPECT_EQ(frame("0.31.1"), unhex("0000000000000006302e33312e31"));
    EXPECT_EQ(frame(""), unhex("0000000000000000"));
    const auto header = frame_header(0x0102030405);
    EXPECT_EQ(Bytes(header.begin(), header.end()), unhex("0000000102030405"));
}

TEST(FrameReader, FindsTheFramesOfARecordedSession) {
    std::ifstream file(support::golden_path("wire/session-status.hex"));
    Bytes client;
    Bytes daemon;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("> ")) {
            client += unhex(line.substr(2));
        } else if (line.starts_with("< ")) {
            daemon += unhex(line.substr(2));
        }
    }
    const Bytes secret = golden::payload("001-c2d-handshake-secret.hex");
    const Bytes request = golden::payload("003-c2d-Status.hex");
    const Bytes version = golden::payload("002-d2c-handshake-version.hex");
    const Bytes response = golden::payload("004-d2c-Status.hex");
    EXPECT_THAT(payloads_of(client, any_size), ElementsAre(secret, request));
    EXPECT_THAT(payloads_of(daemon, any_size), ElementsAre(version, response));
}

TEST(FrameReader, DoesNotCareHowTheBytesArrive) {
    const Bytes big(100'000, 'x');
    const Bytes stream = frame("a") + frame("") + frame(big) + frame("bc") + frame("");
    for (const std::size_t piece : {1U, 2U, 7U, 8U, 9U, 1280U, 16384U, 65536U, 1'000'000U}) {
        EXPECT_THAT(payloads_of(stream, piece), ElementsAre("a", "", big, "bc", "")) << piece;
    }
}

TEST(FrameReader, HasNothingUntilTheLastByteIsThere) {
    const Bytes whole = frame("payload");
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        FrameReader reader(any_size);
        reader.feed(ByteView(whole).substr(0, cut));
        EXPECT_EQ(reader.next().value(), std::nullopt) << cut;
        EXPECT_EQ(reader.is_inside_frame(), cut > 0) << cut;
        EXPECT_EQ(reader.is_inside_payload(), cut >= frame_header_bytes) << cut;
        reader.feed(ByteView(whole).substr(cut));
        EXPECT_EQ(reader.next().value(), "payload") << cut;
        EXPECT_FALSE(reader.is_inside_frame()) << cut;
    }
}

TEST(FrameReader, RefusesAFrameByItsHeader) {
    FrameReader reader(secret_bytes_max);
    reader.feed(unhex("0000000000400001"));
    const Result<std::optional<Bytes>> next = reader.next();
    ASSERT_TRUE(next.has_error());
    EXPECT_EQ(next.error().kind, ErrorKind::too_large);
    EXPECT_EQ(
        next.error().text, "Client requested message size of 4194305, but only 4194304 is allowed."
    );
}

TEST(FrameReader, TakesTheLargestFrameThatIsAllowed) {
    FrameReader reader(5);
    reader.feed(frame("12345"));
    EXPECT_EQ(reader.next().value(), "12345");
    reader.feed(frame("123456"));
    EXPECT_TRUE(reader.next().has_error());
}

TEST(FrameReader, LimitsCanChangeBetweenFrames) {
    FrameReader reader(3);
    reader.feed(frame("abc") + frame("abcdef"));
    EXPECT_EQ(reader.next().value(), "abc");
    reader.limit(6);
    EXPECT_EQ(reader.next().value(), "abcdef");
}

TEST(FrameReader, NeverAllocatesWhatIsOnlyAnnounced) {
    for (const char* header : {"4000000000000000", "ffffffffffffffff", "0000010000000000"}) {
        FrameReader reader(any_size);
        reader.feed(unhex(header) + "some");
        EXPECT_EQ(reader.next().value(), std::nullopt);
        EXPECT_LE(reader.room().size(), 64U * 1024) << header;
        reader.feed(Bytes(100'000, 'x'));
        EXPECT_EQ(reader.next().value(), std::nullopt);
        EXPECT_LE(reader.room().size(), 200'000U) << header;
    }
}

TEST(FrameReader, KeepsNoMoreOfAPayloadThanItShould) {
    FrameReader reader(1'000'000, 4);
    const Bytes stream = frame("123456") + frame("abc") + frame(Bytes(900'000, 'x')) + frame("z");
    std::vector<Bytes> payloads;
    std::vector<std::uint64_t> announced;
    for (std::size_t at = 0; at < stream.size(); at += 1000) {
        reader.feed(ByteView(stream).substr(at, 1000));
        EXPECT_LE(reader.room().size(), 64U * 1024);
        while (std::optional<Bytes> next = reader.next().value()) {
            payloads.push_back(std::move(*next));
            announced.push_back(reader.announced());
        }
    }
    EXPECT_THAT(payloads, ElementsAre("1234", "abc", "xxxx", "z"));
    EXPECT_THAT(announced, ElementsAre(6, 3, 900'000, 1));
}

}  // namespace

}  // namespace pueue::wire
