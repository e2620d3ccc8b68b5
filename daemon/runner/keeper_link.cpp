#include "daemon/runner/keeper_link.hpp"

#include "daemon/runner/rust_error.hpp"
#include "daemon/runner/task_logs.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace pueue::runner {

namespace asio = boost::asio;

namespace {

constexpr const char* log_target = "pueue::daemon::keeper";
constexpr const char* callbacks_log_target = "pueue::daemon::callbacks";

/// A keeper that cannot be had is tried for again with growing pauses, about half a minute in all.
constexpr int reconnects_max = 9;
constexpr std::chrono::milliseconds first_pause{100};

/// Room for the fixed fields of a Start beside its spec.
constexpr std::size_t inline_spec_bytes_max = keeper::message_bytes_max - 256;

keeper::Key to_keeper(const AttemptKey& key) {
    keeper::Key converted{key.task.value, key.attempt.value, {}};
    std::copy(key.run.value.begin(), key.run.value.end(), converted.run.bytes);
    return converted;
}

AttemptKey from_keeper(const keeper::Key& key) {
    AttemptKey converted{TaskId{key.task}, AttemptNumber{key.attempt}, {}};
    std::copy(std::begin(key.run.bytes), std::end(key.run.bytes), converted.run.value.begin());
    return converted;
}

core::ChildExited from_keeper(const keeper::Exited& exited) {
    return {
        from_keeper(exited.key),
        exited.facts.code != CLD_EXITED,
        exited.facts.status,
        exited.sequence};
}

// The layout is described at keeper::SpecHeader.
Bytes spec_of(const Program& program) {
    const keeper::SpecHeader counts{
        static_cast<std::uint32_t>(program.programs.size()),
        static_cast<std::uint32_t>(program.arguments.size()),
        static_cast<std::uint32_t>(program.environment.size())};
    Bytes bytes(keeper::spec_header_bytes, '\0');
    keeper::Writer writer(bytes.data(), bytes.size());
    keeper::SpecHeader::fields(writer, counts);
    for (const auto* list : {&program.programs, &program.arguments, &program.environment}) {
        for (const std::string& text : *list) {
            bytes.append(text).push_back('\0');
        }
    }
    bytes.append(program.directory).push_back('\0');
    return bytes;
}

Result<UniqueFd> sealed_memfd(ByteView content) {
    UniqueFd file(::memfd_create("pueue-spec", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) {
        return os_error("memfd_create", errno);
    }
    CHECK_OK(write_all(file.get(), content));
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (::fcntl(file.get(), F_ADD_SEALS, seals) != 0) {
        return os_error("seal a memfd", errno);
    }
    return file;
}

}  // namespace

Inherited Inherited::of_process() {
    Inherited inherited;
    inherited.umask = ::umask(0);
    ::umask(inherited.umask);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        inherited.open_files = files.rlim_cur;
    }
    return inherited;
}

KeeperLink::KeeperLink(asio::io_context& loop, Options options, PostEvent post, Logger& logger)
    : loop_(loop),
      options_(std::move(options)),
      post_(std::move(post)),
      logger_(logger),
      packet_(std::make_unique<keeper::Packet>()),
      retry_(loop) {}

KeeperLink::~KeeperLink() = default;

Result<> KeeperLink::connect() {
    TRY(KeeperProcess keeper, find_or_start_keeper(options_.directory));
    connection_ = std::make_unique<asio::posix::stream_descriptor>(loop_);
    connection_->assign(keeper.connection.release());
    if (keeper.child_end) {
        reap_child(std::move(keeper));
    }
    greet();
    wait_for_packets();
    return {};
}

void KeeperLink::greet() {
    report_ = {};
    has_reported_ = false;
    keeper::Hello hello;
    hello.pid = ::getpid();
    say(hello);
    say(keeper::Inventory{});
}

void KeeperLink::start(Launch launch) {
    if (!launch.impossible.empty()) {
        fail_start(launch.key, launch.log_path, launch.impossible);
        return;
    }
    Result<UniqueFd> log = create_log(launch.log_path);
    if (log.has_error()) {
        fail_start(launch.key, launch.log_path, rust_debug_os_error(log.error().os_error));
        return;
    }
    keeper::Start start;
    start.key = to_keeper(launch.key);
    std::vector<UniqueFd> descriptors;
    descriptors.push_back(std::move(log).value());
    Bytes spec;
    if (const Result<> packed = pack(launch, spec, start, descriptors); packed.has_error()) {
        fail_start(launch.key, launch.log_path, rust_debug_os_error(packed.error().os_error));
        return;
    }
    say(start, std::move(descriptors));
}

template <class Message>
Result<> KeeperLink::pack(
    const Program& program, Bytes& spec, Message& message, std::vector<UniqueFd>& descriptors
) const {
    message.flags = program.scripts_by_shell ? keeper::Start::scripts_by_shell : 0;
    message.umask = options_.inherited.umask;
    message.open_files = options_.inherited.open_files;
    spec = spec_of(program);
    if (spec.size() > keeper::spec_bytes_max) {
        return os_error("pack a program", E2BIG);
    }
    if (spec.size() <= inline_spec_bytes_max) {
        message.spec = {spec.data(), spec.size()};
        return {};
    }
    TRY(UniqueFd memfd, sealed_memfd(spec));
    message.flags |= keeper::Start::spec_in_memfd;
    descriptors.push_back(std::move(memfd));
    return {};
}

void KeeperLink::run(Program program) {
    keeper::Run run;
    std::vector<UniqueFd> descriptors;
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        descriptors.emplace_back(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    }
    Bytes spec;
    if (const Result<> packed = pack(program, spec, run, descriptors); packed.has_error()) {
        on(keeper::RunEnded{keeper::Stage::prepare, packed.error().os_error});
        return;
    }
    say(run, std::move(descriptors));
}

void KeeperLink::signal(const AttemptKey& key, int number) {
    keeper::Signal signal;
    signal.key = to_keeper(key);
    signal.number = number;
    say(signal);
}

void KeeperLink::acknowledge(std::uint64_t sequence) {
    say(keeper::Acknowledge{sequence});
}

void KeeperLink::send_input(SessionId session, const AttemptKey& key, std::string input) {
    const auto sent = [this, session, task = key.task](std::optional<std::string> error) {
        post_(core::InputSent{session, task, std::move(error)});
    };
    if (const auto found = inputs_.find(key); found != inputs_.end()) {
        found->second->send(std::move(input), sent);
    } else {
        early_inputs_.emplace(key, EarlyInput{std::move(input), sent});
    }
}

// There will be no pipe to write to.
void KeeperLink::fail_early_inputs(const AttemptKey& key) {
    const auto [begin, end] = early_inputs_.equal_range(key);
    for (auto early = begin; early != end; ++early) {
        early->second.sent(rust_debug_os_error(EPIPE));
    }
    early_inputs_.erase(begin, end);
}

void KeeperLink::stop(StopKeeper how, std::function<void()> gone) {
    retry_.cancel();
    when_gone_ = std::move(gone);
    if (!connection_) {
        tell_gone();
        return;
    }
    keeper::Stop stop;
    stop.mode = how == StopKeeper::kill ? keeper::StopMode::kill : keeper::StopMode::when_empty;
    say(stop);
}

void KeeperLink::fail_start(
    const AttemptKey& key, const std::string& log_path, const std::string& error
) {
    const std::string reason =
        "Failed to spawn child " + std::to_string(key.task.value) + " with err: " + error;
    fail_early_inputs(key);
    write_spawn_failure(log_path, reason);
    post_(core::StartFailed{key, reason});
}

template <class Message>
void KeeperLink::say(const Message& message, std::vector<UniqueFd> descriptors) {
    if (!connection_) {
        return;  // the next report will show that this never arrived
    }
    Bytes packet(keeper::message_bytes_max, '\0');
    packet.resize(keeper::encode(message, 0, packet.data(), packet.size()));
    PUEUE_CHECK(!packet.empty());
    outgoing_.push_back({std::move(packet), std::move(descriptors)});
    write_packets();
}

void KeeperLink::write_packets() {
    while (!outgoing_.empty() && connection_ && !waits_for_room_) {
        const Outgoing& next = outgoing_.front();
        std::vector<int> numbers;
        for (const UniqueFd& descriptor : next.descriptors) {
            numbers.push_back(descriptor.get());
        }
        const keeper::Transfer sent = keeper::send(
            connection_->native_handle(),
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

void KeeperLink::wait_for_room() {
    waits_for_room_ = true;
    const auto on_room = [this](const boost::system::error_code& ec) {
        if (!ec) {
            waits_for_room_ = false;
            write_packets();
        }
    };
    connection_->async_wait(asio::posix::stream_descriptor::wait_write, on_room);
}

void KeeperLink::wait_for_packets() {
    const auto on_packet = [this](const boost::system::error_code& ec) {
        if (!ec) {
            read_packets();
        }
    };
    connection_->async_wait(asio::posix::stream_descriptor::wait_read, on_packet);
}

void KeeperLink::read_packets() {
    for (;;) {
        const keeper::Transfer received = keeper::receive(connection_->native_handle(), *packet_);
        if (received == keeper::Transfer::would_block) {
            wait_for_packets();
            return;
        }
        if (received == keeper::Transfer::closed) {
            lost("the connection ended");
            return;
        }
        handle_packet();
        packet_->close_descriptors();
        if (!connection_) {
            return;
        }
    }
}

void KeeperLink::handle_packet() {
    keeper::Header header;
    if (!keeper::decode_header(packet_->bytes, packet_->size, header)) {
        lost("it sent something that is no message");
        return;
    }
    const auto take = [this](auto message) {
        if (keeper::decode(packet_->bytes, packet_->size, message)) {
            on(message);
        } else {
            lost("it sent a message that is cut short");
        }
    };
    // Types that are not listed belong to a later version, or answer what nobody waits for.
    if (header.type == keeper::MessageType::welcome) {
        take(keeper::Welcome{});
    } else if (header.type == keeper::MessageType::entry) {
        take(keeper::Entry{});
    } else if (header.type == keeper::MessageType::inventory_end) {
        take(keeper::InventoryEnd{});
    } else if (header.type == keeper::MessageType::started) {
        take(keeper::Started{});
    } else if (header.type == keeper::MessageType::start_failed) {
        take(keeper::StartFailed{});
    } else if (header.type == keeper::MessageType::exited) {
        take(keeper::Exited{});
    } else if (header.type == keeper::MessageType::run_ended) {
        take(keeper::RunEnded{});
    } else if (header.type == keeper::MessageType::error) {
        take(keeper::ErrorAnswer{});
    }
}

void KeeperLink::on(const keeper::Welcome& welcome) {
    std::copy(
        std::begin(welcome.keeper.bytes),
        std::end(welcome.keeper.bytes),
        report_.keeper.value.begin()
    );
    if ((welcome.flags & keeper::Welcome::spool_incomplete) != 0) {
        logger_.warn(log_target, "The keeper could not write its spool: is the disk full?");
    }
}

void KeeperLink::on(const keeper::Entry& entry) {
    report_.alive.push_back(from_keeper(entry.key));
    take_input_end(from_keeper(entry.key));
}

void KeeperLink::on(const keeper::InventoryEnd& /*end*/) {
    has_reported_ = true;
    failures_ = 0;
    post_(std::exchange(report_, {}));
}

void KeeperLink::on(const keeper::Started& started) {
    take_input_end(from_keeper(started.key));
    post_(core::ChildStarted{from_keeper(started.key)});
}

void KeeperLink::on(const keeper::StartFailed& failed) {
    const AttemptKey key = from_keeper(failed.key);
    fail_start(key, log_path(options_.log_directory, key.task), rust_debug_os_error(failed.error));
}

void KeeperLink::on(const keeper::Exited& exited) {
    const core::ChildExited event = from_keeper(exited);
    inputs_.erase(event.key);
    fail_early_inputs(event.key);
    if (has_reported_) {
        post_(event);
    } else {
        report_.exits.push_back(event);
    }
}

void KeeperLink::on(const keeper::RunEnded& ended) {
    if (ended.error != 0) {
        logger_.error(
            callbacks_log_target,
            "Failed to spawn callback with error: " + describe_os_error(ended.error)
        );
        return;
    }
    // As wait(2) packs it.
    const bool is_exit = ended.code == CLD_EXITED;
    logger_.info(
        callbacks_log_target,
        "Callback finished with exit code Some(ExitStatus(unix_wait_status(" +
            std::to_string(is_exit ? ended.status << 8 : ended.status) + ")))"
    );
}

void KeeperLink::on(const keeper::ErrorAnswer& error) {
    if (error.code == keeper::ErrorCode::no_such_task) {
        return;  // a signal that came after the end: the exit is on its way or has been told
    }
    logger_.error(log_target, "The keeper says: " + std::string(error.text.data, error.text.size));
}

// Both Started and Entry bring a pidfd and the write end of standard input, if there is a process.
void KeeperLink::take_input_end(const AttemptKey& key) {
    UniqueFd pidfd(packet_->take_descriptor(0));
    UniqueFd write_end(packet_->take_descriptor(1));
    if (write_end) {
        inputs_.insert_or_assign(key, std::make_unique<InputPipe>(loop_, std::move(write_end)));
        const auto [begin, end] = early_inputs_.equal_range(key);
        for (auto early = begin; early != end; ++early) {
            inputs_.at(key)->send(std::move(early->second.input), early->second.sent);
        }
        early_inputs_.erase(begin, end);
    }
}

void KeeperLink::lost(const std::string& why) {
    connection_.reset();
    outgoing_.clear();
    waits_for_room_ = false;
    inputs_.clear();
    while (!early_inputs_.empty()) {
        fail_early_inputs(AttemptKey(early_inputs_.begin()->first));
    }
    if (when_gone_) {
        tell_gone();
        return;
    }
    logger_.error(log_target, "Lost the keeper: " + why);
    post_(core::KeeperLost{});
    reconnect();
}

void KeeperLink::reap_child(KeeperProcess keeper) {
    ++children_;
    const auto end = std::make_shared<asio::posix::stream_descriptor>(loop_);
    end->assign(keeper.child_end.release());
    const auto on_end = [this, end, pid = keeper.child](const boost::system::error_code& ec) {
        if (!ec) {
            ::waitpid(pid, nullptr, WNOHANG);
            --children_;
            tell_gone();
        }
    };
    end->async_wait(asio::posix::stream_descriptor::wait_read, on_end);
}

void KeeperLink::tell_gone() {
    if (when_gone_ && !connection_ && children_ == 0) {
        asio::post(loop_, std::exchange(when_gone_, nullptr));
    }
}

void KeeperLink::reconnect() {
    if (failures_ >= reconnects_max) {
        logger_.error(log_target, "No keeper can be had. Tasks do not start until a restart.");
        return;
    }
    retry_.expires_after(first_pause * (1 << failures_));
    ++failures_;
    retry_.async_wait([this](const boost::system::error_code& ec) {
        if (ec) {
            return;
        }
        if (const Result<> connected = connect(); connected.has_error()) {
            logger_.error(log_target, connected.error().text);
            reconnect();
        }
    });
}

}  // namespace pueue::runner
