#include "client/connection.hpp"

#include "tests/client/scripted.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pueue::client::test {
namespace {

using ::testing::ElementsAre;

Reported<Connection> open(Script& script) {
    return Connection::open(std::make_unique<ScriptedChannel>(script), "secret", nullptr);
}

std::vector<std::string> open_error(const std::string& to_client) {
    Script script;
    script.to_client = to_client;
    const auto connection = open(script);
    return connection.has_error() ? connection.error().messages : std::vector<std::string>{"none"};
}

std::vector<std::string> call_error(const std::string& reply) {
    Script script;
    script.answer_raw("0.31.1");
    script.to_client += reply;
    auto connection = open(script);
    const auto response = connection->call(wire::StatusRequest{});
    return response.has_error() ? response.error().messages : std::vector<std::string>{"none"};
}

TEST(Connection, SendsTheSecretAndReadsTheVersion) {
    Script script;
    script.answer_raw("0.31.1");
    const auto connection = open(script);
    ASSERT_TRUE(connection.has_value());
    EXPECT_EQ(connection->daemon_version(), "0.31.1");
    EXPECT_EQ(script.from_client, wire::frame("secret"));
}

TEST(Connection, SaysWhatWentWrongInTheHandshake) {
    EXPECT_THAT(
        open_error(""),
        ElementsAre(
            "Failed to initialize client.",
            "Failed to receive version during handshake with daemon.",
            "I/O error while reading request size header:\nearly eof"
        )
    );
    EXPECT_THAT(
        open_error(wire::frame("")),
        ElementsAre(
            "Failed to initialize client.",
            "Daemon went away after sending secret. Did you use the correct secret?"
        )
    );
    EXPECT_THAT(
        open_error(wire::frame("\xff")),
        ElementsAre(
            "Failed to initialize client.",
            "Daemon sent invalid UTF-8. Did you use the correct secret?"
        )
    );
}

TEST(Connection, CarriesSeveralRequestsInPiecesOfAnySize) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
        Script script;
        script.read_bytes_max = piece;
        script.answer_raw("0.31.1");
        script.answer(wire::SuccessResponse{"one"});
        script.answer(wire::FailureResponse{"two"});
        auto connection = open(script);
        ASSERT_TRUE(connection.has_value());
        const auto first = connection->call(wire::StatusRequest{});
        const auto second = connection->call(wire::RemoveRequest{{TaskId{7}}});
        EXPECT_EQ(std::get<wire::SuccessResponse>(*first).text, "one");
        EXPECT_EQ(std::get<wire::FailureResponse>(*second).text, "two");
        ASSERT_EQ(script.requests().size(), 2U);
        EXPECT_EQ(
            std::get<wire::RemoveRequest>(script.requests()[1]).tasks, std::vector{TaskId{7}}
        );
    }
}

TEST(Connection, SaysWhatIsWrongWithAReply) {
    EXPECT_THAT(
        call_error(""), ElementsAre("I/O error while reading request size header:\nearly eof")
    );
    EXPECT_THAT(call_error(wire::frame("")), ElementsAre("Got an empty payload"));
    EXPECT_THAT(
        call_error(wire::frame("abc").substr(0, 10)),
        ElementsAre("Connection went away while receiving payload.")
    );
    EXPECT_THAT(
        call_error(wire::frame("\xff\xff")),
        ElementsAre("Couldn't deserialize message:\n"
                    "Semantic(None, \"invalid type: break, expected enum\")")
    );
    EXPECT_THAT(
        call_error(wire::frame("\x63"
                               "Foo")),
        ElementsAre("Got unexpected but valid message. Are you up-to-date?:\n"
                    "Text(\n    \"Foo\",\n)")
    );
}

}  // namespace
}  // namespace pueue::client::test
