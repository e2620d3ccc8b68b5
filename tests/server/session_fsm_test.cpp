#include "daemon/server/session_fsm.hpp"

#include "protocol/wire/bounds.hpp"
#include "protocol/wire/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pueue::server {
namespace {

using testing::VariantWith;

class SessionFsmTest : public testing::Test {
  protected:
    SessionAction with_right_secret() { return fsm.on_frame(secret); }

    void trust() {
        std::ignore = with_right_secret();
        std::ignore = fsm.on_written();
    }

    std::string secret = "correct horse";
    Lookups lookups{
        [](const std::string& command) { return command == "ll" ? "ls -la" : command; },
        [](const WallTime& time) { return "at " + std::to_string(time.seconds); }};
    EnvironmentPool environments;
    SessionFsm fsm{secret, lookups, environments};
};

Bytes failure(const std::string& text) {
    return wire::encode_response(wire::FailureResponse{text});
}

TEST_F(SessionFsmTest, BeginsByReadingASecretOfBoundedSize) {
    EXPECT_THAT(
        fsm.start(), VariantWith<ReadFrame>(ReadFrame{wire::secret_bytes_max, secret.size() + 1})
    );
    EXPECT_FALSE(fsm.is_trusted());
}

TEST_F(SessionFsmTest, AnswersTheRightSecretWithTheVersionAndThenReadsRequests) {
    EXPECT_THAT(with_right_secret(), VariantWith<WriteFrame>(WriteFrame{"0.31.1"}));
    EXPECT_TRUE(fsm.is_trusted());
    EXPECT_THAT(
        fsm.on_written(),
        VariantWith<ReadFrame>(ReadFrame{wire::request_bytes_max, wire::request_bytes_max})
    );
}

TEST_F(SessionFsmTest, ClosesAfterASecondWithoutAWordWhenTheSecretIsWrong) {
    for (const std::string wrong : {"correct hors", "correct horse ", "x", "Correct horse"}) {
        SessionFsm other(secret, lookups, environments);
        const SessionAction action = other.on_frame(wrong);
        ASSERT_TRUE(std::holds_alternative<Close>(action)) << wrong;
        EXPECT_EQ(std::get<Close>(action).delay, std::chrono::seconds(1));
        EXPECT_FALSE(other.is_trusted());
    }
}

TEST_F(SessionFsmTest, SaysHowLongAWrongSecretWasAndNotWhatItWas) {
    const SessionAction action = fsm.on_frame("hunter2");
    EXPECT_EQ(std::get<Close>(action).warning, "Received invalid secret of 7 bytes.");
}

TEST_F(SessionFsmTest, ClosesSilentlyOnAnEmptyFrame) {
    EXPECT_THAT(fsm.on_frame(""), VariantWith<Close>(Close{}));
    SessionFsm trusted(secret, lookups, environments);
    std::ignore = trusted.on_frame(secret);
    EXPECT_THAT(trusted.on_frame(""), VariantWith<Close>(Close{}));
}

TEST_F(SessionFsmTest, SubmitsARequestAndWritesItsReply) {
    trust();
    const SessionAction action = fsm.on_frame(wire::encode_request(wire::StatusRequest{}));
    ASSERT_TRUE(std::holds_alternative<Submit>(action));
    EXPECT_TRUE(std::holds_alternative<core::Status>(std::get<Submit>(action).command));
    EXPECT_THAT(fsm.on_reply("reply"), VariantWith<WriteFrame>(WriteFrame{"reply"}));
    EXPECT_TRUE(std::holds_alternative<ReadFrame>(fsm.on_written()));
}

TEST_F(SessionFsmTest, AnswersBrokenCborAndCloses) {
    trust();
    EXPECT_THAT(
        fsm.on_frame("\x63"
                     "Ad"),
        VariantWith<WriteFrame>(WriteFrame{failure(
            "Failed to deserialize message: Io(Error { kind: UnexpectedEof, message: \"failed to "
            "fill whole buffer\" })"
        )})
    );
    EXPECT_THAT(fsm.on_written(), VariantWith<Close>(Close{}));
}

TEST_F(SessionFsmTest, ClosesWithoutAWordOnCborThatIsNoRequest) {
    trust();
    EXPECT_THAT(
        fsm.on_frame("\x65"
                     "Nopes"),
        VariantWith<Close>(Close{})
    );
    SessionFsm other(secret, lookups, environments);
    std::ignore = other.on_frame(secret);
    EXPECT_THAT(other.on_frame(std::string("\x00", 1)), VariantWith<Close>(Close{}));
}

TEST_F(SessionFsmTest, SurvivesARequestCutAtEveryByte) {
    wire::AddRequest add;
    add.command = "ls";
    add.path = "/tmp";
    add.envs = Environment::of({{"A", "b"}});
    add.group = "default";
    const Bytes whole = wire::encode_request(add);
    for (std::size_t size = 1; size < whole.size(); ++size) {
        SessionFsm other(secret, lookups, environments);
        std::ignore = other.on_frame(secret);
        const SessionAction action = other.on_frame(ByteView(whole).substr(0, size));
        EXPECT_TRUE(std::holds_alternative<WriteFrame>(action)) << size;
        EXPECT_THAT(other.on_written(), VariantWith<Close>(Close{})) << size;
    }
}

}  // namespace
}  // namespace pueue::server
