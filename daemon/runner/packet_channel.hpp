// The daemon's end of the connection to a keeper: packets out in order, as far as the socket takes
// them and then when it has room again; packets in, one call each. Knows no message but the header.
#pragma once

#include "daemon/keeper/packet.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pueue::runner {

class PacketChannel {
  public:
    /// Either may destroy the channel. After `closed` nothing is called any more.
    struct Owner {
        std::function<void(const keeper::Header&, keeper::Packet&)> packet;
        std::function<void(const std::string& why)> closed;
    };

    PacketChannel(boost::asio::io_context& loop, UniqueFd socket, Owner owner);
    ~PacketChannel();
    PacketChannel(const PacketChannel&) = delete;
    PacketChannel& operator=(const PacketChannel&) = delete;

    template <class Message>
    void say(const Message& message, std::vector<UniqueFd> descriptors = {}) {
        Bytes packet(keeper::message_bytes_max, '\0');
        packet.resize(keeper::encode(message, 0, packet.data(), packet.size()));
        PUEUE_CHECK(!packet.empty());
        outgoing_.push_back({std::move(packet), std::move(descriptors)});
        write();
    }

    /// Takes everything that has arrived.
    void read();

  private:
    struct Outgoing {
        Bytes packet;
        std::vector<UniqueFd> descriptors;
    };

    void wait_for_packets();
    void wait_for_room();
    void write();
    void end(const std::string& why);

    boost::asio::posix::stream_descriptor socket_;
    Owner owner_;
    std::deque<Outgoing> outgoing_;
    bool waits_for_room_ = false;
    std::unique_ptr<keeper::Packet> packet_ = std::make_unique<keeper::Packet>();
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace pueue::runner
