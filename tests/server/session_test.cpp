#include "daemon/server/session.hpp"

#include "protocol/wire/codec.hpp"
#include "protocol/wire/frame.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace pueue::server {
namespace {

namespace asio = boost::asio;

// Real sockets and a real loop; what is missing is the engine, in whose place each request gets
// `reply`. Nobody waits for a time to pass: a peer that is too patient ends at the deadline.
class SessionTest : public testing::Test {
  protected:
    static constexpr std::chrono::seconds deadline{20};
    static constexpr std::chrono::milliseconds soon{50};

    struct Peer {
        UniqueFd socket;
        std::shared_ptr<Session> session;
        std::shared_ptr<bool> is_over = std::make_shared<bool>(false);
    };

    Peer connect(Patience patience) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        Socket socket(loop);
        socket.assign(asio::generic::stream_protocol(AF_UNIX, 0), ends[0]);
        const SessionId id{++sessions};
        Peer peer{UniqueFd(ends[1]), nullptr};
        peer.session = std::make_shared<Session>(
            loop,
            id,
            unix_stream(std::move(socket)),
            SessionFsm(secret, lookups, environments),
            submit,
            logger,
            patience
        );
        waiting[id] = peer.session.get();
        const auto on_end = [over = peer.is_over](const std::exception_ptr& failure) {
            EXPECT_FALSE(failure);
            *over = true;
        };
        asio::co_spawn(loop, peer.session->run(), on_end);
        return peer;
    }
    Peer connect_with_secret(Patience patience) {
        Peer peer = connect(patience);
        send(peer, wire::frame(secret));
        EXPECT_EQ(receive(peer, 14), wire::frame("0.31.1"));
        return peer;
    }

    void send(const Peer& peer, const Bytes& bytes) {
        ASSERT_EQ(::write(peer.socket.get(), bytes.data(), bytes.size()), std::ssize(bytes));
    }
    // Runs the loop until so many bytes are there.
    Bytes receive(const Peer& peer, std::size_t size) {
        Bytes bytes(size, '\0');
        std::size_t got = 0;
        const auto read = [&] {
            const ssize_t n =
                ::recv(peer.socket.get(), bytes.data() + got, size - got, MSG_DONTWAIT);
            got += n > 0 ? static_cast<std::size_t>(n) : 0;
            return got == size;
        };
        EXPECT_TRUE(run_until(read));
        return bytes;
    }
    template <class Condition>
    bool run_until(const Condition& is_met) {
        // Shared: the loop runs the handler of a timer that has gone, too.
        const auto is_late = std::make_shared<bool>(false);
        asio::steady_timer timer(loop, deadline);
        timer.async_wait([is_late](const boost::system::error_code& ec) { *is_late = !ec; });
        while (!is_met() && !*is_late) {
            loop.run_one_for(std::chrono::milliseconds(20));
        }
        return !*is_late;
    }
    bool ends(const Peer& peer) {
        return run_until([&] { return *peer.is_over; });
    }

    asio::io_context loop{1};
    Bytes secret = "secret";
    Bytes reply = wire::encode_response(wire::SuccessResponse{"well"});
    Lookups lookups;
    EnvironmentPool environments;
    Logger logger{STDERR_FILENO, LogLevel::error};
    std::uint64_t sessions = 0;
    std::map<SessionId, Session*> waiting;
    SubmitCommand submit = [this](SessionId session, const core::Command& /*command*/) {
        waiting.at(session)->answer(reply);
    };
    const Bytes request = wire::frame(wire::encode_request(wire::StatusRequest{}));
};

TEST_F(SessionTest, EndsWhenThePeerDoesNotShowTheSecretInTime) {
    const Peer silent = connect({soon, deadline});
    const Peer slow = connect({soon, deadline});
    send(slow, wire::frame(secret).substr(0, 10));
    EXPECT_TRUE(ends(silent));
    EXPECT_TRUE(ends(slow));
}

TEST_F(SessionTest, EndsWhenThePeerStopsInTheMiddleOfARequest) {
    for (std::size_t size : {std::size_t{1}, std::size_t{8}, request.size() - 1}) {
        const Peer peer = connect_with_secret({deadline, soon});
        send(peer, request.substr(0, size));
        EXPECT_TRUE(ends(peer)) << size;
    }
}

TEST_F(SessionTest, EndsWhenThePeerStopsReadingALongReply) {
    reply = wire::encode_response(wire::SuccessResponse{std::string(8 << 20, 'x')});
    const Peer peer = connect_with_secret({deadline, soon});
    send(peer, request);
    EXPECT_TRUE(ends(peer));
}

TEST_F(SessionTest, WaitsBetweenRequestsAsLongAsThePeerLikes) {
    const Peer idle = connect_with_secret({deadline, soon});
    const Peer stuck = connect_with_secret({deadline, soon});
    send(stuck, request.substr(0, 3));
    EXPECT_TRUE(ends(stuck));  // the same time has passed for both
    EXPECT_FALSE(*idle.is_over);
    send(idle, request);
    EXPECT_EQ(receive(idle, reply.size() + 8), wire::frame(reply));
    idle.session->close();
    EXPECT_TRUE(ends(idle));
}

TEST_F(SessionTest, GivesTimeForEveryPieceOfALongReply) {
    reply = wire::encode_response(wire::SuccessResponse{std::string(4 << 20, 'x')});
    const Peer peer = connect_with_secret({deadline, deadline});
    send(peer, request);
    EXPECT_EQ(receive(peer, reply.size() + 8), wire::frame(reply));
    peer.session->close();
    EXPECT_TRUE(ends(peer));
}

TEST_F(SessionTest, AnswersOneRequestAfterTheOtherHoweverManyCome) {
    const Peer peer = connect_with_secret({deadline, soon});
    Bytes requests;
    Bytes replies;
    for (int i = 0; i < 50; ++i) {
        requests += request;
        replies += wire::frame(reply);
    }
    send(peer, requests);
    EXPECT_EQ(receive(peer, replies.size()), replies);
    ::shutdown(peer.socket.get(), SHUT_WR);
    EXPECT_TRUE(ends(peer));
}

}  // namespace
}  // namespace pueue::server
