// One packet in or out of a SOCK_SEQPACKET socket, with descriptors. Never blocks.
#pragma once

#include "daemon/keeper/messages.hpp"

#include <cstddef>

namespace pueue::keeper {

enum class Transfer {
    done,
    would_block,
    closed,  ///< the peer is gone, or what it sent can be no packet of ours
};

struct Packet {
    std::size_t size = 0;
    int descriptors[descriptors_max] = {-1, -1, -1, -1, -1, -1, -1, -1};
    int descriptor_count = 0;
    char bytes[message_bytes_max];

    /// Gives the descriptor away; -1 if there is none.
    int take_descriptor(int index);
    void close_descriptors();
};

/// Received descriptors are close-on-exec and the caller's to close.
[[nodiscard]] Transfer receive(int socket, Packet& packet);

[[nodiscard]] Transfer send(
    int socket, const char* bytes, std::size_t size, const int* descriptors, int descriptor_count
);

}  // namespace pueue::keeper
