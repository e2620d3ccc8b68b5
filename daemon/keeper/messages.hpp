// What daemon and keeper say to each other, as bytes. The tables of who sends what: docs/keeper.md.
//
// One message is one SOCK_SEQPACKET packet: a header of 24 bytes, then fixed fields in order,
// little endian, then texts as u32 length and bytes. Each message is a struct with one list of
// fields that serves both directions, so the two cannot drift apart. Fields are only ever appended;
// a receiver ignores bytes behind the ones it knows. Decoding is total: any bytes give a message or
// false.
//
// Both programs include this, and the keeper uses libc alone: nothing here allocates or throws, and
// decoded texts are views into the packet.
#pragma once

#include "daemon/keeper/fields.hpp"

#include <cstddef>
#include <cstdint>

namespace pueue::keeper {

/// argv[1] of a pueued that is to be a keeper; argv[2] is how many idle seconds end it.
inline constexpr const char* mode_argument = "--keeper-mode";
inline constexpr const char* process_name = "pueue-keeper";

// What a keeper finds open when it begins.
inline constexpr int directory_fd = 3;         ///< <pueue_directory>/keeper
inline constexpr int first_connection_fd = 4;  ///< to the daemon that started it

// The files of that directory.
inline constexpr const char* control_name = "control";
inline constexpr const char* info_name = "info";
inline constexpr const char* spool_name = "spool";

inline constexpr std::uint32_t message_magic = 0x52504b50;  // "PKPR"
inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t header_bytes = 24;
inline constexpr std::size_t message_bytes_max = std::size_t{60} * 1024;
inline constexpr std::size_t spec_bytes_max = std::size_t{64} * 1024 * 1024;
inline constexpr int descriptors_max = 8;

enum class MessageType : std::uint16_t {
    // daemon to keeper
    hello = 1,
    inventory = 2,
    start = 3,
    signal = 4,
    acknowledge = 5,
    stop = 6,
    ping = 7,
    run = 8,
    // keeper to daemon
    welcome = 65,
    entry = 66,
    inventory_end = 67,
    started = 68,
    start_failed = 69,
    exited = 70,
    done = 71,
    pong = 72,
    error = 73,
    run_ended = 74,
};

/// The step of a start that failed. Numbers are part of the protocol.
enum class Stage : std::uint32_t {
    prepare = 1,      ///< pipes, memory, the clone itself
    group = 2,        ///< setsid
    descriptors = 3,  ///< standard input, output, error
    limits = 4,
    directory = 5,  ///< chdir
    execute = 6,    ///< no candidate could be executed
};

enum class ErrorCode : std::uint32_t {
    unsupported = 1,   ///< a message type or version this keeper does not know
    malformed = 2,     ///< the body is not what its type promises
    no_such_task = 3,  ///< the key is unknown, or its process has ended
    failed = 4,        ///< the system refused; the text says what
};

enum class StopMode : std::uint32_t {
    kill = 1,        ///< SIGKILL to every group, then as when_empty
    when_empty = 2,  ///< leave when the last child has ended
    detach = 3,      ///< only the daemon leaves
};

enum class SignalTarget : std::uint32_t { group = 1, leader = 2 };

struct Header {
    std::uint32_t magic = message_magic;
    std::uint16_t version = protocol_version;
    MessageType type = MessageType::hello;
    std::uint32_t length = 0;  ///< of the whole message
    std::uint32_t flags = 0;   ///< none is defined yet
    std::uint64_t request =
        0;  ///< chosen by the asker, repeated by the answer; 0: no answer to match

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.magic, self.version, self.type, self.length, self.flags, self.request);
    }
};

struct Hello {
    static constexpr MessageType type = MessageType::hello;
    std::uint16_t oldest_version = protocol_version;
    std::uint16_t newest_version = protocol_version;
    std::int32_t pid = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.oldest_version, self.newest_version, self.pid);
    }
};

struct Inventory {
    static constexpr MessageType type = MessageType::inventory;

    template <class Io, class Self>
    static void fields(Io&, Self&) {}
};

/// Descriptors: the log; with `spec_in_memfd` the sealed memfd too, and `spec` is empty.
struct Start {
    static constexpr MessageType type = MessageType::start;
    static constexpr std::uint32_t spec_in_memfd = 1;
    /// A candidate that is no executable format is a script for /bin/sh (it was found by PATH).
    static constexpr std::uint32_t scripts_by_shell = 2;
    static constexpr std::int32_t inherit_oom_score = INT32_MIN;

    Key key;
    std::uint32_t flags = 0;
    std::uint32_t umask = 022;
    std::uint64_t open_files = 0;  ///< soft RLIMIT_NOFILE of the task; 0: the keeper's own at start
    std::int32_t oom_score_adj = inherit_oom_score;
    Slice spec;  ///< see SpecHeader

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.key, self.flags, self.umask, self.open_files, self.oom_score_adj, self.spec);
    }
};

/// Begins a spec. Then follow, each ended by a NUL: the programs to try in turn, argv, the
/// environment, the working directory. Nothing else.
struct SpecHeader {
    std::uint32_t programs = 0;
    std::uint32_t arguments = 0;
    std::uint32_t variables = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.programs, self.arguments, self.variables);
    }
};
inline constexpr std::size_t spec_header_bytes = 12;

/// A command that is no task: in the keeper's process group, not on file, not killed by a stop, and
/// when it has ended the daemon of that moment is told so once. Descriptors: standard input, output
/// and error; with `Start::spec_in_memfd` the memfd too.
struct Run {
    static constexpr MessageType type = MessageType::run;
    std::uint32_t flags = 0;  ///< those of Start
    std::uint32_t umask = 022;
    std::uint64_t open_files = 0;
    Slice spec;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.flags, self.umask, self.open_files, self.spec);
    }
};

struct Signal {
    static constexpr MessageType type = MessageType::signal;
    Key key;
    std::int32_t number = 0;
    SignalTarget target = SignalTarget::group;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.key, self.number, self.target);
    }
};

/// Every exit up to this number is durable in the journal.
struct Acknowledge {
    static constexpr MessageType type = MessageType::acknowledge;
    std::uint64_t sequence = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.sequence);
    }
};

struct Stop {
    static constexpr MessageType type = MessageType::stop;
    StopMode mode = StopMode::detach;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.mode);
    }
};

struct Ping {
    static constexpr MessageType type = MessageType::ping;

    template <class Io, class Self>
    static void fields(Io&, Self&) {}
};

struct Welcome {
    static constexpr MessageType type = MessageType::welcome;
    /// A spool write failed: exits are in the keeper's memory only.
    static constexpr std::uint32_t spool_incomplete = 1;

    std::uint16_t version = protocol_version;
    std::int32_t pid = 0;
    std::uint64_t start_ticks = 0;
    Id16 boot;
    Id16 keeper;
    Id16 build;
    std::uint32_t alive = 0;
    std::uint32_t unacknowledged = 0;
    std::uint32_t flags = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.version, self.pid, self.start_ticks, self.boot, self.keeper, self.build);
        io(self.alive, self.unacknowledged, self.flags);
    }
};

/// One live child. Descriptors: pidfd, write end of its standard input.
struct Entry {
    static constexpr MessageType type = MessageType::entry;
    /// Not known yet to have executed anything: Started or StartFailed follows.
    static constexpr std::uint32_t starting = 1;

    Key key;
    std::int32_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< 0 while starting
    std::uint32_t flags = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.key, self.pid, self.start_ticks, self.flags);
    }
};

struct InventoryEnd {
    static constexpr MessageType type = MessageType::inventory_end;

    template <class Io, class Self>
    static void fields(Io&, Self&) {}
};

/// The child has executed its program, or died in the attempt (Exited follows then). Descriptors:
/// pidfd, write end of its standard input; none if it was reaped already.
struct Started {
    static constexpr MessageType type = MessageType::started;
    Key key;
    std::int32_t pid = 0;
    std::uint64_t start_ticks = 0;
    std::int64_t wall_ns = 0;
    std::int64_t boot_ns = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.key, self.pid, self.start_ticks, self.wall_ns, self.boot_ns);
    }
};

struct StartFailed {
    static constexpr MessageType type = MessageType::start_failed;
    Key key;
    Stage stage = Stage::prepare;
    std::int32_t error = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.key, self.stage, self.error);
    }
};

/// How a process ended and what it had used. Also what the spool keeps.
struct ExitFacts {
    std::int32_t code = 0;    ///< CLD_EXITED, CLD_KILLED or CLD_DUMPED
    std::int32_t status = 0;  ///< the exit code, or the signal's number
    std::uint64_t user_us = 0;
    std::uint64_t system_us = 0;
    std::uint64_t max_rss_kib = 0;
    std::int64_t wall_ns = 0;
    std::int64_t boot_ns = 0;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.code, self.status, self.user_us, self.system_us, self.max_rss_kib);
        io(self.wall_ns, self.boot_ns);
    }
};

/// Unasked, from a connection's first Inventory on, which repeats those that are not acknowledged.
/// Numbers ascend without gaps, and a later keeper's are above those of an earlier one of the same
/// boot.
struct Exited {
    static constexpr MessageType type = MessageType::exited;
    std::uint64_t sequence = 0;
    Key key;
    std::int32_t pid = 0;
    ExitFacts facts;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.sequence, self.key, self.pid);
        ExitFacts::fields(io, self.facts);
    }
};

/// What became of a Run. `error` other than 0: it never executed anything.
struct RunEnded {
    static constexpr MessageType type = MessageType::run_ended;
    Stage stage = Stage::prepare;
    std::int32_t error = 0;
    std::int32_t code = 0;    ///< as in ExitFacts
    std::int32_t status = 0;  ///< as in ExitFacts

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.stage, self.error, self.code, self.status);
    }
};

struct DoneAnswer {
    static constexpr MessageType type = MessageType::done;

    template <class Io, class Self>
    static void fields(Io&, Self&) {}
};

struct Pong {
    static constexpr MessageType type = MessageType::pong;

    template <class Io, class Self>
    static void fields(Io&, Self&) {}
};

struct ErrorAnswer {
    static constexpr MessageType type = MessageType::error;
    ErrorCode code = ErrorCode::failed;
    std::int32_t error = 0;  ///< errno, if a system call failed
    Slice text;

    template <class Io, class Self>
    static void fields(Io& io, Self& self) {
        io(self.code, self.error, self.text);
    }
};

/// The whole message into `to`; 0 if it does not fit.
template <class Message>
[[nodiscard]] std::size_t encode(
    const Message& message, std::uint64_t request, char* to, std::size_t capacity
) {
    if (capacity < header_bytes) {
        return 0;
    }
    Writer body(to + header_bytes, capacity - header_bytes);
    Message::fields(body, message);
    if (!body.ok()) {
        return 0;
    }
    Header header;
    header.type = Message::type;
    header.length = static_cast<std::uint32_t>(header_bytes + body.size());
    header.request = request;
    Writer head(to, header_bytes);
    Header::fields(head, header);
    return header.length;
}

/// False: not a message of ours. The version is not looked at; a greeting settles that.
[[nodiscard]] inline bool decode_header(const char* packet, std::size_t size, Header& header) {
    Header read;
    Reader reader(packet, size);
    Header::fields(reader, read);
    if (!reader.ok() || read.magic != message_magic || read.length != size) {
        return false;
    }
    header = read;
    return true;
}

/// Requires: decode_header accepted the packet and its type is Message::type. Views stay valid as
/// long as the packet.
template <class Message>
[[nodiscard]] bool decode(const char* packet, std::size_t size, Message& message) {
    Message read;
    Reader reader(packet + header_bytes, size - header_bytes);
    Message::fields(reader, read);
    if (reader.ok()) {
        message = read;
    }
    return reader.ok();
}

}  // namespace pueue::keeper
