#include "daemon/keeper/packet.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace pueue::keeper {

namespace {

union ControlBuffer {
    cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int) * descriptors_max)];
};

bool try_again_later(int error) {
    // ETOOMANYREFS: more descriptors are on their way to the daemon than one user may have.
    return error == EAGAIN || error == ENOBUFS || error == ETOOMANYREFS;
}

void collect_descriptors(msghdr& message, Packet& packet) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof descriptor);
            if (packet.descriptor_count < descriptors_max) {
                packet.descriptors[packet.descriptor_count++] = descriptor;
            } else {
                ::close(descriptor);
            }
        }
    }
}

}  // namespace

int Packet::take_descriptor(int index) {
    const int taken = index < descriptor_count ? descriptors[index] : -1;
    if (taken >= 0) {
        descriptors[index] = -1;
    }
    return taken;
}

void Packet::close_descriptors() {
    for (int i = 0; i < descriptor_count; ++i) {
        if (descriptors[i] >= 0) {
            ::close(descriptors[i]);
            descriptors[i] = -1;
        }
    }
    descriptor_count = 0;
}

Transfer receive(int socket, Packet& packet) {
    iovec part{packet.bytes, sizeof packet.bytes};
    ControlBuffer control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;

    packet.size = 0;
    packet.descriptor_count = 0;
    ssize_t size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0 && errno == ECONNRESET) {
        // The peer left without reading all that we sent. What it had sent before is still there.
        size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    }
    if (size < 0) {
        return errno == EAGAIN ? Transfer::would_block : Transfer::closed;
    }
    collect_descriptors(message, packet);
    if (size == 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        packet.close_descriptors();
        return Transfer::closed;
    }
    packet.size = static_cast<std::size_t>(size);
    return Transfer::done;
}

Transfer send(
    int socket, const char* bytes, std::size_t size, const int* descriptors, int descriptor_count
) {
    // sendmsg reads only; its structures do not say so.
    iovec part{const_cast<char*>(bytes), size};
    ControlBuffer control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptor_count > 0) {
        const std::size_t payload = sizeof(int) * static_cast<std::size_t>(descriptor_count);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(payload);
        cmsghdr* head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(payload);
        std::memcpy(CMSG_DATA(head), descriptors, payload);
    }
    if (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
        return Transfer::done;
    }
    return try_again_later(errno) ? Transfer::would_block : Transfer::closed;
}

}  // namespace pueue::keeper
