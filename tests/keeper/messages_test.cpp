#include "daemon/keeper/messages.hpp"

#include <gmock/gmock.h>

#include <array>
#include <random>
#include <string>

namespace pueue::keeper {
namespace {

using Buffer = std::array<char, 512>;

Key some_key() {
    Key key{7, 3, {}};
    for (std::uint8_t i = 0; i < 16; ++i) {
        key.run.bytes[i] = static_cast<std::uint8_t>(0xa0 + i);
    }
    return key;
}

template <class Message>
std::string bytes_of(const Message& message, std::uint64_t request = 1) {
    Buffer buffer;
    return {buffer.data(), encode(message, request, buffer.data(), buffer.size())};
}

// What is compared is what would be sent again.
template <class Message>
void expect_survives(const Message& message) {
    const std::string packet = bytes_of(message, 99);
    Header header;
    ASSERT_TRUE(decode_header(packet.data(), packet.size(), header));
    EXPECT_EQ(header.type, Message::type);
    EXPECT_EQ(header.request, 99U);
    Message read;
    ASSERT_TRUE(decode(packet.data(), packet.size(), read));
    EXPECT_EQ(bytes_of(read, 99), packet);
}

// A body that ends early is refused wherever it ends.
template <class Message>
void expect_refused_at_every_cut(const Message& message) {
    const std::string packet = bytes_of(message);
    for (std::size_t size = 0; size < packet.size(); ++size) {
        std::string cut = packet.substr(0, size);
        Header header;
        EXPECT_FALSE(decode_header(cut.data(), cut.size(), header)) << "length field disagrees";
        if (size >= header_bytes) {
            const auto length = static_cast<std::uint32_t>(size);
            std::memcpy(cut.data() + 8, &length, sizeof length);
            ASSERT_TRUE(decode_header(cut.data(), cut.size(), header));
            Message read;
            EXPECT_FALSE(decode(cut.data(), cut.size(), read)) << "cut to " << size;
        }
    }
}

template <class Visit>
void for_each_message(Visit visit) {
    visit(Hello{1, 2, 4711});
    visit(Start{some_key(), 3, 027, 1024, -17, {"spec bytes", 10}});
    visit(Signal{some_key(), 15, SignalTarget::leader});
    visit(Acknowledge{12345678901});
    visit(Stop{StopMode::when_empty});
    Welcome welcome;
    welcome.pid = 5;
    welcome.start_ticks = 6;
    welcome.keeper = some_key().run;
    welcome.alive = 7;
    welcome.unacknowledged = 8;
    welcome.flags = Welcome::spool_incomplete;
    visit(welcome);
    visit(Entry{some_key(), 1, 2, Entry::starting});
    visit(Started{some_key(), 1, 2, 3, 4});
    visit(StartFailed{some_key(), Stage::execute, 2});
    visit(Exited{9, some_key(), 10, {1, 2, 3, 4, 5, 6, 7}});
    visit(Run{3, 027, 1024, {"spec bytes", 10}});
    visit(RunEnded{Stage::execute, 2, 1, 7});
    visit(ErrorAnswer{ErrorCode::no_such_task, 3, {"no such task", 12}});
}

TEST(KeeperMessages, SurviveTheWayThereAndBack) {
    for_each_message([](const auto& message) { expect_survives(message); });
    expect_survives(Inventory{});
    expect_survives(InventoryEnd{});
    expect_survives(Ping{});
    expect_survives(Pong{});
    expect_survives(DoneAnswer{});
}

TEST(KeeperMessages, AreRefusedWhereverTheyAreCutOff) {
    for_each_message([](const auto& message) { expect_refused_at_every_cut(message); });
}

TEST(KeeperMessages, MayHaveFieldsThatAreNotKnownYet) {
    std::string packet = bytes_of(Signal{some_key(), 9, SignalTarget::group});
    packet += "a later version's field";
    const auto length = static_cast<std::uint32_t>(packet.size());
    std::memcpy(packet.data() + 8, &length, sizeof length);
    Header header;
    ASSERT_TRUE(decode_header(packet.data(), packet.size(), header));
    Signal read;
    ASSERT_TRUE(decode(packet.data(), packet.size(), read));
    EXPECT_EQ(read.number, 9);
    EXPECT_EQ(read.key, some_key());
}

TEST(KeeperMessages, HaveTheLayoutThatIsWrittenDown) {
    const std::string packet = bytes_of(Signal{some_key(), 15, SignalTarget::group}, 0x0102);
    const std::string expected(
        "PKPR"                              // magic
        "\x01\x00"                          // version
        "\x04\x00"                          // type
        "\x3c\x00\x00\x00"                  // length 60
        "\x00\x00\x00\x00"                  // flags
        "\x02\x01\x00\x00\x00\x00\x00\x00"  // request
        "\x07\x00\x00\x00\x00\x00\x00\x00"  // task
        "\x03\x00\x00\x00"                  // attempt
        "\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf"
        "\x0f\x00\x00\x00"   // number
        "\x01\x00\x00\x00",  // target
        60
    );
    EXPECT_EQ(packet, expected);
}

TEST(KeeperMessages, AreNotWrittenWhereTheyDoNotFit) {
    const Start start{some_key(), 0, 0, 0, 0, {"0123456789", 10}};
    const std::size_t needed = bytes_of(start).size();
    for (std::size_t capacity = 0; capacity < needed; ++capacity) {
        std::string room(capacity + 1, '#');
        EXPECT_EQ(encode(start, 1, room.data(), capacity), 0U);
        EXPECT_EQ(room.back(), '#');
    }
}

TEST(KeeperMessages, ATextCannotClaimMoreThanArrived) {
    std::string packet = bytes_of(ErrorAnswer{ErrorCode::failed, 0, {"abc", 3}});
    const std::uint32_t claimed = 0xffffffff;
    std::memcpy(packet.data() + packet.size() - 3 - sizeof claimed, &claimed, sizeof claimed);
    ErrorAnswer read;
    EXPECT_FALSE(decode(packet.data(), packet.size(), read));
}

TEST(KeeperMessages, GarbageIsNoMessage) {
    std::mt19937 random(20240101);
    for (int round = 0; round < 20000; ++round) {
        std::string garbage(random() % 200, '\0');
        for (char& c : garbage) {
            c = static_cast<char>(random());
        }
        Header header;
        EXPECT_FALSE(decode_header(garbage.data(), garbage.size(), header));
        // With a header that looks right, any body gives an answer; sanitizers watch the reading.
        if (garbage.size() >= header_bytes) {
            Start start;
            static_cast<void>(decode(garbage.data(), garbage.size(), start));
            Exited exited;
            static_cast<void>(decode(garbage.data(), garbage.size(), exited));
        }
    }
}

}  // namespace
}  // namespace pueue::keeper
