// What the daemon is told. Nothing is sent that cannot be sent now: starts wait in a queue of
// children, exits in the list of those not acknowledged, and a direct answer in one place, since no
// further request is read while it waits there.
#include "daemon/keeper/loop.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pueue::keeper {

namespace {

// glibc 2.36 declares its own only for C.
int open_pidfd(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
}

}  // namespace

void Loop::refuse(const Header& question, ErrorCode code, int error, const char* text) {
    ErrorAnswer message;
    message.code = code;
    message.error = error;
    message.text = {text, std::strlen(text)};
    answer(question, message);
}

void Loop::send_answer(const char* bytes, std::size_t size) {
    if (!transfer(bytes, size, nullptr, 0) && daemon_ >= 0) {
        std::memcpy(held_answer_, bytes, size);
        held_answer_size_ = size;
    }
}

void Loop::announce(Child& child) {
    if (daemon_ < 0) {
        forget_announcement(child);
    } else if (!child.to_announce) {
        child.to_announce = true;
        announcements_.push(child);
    }
}

// The child needs no announcement any more: what was kept for it goes. A failed one, and a run,
// goes as a whole.
void Loop::forget_announcement(Child& child) {
    child.to_announce = false;
    child.as_entry = false;
    // A starting child keeps its descriptor: Started will carry it.
    if (child.pidfd >= 0 && child.phase != Child::Phase::starting) {
        ::close(child.pidfd);
        child.pidfd = -1;
    }
    if (child.phase == Child::Phase::failed || child.is_run) {
        children_.remove(child);
    }
}

void Loop::clear_announcements() {
    while (Child* child = announcements_.front()) {
        announcements_.pop();
        forget_announcement(*child);
    }
    next_exit_to_send_ = exits_.front();
}

void Loop::flush() {
    if (daemon_ < 0) {
        return;
    }
    const bool all =
        send_held_answer() && send_announcements() && send_exits() && send_inventory_end();
    // Requests are read on while starts and exits wait, which have their place; but not while an
    // answer waits, since there is one place for those.
    const std::uint32_t reading = held_answer_size_ == 0 ? EPOLLIN : 0U;
    set_interest(all ? reading : reading | EPOLLOUT);
}

// False: not sent. The daemon does not read now, or the connection is gone (daemon_ is -1 then).
bool Loop::transfer(
    const char* bytes, std::size_t size, const int* descriptors, int descriptor_count
) {
    if (daemon_ < 0) {
        return false;
    }
    const Transfer sent = send(daemon_, bytes, size, descriptors, descriptor_count);
    if (sent == Transfer::closed) {
        drop_daemon();
    }
    return sent == Transfer::done;
}

bool Loop::send_held_answer() {
    if (held_answer_size_ > 0 && !transfer(held_answer_, held_answer_size_, nullptr, 0)) {
        return false;
    }
    held_answer_size_ = 0;
    return true;
}

bool Loop::send_announcements() {
    while (Child* child = announcements_.front()) {
        if (!send_announcement(*child)) {
            return false;
        }
        announcements_.pop();
        forget_announcement(*child);
    }
    return true;
}

bool Loop::send_announcement(const Child& child) {
    char message[256];
    std::size_t size = 0;
    if (child.is_run) {
        const RunEnded ended{
            child.failure.stage, child.failure.error, child.facts.code, child.facts.status};
        size = encode(ended, 0, message, sizeof message);
        return transfer(message, size, nullptr, 0);
    }
    if (child.phase == Child::Phase::failed) {
        const StartFailed failed{child.key, child.failure.stage, child.failure.error};
        size = encode(failed, 0, message, sizeof message);
        return transfer(message, size, nullptr, 0);
    }
    if (child.as_entry && !child.alive()) {
        return true;  // its exit says everything
    }
    if (child.as_entry) {
        const std::uint32_t flags =
            child.phase == Child::Phase::starting ? Entry::starting : std::uint32_t{0};
        size = encode(
            Entry{child.key, child.pid, child.start_ticks, flags}, 0, message, sizeof message
        );
    } else {
        const Started started{
            child.key, child.pid, child.start_ticks, child.started_wall_ns, child.started_boot_ns};
        size = encode(started, 0, message, sizeof message);
    }
    if (!child.alive()) {
        return transfer(message, size, nullptr, 0);
    }
    // Not reaped, so the pid is still this child's.
    const bool borrowed = child.pidfd < 0;
    const int pidfd = borrowed ? open_pidfd(child.pid) : child.pidfd;
    const int descriptors[] = {pidfd, child.stdin_write};
    const bool sent = transfer(message, size, descriptors, pidfd < 0 ? 0 : 2);
    if (borrowed && pidfd >= 0) {
        ::close(pidfd);
    }
    return sent;
}

bool Loop::send_exits() {
    while (has_inventory_ && next_exit_to_send_ != nullptr) {
        const Child& child = *next_exit_to_send_;
        char message[256];
        const Exited exited{child.sequence, child.key, child.pid, child.facts};
        const std::size_t size = encode(exited, 0, message, sizeof message);
        if (!transfer(message, size, nullptr, 0)) {
            return false;
        }
        next_exit_to_send_ = child.next_exit;
    }
    return true;
}

bool Loop::send_inventory_end() {
    if (inventory_end_due_) {
        char message[header_bytes];
        const std::size_t size =
            encode(InventoryEnd{}, inventory_request_, message, sizeof message);
        if (!transfer(message, size, nullptr, 0)) {
            return false;
        }
        inventory_end_due_ = false;
    }
    return true;
}

}  // namespace pueue::keeper
