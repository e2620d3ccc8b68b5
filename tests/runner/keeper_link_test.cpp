// KeeperLink beside a keeper that the test plays itself: what a real one of this build would not
// say. With real keepers it is tested by compat-tests/checks/keeper.py.
#include "daemon/runner/keeper_link.hpp"

#include "daemon/keeper/home.hpp"
#include "daemon/runner/keeper_key.hpp"
#include "tests/support/describe.hpp"
#include "tests/support/scratch_directory.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pueue::runner {
namespace {

using keeper::MessageType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds patience{20};

const AttemptKey seven{TaskId{7}, AttemptNumber{1}, {}};

class KeeperLinkTest : public ::testing::Test {
  protected:
    KeeperLinkTest() {
        EXPECT_EQ(::mkdir((directory_.path() / "keeper").c_str(), 0700), 0);
        home_ = open_file(directory_.path().string() + "/keeper", O_RDONLY | O_DIRECTORY).value();
        control_ = UniqueFd(keeper::open_control(home_.get()));
        EXPECT_TRUE(keeper::write_info(home_.get(), keeper::identify_myself()));
        KeeperLink::Options options;
        options.directory = directory_.path().string() + "/keeper";
        options.log_directory = directory_.path().string();
        options.refused = [this](const std::string& why) { refused_ = why; };
        link_ = std::make_unique<KeeperLink>(
            loop_,
            std::move(options),
            [this](const core::Event& event) { events_.push_back(core::describe(event)); },
            logger_
        );
        connect();
    }

    void connect() {
        EXPECT_TRUE(link_->connect().has_value());
        accept();
    }
    void accept() {
        socket_ = UniqueFd(::accept4(control_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        ASSERT_TRUE(socket_);
        EXPECT_EQ(next(), MessageType::hello);
        EXPECT_EQ(next(), MessageType::inventory);
    }

    // What the daemon has said; none if it has said nothing.
    std::optional<MessageType> next() {
        keeper::Header header;
        if (keeper::receive(socket_.get(), packet_) != keeper::Transfer::done ||
            !keeper::decode_header(packet_.bytes, packet_.size, header)) {
            return std::nullopt;
        }
        packet_.close_descriptors();
        return header.type;
    }

    // With fields behind it that this build does not know.
    template <class Message>
    void say(const Message& message, const std::string& more = "more") {
        std::string bytes(keeper::message_bytes_max, '\0');
        bytes.resize(keeper::encode(message, 0, bytes.data(), bytes.size()));
        bytes += more;
        keeper::Header header;
        EXPECT_TRUE(keeper::decode_header(bytes.data(), bytes.size() - more.size(), header));
        header.length = static_cast<std::uint32_t>(bytes.size());
        keeper::Writer writer(bytes.data(), keeper::header_bytes);
        keeper::Header::fields(writer, header);
        say_bytes(bytes);
    }
    void say_bytes(const std::string& bytes) {
        EXPECT_EQ(
            keeper::send(socket_.get(), bytes.data(), bytes.size(), nullptr, 0),
            keeper::Transfer::done
        );
        loop_.restart();
        loop_.poll();
    }

    static keeper::Welcome welcome() {
        keeper::Welcome welcome;
        welcome.pid = ::getpid();
        welcome.keeper.bytes[0] = 5;
        welcome.build = keeper::identify_myself().build;
        return welcome;
    }

    support::ScratchDirectory directory_;
    UniqueFd home_;
    UniqueFd control_;
    UniqueFd socket_;
    keeper::Packet packet_;
    boost::asio::io_context loop_;
    Logger logger_{STDERR_FILENO, LogLevel::error};
    std::vector<std::string> events_;
    std::string refused_;
    std::unique_ptr<KeeperLink> link_;
};

TEST_F(KeeperLinkTest, IgnoresFieldsOfLaterVersions) {
    say(welcome());
    say(keeper::Entry{to_keeper(seven), 1, 0, 0});
    say(keeper::InventoryEnd{});
    say(keeper::Started{to_keeper(seven), 1, 0, 0, 0});
    keeper::Exited exited;
    exited.key = to_keeper(seven);
    exited.sequence = 3;
    exited.facts.code = CLD_EXITED;
    exited.facts.status = 9;
    say(exited);
    EXPECT_THAT(
        events_,
        ElementsAre(
            "keeper 5 reports 1 alive, 0 exits",
            HasSubstr("runs"),
            HasSubstr("exited with 9 (exit 3)")
        )
    );
    EXPECT_EQ(refused_, "");
}

TEST_F(KeeperLinkTest, IgnoresMessagesItDoesNotKnow) {
    say(welcome());
    std::string bytes(keeper::header_bytes, '\0');
    keeper::Header header;
    header.type = static_cast<MessageType>(999);
    header.length = keeper::header_bytes;
    keeper::Writer writer(bytes.data(), bytes.size());
    keeper::Header::fields(writer, header);
    say_bytes(bytes);
    say(keeper::InventoryEnd{});
    EXPECT_THAT(events_, ElementsAre("keeper 5 reports 0 alive, 0 exits"));
}

TEST_F(KeeperLinkTest, RefusesAnotherVersionByItsNumber) {
    keeper::Welcome later = welcome();
    later.version = 2;
    say(later);
    EXPECT_THAT(refused_, HasSubstr("speaks version 2 of the protocol, not 1"));
    EXPECT_THAT(refused_, HasSubstr(std::to_string(::getpid())));
    EXPECT_THAT(events_, IsEmpty());
    EXPECT_EQ(next(), std::nullopt);
}

TEST_F(KeeperLinkTest, TellsWhyAKeeperRefusesIt) {
    constexpr std::string_view text = "this keeper speaks protocol version 2 only";
    keeper::ErrorAnswer error;
    error.code = keeper::ErrorCode::unsupported;
    error.text = {text.data(), text.size()};
    say(error);
    EXPECT_THAT(refused_, HasSubstr(text));
}

TEST_F(KeeperLinkTest, AsksAKeeperOfAnotherBuildToLeaveWhenItIsEmpty) {
    keeper::Welcome other = welcome();
    other.build.bytes[0] ^= 1;
    say(other);
    EXPECT_EQ(next(), std::nullopt);
    say(keeper::InventoryEnd{});
    EXPECT_EQ(next(), MessageType::stop);
    keeper::Stop stop;
    ASSERT_TRUE(keeper::decode(packet_.bytes, packet_.size, stop));
    EXPECT_EQ(stop.mode, keeper::StopMode::when_empty);
}

TEST_F(KeeperLinkTest, KeepsAKeeperOfItsOwnBuild) {
    say(welcome());
    say(keeper::InventoryEnd{});
    EXPECT_EQ(next(), std::nullopt);
}

TEST_F(KeeperLinkTest, LeavesAConnectionThatMakesNoSenseAndComesBack) {
    say(welcome());
    say(keeper::InventoryEnd{});
    say_bytes("nonsense");
    EXPECT_THAT(events_, ElementsAre("keeper 5 reports 0 alive, 0 exits", "keeper lost"));
    pollfd coming{control_.get(), POLLIN, 0};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::poll(&coming, 1, 0) == 0 && std::chrono::steady_clock::now() < deadline) {
        loop_.restart();
        loop_.run_one_for(patience);
    }
    accept();
    say(welcome());
    say(keeper::Entry{to_keeper(seven), 1, 0, 0});
    say(keeper::InventoryEnd{});
    EXPECT_EQ(events_.back(), "keeper 5 reports 1 alive, 0 exits");
}

}  // namespace
}  // namespace pueue::runner
