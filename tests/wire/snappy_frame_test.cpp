#include "protocol/wire/snappy_frame.hpp"

#include "protocol/wire/codec.hpp"
#include "tests/wire/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace pueue::wire {

namespace {

using golden::unhex;
using testing::HasSubstr;
using testing::StartsWith;

const Bytes identifier = unhex("ff060000734e61507059");

Bytes uncompressed(ByteView stream) {
    Bytes plain;
    const Result<> result = uncompress_snappy_frames(stream, plain);
    EXPECT_TRUE(result.has_value()) << result.error().text;
    return plain;
}

std::string error_of(ByteView stream) {
    Bytes plain;
    const Result<> result = uncompress_snappy_frames(stream, plain);
    EXPECT_TRUE(result.has_error());
    return result.has_error() ? result.error().text : std::string();
}

Bytes noise(std::size_t size) {
    std::mt19937 random(static_cast<unsigned>(size));
    Bytes bytes(size, '\0');
    for (char& c : bytes) {
        c = static_cast<char>(random());
    }
    return bytes;
}

Bytes repetition(std::size_t size) {
    Bytes bytes;
    while (bytes.size() < size) {
        bytes += "The same line again and again.\n";
    }
    bytes.resize(size);
    return bytes;
}

TEST(SnappyFrames, ComeBackAsTheyWere) {
    for (const std::size_t size : {1U, 7U, 100U, 65535U, 65536U, 65537U, 131072U, 400'000U}) {
        EXPECT_EQ(uncompressed(compress_snappy_frames(noise(size))), noise(size)) << size;
        EXPECT_EQ(uncompressed(compress_snappy_frames(repetition(size))), repetition(size)) << size;
    }
}

TEST(SnappyFrames, NothingBecomesNothing) {
    EXPECT_EQ(compress_snappy_frames(""), "");
    EXPECT_EQ(uncompressed(""), "");
}

TEST(SnappyFrames, ShortTextStaysReadable) {
    const Bytes stream = compress_snappy_frames("WORKER_ID: 0\n");
    EXPECT_THAT(stream, StartsWith(identifier + unhex("01110000")));
    EXPECT_THAT(stream, HasSubstr("WORKER_ID: 0\n"));
}

TEST(SnappyFrames, CompressWhatCanBeCompressed) {
    EXPECT_LT(compress_snappy_frames(repetition(100'000)).size(), 20'000U);
    EXPECT_LT(compress_snappy_frames(noise(100'000)).size(), 100'000U + 10 + 2 * 8 + 1);
}

TEST(SnappyFrames, OfTheOriginalAreUnderstood) {
    std::size_t outputs = 0;
    for (const golden::Recorded& one : golden::recorded("d2c")) {
        if (one.name != "Log") {
            continue;
        }
        const Response response = decode_response(one.payload).value();
        for (const auto& [id, log] : std::get<LogResponse>(response).tasks) {
            if (log.output) {
                ++outputs;
                const Bytes plain = uncompressed(*log.output);
                EXPECT_EQ(compress_snappy_frames(plain), *log.output) << one.file;
            }
        }
    }
    EXPECT_GE(outputs, 5U);
}

TEST(SnappyFrames, MayContainPaddingAndMore) {
    const Bytes stream = compress_snappy_frames("text");
    const Bytes chunk = stream.substr(identifier.size());
    const Bytes padding = unhex("fe030000616263");
    const Bytes skippable = unhex("80010000ff");
    EXPECT_EQ(uncompressed(stream + padding + chunk + skippable + stream), "texttexttext");
    EXPECT_EQ(uncompressed(identifier), "");
}

TEST(SnappyFrames, SayWhatIsWrongWithThem) {
    const Bytes good = compress_snappy_frames("text");
    const Bytes chunk = good.substr(identifier.size());
    EXPECT_EQ(
        error_of(chunk),
        "snappy: corrupt input (expected stream header but got unexpected chunk type byte 1)"
    );
    EXPECT_EQ(
        error_of(unhex("ff060000734e61507058")),
        "snappy: corrupt input (expected sNaPpY stream header but got sNaPpX)"
    );
    EXPECT_EQ(
        error_of(unhex("ff050000734e615070")),
        "snappy: corrupt input (invalid stream header length: 5)"
    );
    EXPECT_EQ(
        error_of(identifier + unhex("02000000")),
        "snappy: corrupt input (unsupported chunk type: 2)"
    );
    EXPECT_EQ(
        error_of(identifier + unhex("01030000000000")),
        "snappy: corrupt input (unsupported chunk length: 3)"
    );
    EXPECT_EQ(
        error_of(identifier + unhex("00ffffff")),
        "snappy: corrupt input (unsupported chunk length: 16777215)"
    );
    // A block that claims 2^32 - 1 bytes.
    EXPECT_EQ(
        error_of(
            identifier + unhex("00090000"
                               "00000000"
                               "ffffffff0f")
        ),
        "snappy: corrupt input (unsupported chunk length: 4294967295)"
    );
    Bytes wrong_sum = good;
    wrong_sum.back() = 'T';
    EXPECT_THAT(error_of(wrong_sum), StartsWith("snappy: corrupt input (bad checksum; expected: "));
    EXPECT_EQ(error_of(good.substr(0, good.size() - 1)), "failed to fill whole buffer");
}

TEST(SnappyFrames, ChunksOfMoreThan64KiBAreRefused) {
    const Bytes data(65537, 'x');
    EXPECT_EQ(
        error_of(
            identifier +
            unhex("01050001"
                  "00000000") +
            data
        ),
        "snappy: corrupt input (unsupported chunk length: 65537)"
    );
}

TEST(SnappyFrames, KeepWhatCameBeforeTheDamage) {
    const Bytes first = repetition(65536);
    Bytes stream = compress_snappy_frames(first + noise(100));
    stream.back() = static_cast<char>(stream.back() ^ 1);
    Bytes plain = "before ";
    EXPECT_TRUE(uncompress_snappy_frames(stream, plain).has_error());
    EXPECT_EQ(plain, "before " + first);
}

TEST(SnappyFrames, NoDamagedStreamIsTakenForAnother) {
    const Bytes plain = repetition(200);
    const Bytes stream = compress_snappy_frames(plain);
    for (std::size_t i = 0; i < stream.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes damaged = stream;
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
            Bytes result;
            const bool accepted = uncompress_snappy_frames(damaged, result).has_value();
            // A chunk whose type has become a skippable one is gone, as the format wants it.
            EXPECT_TRUE(!accepted || result == plain || result.empty()) << i << ", " << bit;
        }
        Bytes result;
        const bool accepted =
            uncompress_snappy_frames(ByteView(stream).substr(0, i), result).has_value();
        EXPECT_EQ(accepted, i == 0 || i == identifier.size()) << i;
    }
}

}  // namespace

}  // namespace pueue::wire
