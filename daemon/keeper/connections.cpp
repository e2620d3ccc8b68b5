// Who talks to the keeper: connections that have not said who they are, and the daemon.
#include "daemon/keeper/loop.hpp"
#include "daemon/keeper/loop_tags.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace pueue::keeper {

// Only a valid greeting makes somebody the daemon. Until then a connection has one of a few places;
// when they are full the oldest goes, so silent ones can neither pile up nor lock anybody out.
void Loop::accept_connections() {
    const int connection = ::accept4(control_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            ::close(reserve_);
            ::close(::accept4(control_, nullptr, nullptr, SOCK_CLOEXEC));
            reserve_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        }
        return;
    }
    if (!is_ours(connection)) {
        ::close(connection);
        return;
    }
    const int slot = next_greeting_;
    next_greeting_ = (next_greeting_ + 1) % greeting_slots;
    if (greeting_[slot] >= 0) {
        ::close(greeting_[slot]);
    }
    greeting_[slot] = connection;
    if (!watch(connection, EPOLLIN, tag_first_greeting + static_cast<std::uint64_t>(slot))) {
        ::close(connection);
        greeting_[slot] = -1;
    }
}

void Loop::greet(int slot) {
    if (greeting_[slot] < 0) {
        return;  // replaced by a newer one in this round
    }
    const Transfer received = receive(greeting_[slot], packet_);
    if (received == Transfer::would_block) {
        return;
    }
    const int connection = greeting_[slot];
    greeting_[slot] = -1;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection, nullptr);

    Header header;
    if (received == Transfer::done && decode_header(packet_.bytes, packet_.size, header) &&
        header.type == MessageType::hello) {
        become_daemon(connection, header);
    } else {
        ::close(connection);
    }
    packet_.close_descriptors();
}

void Loop::become_daemon(int connection, const Header& header) {
    Hello hello;
    if (!decode(packet_.bytes, packet_.size, hello) || hello.oldest_version > protocol_version ||
        hello.newest_version < protocol_version) {
        constexpr const char* text = "this keeper speaks protocol version 1 only";
        ErrorAnswer error;
        error.code = ErrorCode::unsupported;
        error.text = {text, std::strlen(text)};
        char message[256];
        const std::size_t size = encode(error, header.request, message, sizeof message);
        static_cast<void>(send(connection, message, size, nullptr, 0));
        ::close(connection);
        return;
    }
    drop_daemon();
    daemon_ = connection;
    interest_ = EPOLLIN;
    if (!watch(daemon_, interest_, tag_daemon)) {
        drop_daemon();
        return;
    }
    welcome(header);
}

void Loop::drop_daemon() {
    if (daemon_ < 0) {
        return;
    }
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, daemon_, nullptr);
    ::close(daemon_);
    daemon_ = -1;
    held_answer_size_ = 0;
    has_inventory_ = false;
    inventory_end_due_ = false;
    clear_announcements();
}

// A few at a time, so that one who never stops asking does not keep exits from being noticed.
void Loop::read_requests() {
    for (int budget = 32; budget > 0 && daemon_ >= 0 && held_answer_size_ == 0; --budget) {
        const Transfer received = receive(daemon_, packet_);
        if (received == Transfer::would_block) {
            return;
        }
        if (received == Transfer::closed) {
            drop_daemon();
            return;
        }
        handle(packet_);
        packet_.close_descriptors();
    }
}

void Loop::set_interest(std::uint32_t events) {
    if (daemon_ < 0 || events == interest_) {
        return;
    }
    interest_ = events;
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag_daemon;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, daemon_, &event);
}

}  // namespace pueue::keeper
