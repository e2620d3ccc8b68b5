// Everything that was recorded between the original programs, decoded, understood and made again.
#include "tests/wire/golden.hpp"

#include "protocol/wire/codec.hpp"
#include "tests/support/in_zone.hpp"
#include "tests/wire/show_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pueue::wire {

namespace {

using golden::Envs;
using golden::Recorded;
using support::InZone;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* cut_short =
    "Io(Error { kind: UnexpectedEof, message: \"failed to fill whole buffer\" })";

std::vector<Recorded> recorded_requests() {
    std::vector<Recorded> all = golden::recorded("c2d");
    std::erase_if(all, [](const Recorded& one) { return one.name == "Nope"; });
    return all;
}

std::vector<Recorded> values(std::string_view prefix) {
    std::vector<Recorded> all;
    for (const auto& row : golden::table("wire/values.tsv")) {
        if (row.at(0).starts_with(prefix)) {
            all.push_back({row[0], row[0], golden::unhex(row.at(1)), row.at(2)});
        }
    }
    return all;
}

template <class T>
std::vector<T> joined(std::vector<T> first, const std::vector<T>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

TEST(Golden, IndexSaysWhatThePayloadsAre) {
    const auto all = joined(golden::recorded("c2d"), golden::recorded("d2c"));
    EXPECT_EQ(all.size(), 234U);
    for (const Recorded& one : all) {
        EXPECT_EQ(golden::diagnostic(one.payload, Envs::as_they_are), one.value) << one.file;
    }
}

TEST(Golden, RequestsMeanWhatTheIndexSays) {
    for (const Recorded& one : joined(recorded_requests(), values("req."))) {
        const InZone zone(golden::zone_of(one.payload));
        const Decoded<Request> request = decode_request(one.payload);
        ASSERT_TRUE(request.has_value()) << one.file << ": " << request.error().text;
        EXPECT_EQ(show_message(*request), golden::diagnostic(one.payload, Envs::sorted))
            << one.file;
    }
}

TEST(Golden, RequestsAreMadeOfTheSameBytes) {
    for (const Recorded& one : joined(recorded_requests(), values("req."))) {
        const InZone zone(golden::zone_of(one.payload));
        const Request request = decode_request(one.payload).value();
        EXPECT_EQ(encode_request(request), golden::with_sorted_envs(one.payload)) << one.file;
    }
}

TEST(Golden, ResponsesMeanWhatTheIndexSays) {
    for (const Recorded& one : joined(golden::recorded("d2c"), values("resp."))) {
        const InZone zone(golden::zone_of(one.payload));
        const Decoded<Response> response = decode_response(one.payload);
        ASSERT_TRUE(response.has_value()) << one.file << ": " << response.error().text;
        EXPECT_EQ(show_message(*response), golden::diagnostic(one.payload, Envs::sorted))
            << one.file;
    }
}

TEST(Golden, ResponsesAreMadeOfTheSameBytes) {
    for (const Recorded& one : joined(golden::recorded("d2c"), values("resp."))) {
        const InZone zone(golden::zone_of(one.payload));
        const Response response = decode_response(one.payload).value();
        EXPECT_EQ(encode_response(response), golden::with_sorted_envs(one.payload)) << one.file;
    }
}

TEST(Golden, AMessageIsEqualToItselfDecodedAgainAndToNoOther) {
    std::vector<Request> requests;
    for (const Recorded& one : values("req.")) {
        requests.push_back(decode_request(one.payload).value());
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
        for (std::size_t j = 0; j < requests.size(); ++j) {
            const Request again = decode_request(encode_request(requests[j])).value();
            EXPECT_EQ(requests[i] == again, i == j) << i << ", " << j;
        }
    }
}

TEST(Golden, APayloadCutAnywhereIsAnErrorThatSaysSo) {
    const auto check = [](const Recorded& one, auto decode) {
        for (std::size_t size = 0; size < one.payload.size(); ++size) {
            const auto message = decode(ByteView(one.payload).substr(0, size), nullptr);
            ASSERT_FALSE(message.has_value()) << one.file << " cut to " << size;
            EXPECT_EQ(message.error().text, cut_short) << one.file << " cut to " << size;
            EXPECT_FALSE(message.error().is_well_formed) << one.file << " cut to " << size;
        }
    };
    for (const Recorded& one : joined(recorded_requests(), values("req."))) {
        check(one, decode_request);
    }
    for (const Recorded& one : joined(golden::recorded("d2c"), values("resp."))) {
        check(one, decode_response);
    }
}

TEST(Golden, BytesBehindAMessageAreIgnored) {
    for (const Recorded& one : recorded_requests()) {
        const Decoded<Request> request = decode_request(one.payload + Bytes("\xff\xff"));
        ASSERT_TRUE(request.has_value()) << one.file;
        EXPECT_EQ(*request, decode_request(one.payload).value()) << one.file;
    }
}

TEST(Golden, BrokenRequestsGetTheOriginalsText) {
    const Decoded<Request> broken = decode_request(golden::payload("215-c2d-broken.hex"));
    ASSERT_FALSE(broken.has_value());
    EXPECT_FALSE(broken.error().is_well_formed);
    const Response reply = decode_response(golden::payload("216-d2c-Failure.hex")).value();
    EXPECT_EQ(
        std::get<FailureResponse>(reply).text,
        "Failed to deserialize message: " + broken.error().text
    );
}

TEST(Golden, UnknownRequestsAreWellFormed) {
    const Decoded<Request> unknown = decode_request(golden::payload("217-c2d-Nope.hex"));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_TRUE(unknown.error().is_well_formed);
    EXPECT_THAT(unknown.error().text, HasSubstr("unknown variant `Nope`, expected one of `Add`,"));
}

TEST(Golden, OddPayloadsAreTakenAsTheOriginalTakesThem) {
    const InZone zone("UTC");
    const auto rows = golden::table("wire/tolerance.tsv");
    ASSERT_THAT(rows, Not(IsEmpty()));
    const auto check = [](const std::vector<std::string>& row, const auto& message, auto encode) {
        const bool is_good = row.at(3) == "OK";
        ASSERT_EQ(message.has_value(), is_good) << row[1] << ": " << row[2];
        if (is_good) {
            EXPECT_EQ(encode(*message), golden::unhex(row.at(4))) << row[1] << ": " << row[2];
        } else {
            EXPECT_EQ(message.error().is_well_formed, row.at(4) == "true")
                << row[1] << ": " << row[2];
            EXPECT_EQ(message.error().text, row.at(5)) << row[1] << ": " << row[2];
        }
    };
    for (const auto& row : rows) {
        const Bytes payload = golden::unhex(row.at(2));
        if (row.at(0) == "request") {
            check(row, decode_request(payload), encode_request);
        } else {
            check(row, decode_response(payload), encode_response);
        }
    }
}

}  // namespace

}  // namespace pueue::wire
