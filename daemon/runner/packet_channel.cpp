#include "daemon/runner/packet_channel.hpp"

namespace pueue::runner {

namespace asio = boost::asio;

PacketChannel::PacketChannel(asio::io_context& loop, UniqueFd socket, Owner owner)
    : socket_(loop, socket.release()), owner_(std::move(owner)) {
    wait_for_packets();
}

PacketChannel::~PacketChannel() {
    packet_->close_descriptors();
}

void PacketChannel::wait_for_packets() {
    const auto on_packet = [this, alive = std::weak_ptr(alive_)](const auto& ec) {
        if (ec || alive.expired()) {
            return;
        }
        read();
        if (!alive.expired() && owner_.closed) {
            wait_for_packets();
        }
    };
    socket_.async_wait(asio::posix::stream_descriptor::wait_read, on_packet);
}

void PacketChannel::read() {
    const std::weak_ptr<int> alive = alive_;
    while (owner_.closed) {
        const keeper::Transfer received = keeper::receive(socket_.native_handle(), *packet_);
        if (received == keeper::Transfer::would_block) {
            return;
        }
        if (received == keeper::Transfer::closed) {
            end("the connection ended");
            return;
        }
        keeper::Header header;
        if (!keeper::decode_header(packet_->bytes, packet_->size, header)) {
            packet_->close_descriptors();
            end("it sent something that is no message");
            return;
        }
        owner_.packet(header, *packet_);
        if (alive.expired()) {
            return;
        }
        packet_->close_descriptors();
    }
}

void PacketChannel::write() {
    while (!outgoing_.empty() && !waits_for_room_) {
        const Outgoing& next = outgoing_.front();
        std::vector<int> numbers;
        for (const UniqueFd& descriptor : next.descriptors) {
            numbers.push_back(descriptor.get());
        }
        const keeper::Transfer sent = keeper::send(
            socket_.native_handle(),
            next.packet.data(),
            next.packet.size(),
            numbers.data(),
            static_cast<int>(numbers.size())
        );
        if (sent == keeper::Transfer::would_block) {
            wait_for_room();
            return;
        }
        if (sent == keeper::Transfer::closed) {
            return;  // noticed by the reader, which has a reason to give
        }
        outgoing_.pop_front();
    }
}

void PacketChannel::wait_for_room() {
    waits_for_room_ = true;
    const auto on_room = [this, alive = std::weak_ptr(alive_)](const auto& ec) {
        if (!ec && !alive.expired()) {
            waits_for_room_ = false;
            write();
        }
    };
    socket_.async_wait(asio::posix::stream_descriptor::wait_write, on_room);
}

void PacketChannel::end(const std::string& why) {
    const auto closed = std::exchange(owner_.closed, nullptr);
    closed(why);
}

}  // namespace pueue::runner
