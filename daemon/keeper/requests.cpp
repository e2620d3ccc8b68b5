// What the daemon wants from the keeper.
#include "daemon/keeper/loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

namespace pueue::keeper {

void Loop::handle(Packet& packet) {
    Header header;
    if (!decode_header(packet.bytes, packet.size, header)) {
        drop_daemon();
        return;
    }
    switch (header.type) {
        case MessageType::hello:
            return welcome(header);
        case MessageType::inventory:
            return on_inventory(header);
        case MessageType::start:
            return on_start(header, packet);
        case MessageType::run:
            return on_run(header, packet);
        case MessageType::signal:
            return on_signal(header, packet);
        case MessageType::acknowledge:
            return on_acknowledge(packet);
        case MessageType::stop:
            return on_stop(header, packet);
        case MessageType::ping:
            return answer(header, Pong{});
        case MessageType::welcome:
        case MessageType::entry:
        case MessageType::inventory_end:
        case MessageType::started:
        case MessageType::start_failed:
        case MessageType::exited:
        case MessageType::done:
        case MessageType::pong:
        case MessageType::error:
        case MessageType::run_ended:
            break;
    }
    refuse(header, ErrorCode::unsupported, 0, "this keeper does not know the request");
}

void Loop::welcome(const Header& header) {
    std::uint32_t unacknowledged = 0;
    for (const Child* child = exits_.front(); child != nullptr; child = child->next_exit) {
        ++unacknowledged;
    }
    Welcome message;
    message.pid = identity_.pid;
    message.start_ticks = identity_.start_ticks;
    message.boot = identity_.boot;
    message.keeper = identity_.keeper;
    message.build = identity_.build;
    message.alive = static_cast<std::uint32_t>(alive_);
    message.unacknowledged = unacknowledged;
    message.flags = spool_.incomplete() ? Welcome::spool_incomplete : 0;
    answer(header, message);
}

// Everything once more, from the beginning. The end is told when both queues are empty.
void Loop::on_inventory(const Header& header) {
    clear_announcements();
    children_.for_each([this](Child& child) {
        if (child.alive() && !child.is_run) {
            child.as_entry = true;
            announce(child);
        }
    });
    next_exit_to_send_ = exits_.front();
    has_inventory_ = true;
    inventory_end_due_ = true;
    inventory_request_ = header.request;
    flush();
}

void Loop::on_start(const Header& header, const Packet& packet) {
    Start request;
    if (!decode(packet.bytes, packet.size, request)) {
        return refuse(header, ErrorCode::malformed, 0, "the start request is cut short");
    }
    const int log = packet.descriptors[0];
    const bool spec_is_there =
        (request.flags & Start::spec_in_memfd) == 0 || packet.descriptor_count >= 2;
    if (packet.descriptor_count < 1 || !spec_is_there) {
        return answer(header, StartFailed{request.key, Stage::prepare, EBADF});
    }
    if (Child* known = children_.find(request.key)) {
        return repeat(header, *known);
    }
    Child* child = children_.add(request.key);
    if (child == nullptr) {
        return answer(header, StartFailed{request.key, Stage::prepare, ENOMEM});
    }
    const int memfd = (request.flags & Start::spec_in_memfd) != 0 ? packet.descriptors[1] : -1;
    child->failure = starter_.start(*child, request, {-1, log, log}, memfd);
    if (child->failure.error != 0) {
        child->phase = Child::Phase::failed;
        announce(*child);
        return flush();
    }
    ++alive_;
    children_.set_pid(*child, child->pid);
    // Should the set be full, the pipe is looked at when the child has died.
    static_cast<void>(watch(child->status_pipe, EPOLLIN, reinterpret_cast<std::uint64_t>(child)));
}

void Loop::on_run(const Header& header, const Packet& packet) {
    Run request;
    const bool is_whole = decode(packet.bytes, packet.size, request);
    const bool in_memfd = (request.flags & Start::spec_in_memfd) != 0;
    if (!is_whole || packet.descriptor_count < (in_memfd ? 4 : 3)) {
        return refuse(header, ErrorCode::malformed, 0, "the run request is cut short");
    }
    // Attempts of tasks begin at 1.
    Child* child = children_.add(Key{++last_run_, 0, {}});
    if (child == nullptr) {
        return answer(header, RunEnded{Stage::prepare, ENOMEM});
    }
    child->is_run = true;
    Start start;
    start.flags = request.flags;
    start.umask = request.umask;
    start.open_files = request.open_files;
    start.spec = request.spec;
    const Stdio stdio{packet.descriptors[0], packet.descriptors[1], packet.descriptors[2]};
    child->failure = starter_.start(*child, start, stdio, in_memfd ? packet.descriptors[3] : -1);
    if (child->failure.error != 0) {
        child->phase = Child::Phase::failed;
        announce(*child);
        return flush();
    }
    ::close(child->pidfd);  // nobody will be given it
    child->pidfd = -1;
    children_.set_pid(*child, child->pid);
    static_cast<void>(watch(child->status_pipe, EPOLLIN, reinterpret_cast<std::uint64_t>(child)));
}

// The key was started before: whoever asks again is told what became of that, now or when it is
// known.
void Loop::repeat(const Header& header, Child& known) {
    if (known.phase == Child::Phase::running) {
        announce(known);
        flush();
    } else if (known.phase == Child::Phase::exited) {
        answer(header, Exited{known.sequence, known.key, known.pid, known.facts});
    }
}

void Loop::on_signal(const Header& header, const Packet& packet) {
    Signal request;
    if (!decode(packet.bytes, packet.size, request)) {
        return refuse(header, ErrorCode::malformed, 0, "the signal request is cut short");
    }
    const Child* child = children_.find(request.key);
    if (child == nullptr || !child->alive()) {
        return refuse(header, ErrorCode::no_such_task, 0, "no such task");
    }
    const bool to_group = request.target == SignalTarget::group;
    int result = ::kill(to_group ? -child->pid : child->pid, request.number);
    if (result != 0 && errno == ESRCH && to_group) {
        result = ::kill(child->pid, request.number);  // it has no group of its own yet
    }
    if (result != 0) {
        return refuse(header, ErrorCode::failed, errno, "the signal could not be sent");
    }
    answer(header, DoneAnswer{});
}

// Only what this connection was told can be acknowledged on it.
void Loop::on_acknowledge(const Packet& packet) {
    Acknowledge message;
    if (!decode(packet.bytes, packet.size, message)) {
        return;
    }
    for (Child* child = exits_.front();
         child != nullptr && child != next_exit_to_send_ && child->sequence <= message.sequence;
         child = exits_.front()) {
        exits_.pop();
        children_.remove(*child);
    }
    tidy_spool();
}

void Loop::on_stop(const Header& header, const Packet& packet) {
    Stop request;
    if (!decode(packet.bytes, packet.size, request)) {
        return refuse(header, ErrorCode::malformed, 0, "the stop request is cut short");
    }
    switch (request.mode) {
        case StopMode::kill:
            kill_all();
            leave_when_empty_ = true;
            return answer(header, DoneAnswer{});
        case StopMode::when_empty:
            leave_when_empty_ = true;
            return answer(header, DoneAnswer{});
        case StopMode::detach:
            answer(header, DoneAnswer{});
            return drop_daemon();
    }
    refuse(header, ErrorCode::malformed, 0, "no such way to stop");
}

// Emptied when nothing in it matters; when it has grown, reduced to what does. Not while a child is
// on its way to execve: its run record goes to the file that was open when it was cloned.
void Loop::tidy_spool() {
    if (alive_ == 0 && exits_.front() == nullptr) {
        return spool_.clear();
    }
    if (!spool_.has_grown()) {
        return;
    }
    bool starting = false;
    children_.for_each([&](const Child& child) {
        starting = starting || child.phase == Child::Phase::starting;
    });
    if (starting) {
        return;
    }
    spool_.begin_rewrite();
    children_.for_each([&](const Child& child) {
        if (child.phase == Child::Phase::running && !child.is_run) {
            spool_.append(record_of(child, RecordKind::run));
        }
    });
    for (const Child* child = exits_.front(); child != nullptr; child = child->next_exit) {
        spool_.append(record_of(*child, RecordKind::exit));
    }
    spool_.finish_rewrite();
    starter_.around().spool = spool_.fd();
}

}  // namespace pueue::keeper
