#include "daemon/runner/keeper_link.hpp"

#include "daemon/keeper/home.hpp"
#include "daemon/runner/keeper_key.hpp"
#include "daemon/runner/left_behind.hpp"
#include "daemon/runner/rust_error.hpp"
#include "daemon/runner/task_logs.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <set>
#include <utility>
#include <vector>

namespace pueue::runner {

namespace asio = boost::asio;

namespace {

constexpr const char* log_target = "pueue::daemon::keeper";
constexpr const char* callbacks_log_target = "pueue::daemon::callbacks";

/// A keeper that cannot be had is tried for again with growing pauses, about half a minute in all.
constexpr int reconnects_max = 9;
constexpr std::chrono::milliseconds first_pause{100};

core::ChildExited event_of(const keeper::Exited& exited) {
    return {
        from_keeper(exited.key),
        exited.facts.code != CLD_EXITED,
        exited.facts.status,
        exited.sequence};
}

}  // namespace

KeeperLink::KeeperLink(asio::io_context& loop, Options options, PostEvent post, Logger& logger)
    : loop_(loop),
      options_(std::move(options)),
      post_(std::move(post)),
      logger_(logger),
      child_ended_(loop, SIGCHLD),
      retry_(loop),
      orphans_(
          loop,
          options_.directory,
          [this](const core::ChildExited& exited) {
              forget_process(exited.key);
              post_(exited);
          },
          logger
      ) {
    wait_for_children();
}

KeeperLink::~KeeperLink() = default;

Result<> KeeperLink::connect() {
    TRY(std::optional<KeeperProcess> found, find_keeper(options_.directory));
    if (!found && keeper_) {
        return Error{ErrorKind::io, 0, "the keeper lives, but its files are gone"};
    }
    if (!found) {
        CHECK_OK(set_spool_aside(options_.directory));
    }
    if (std::exchange(orphans_due_, false)) {
        orphans_.take_over(std::exchange(processes_, {}));
        reap_children();
    } else if (!keeper_) {
        orphans_.find();
    }
    if (!found) {
        TRY(found, start_keeper(options_.directory));
    }
    watch_keeper(std::move(found->pidfd));
    greet(std::move(*found));
    return {};
}

void KeeperLink::watch_keeper(UniqueFd pidfd) {
    keeper_ = std::make_unique<asio::posix::stream_descriptor>(loop_, pidfd.release());
    const auto on_end = [this, watched = keeper_.get()](const boost::system::error_code& ec) {
        if (!ec && keeper_.get() == watched) {
            keeper_died();
        }
    };
    keeper_->async_wait(asio::posix::stream_descriptor::wait_read, on_end);
}

void KeeperLink::greet(KeeperProcess keeper) {
    report_ = {};
    has_reported_ = false;
    PacketChannel::Owner owner;
    owner.packet = [this](const keeper::Header& header, keeper::Packet& packet) {
        take_packet(header, packet);
    };
    owner.closed = [this](const std::string& why) { lost(why); };
    channel_ =
        std::make_unique<PacketChannel>(loop_, std::move(keeper.connection), std::move(owner));
    keeper::Hello hello;
    hello.pid = ::getpid();
    channel_->say(hello);
    if (keeper.child > 0 && options_.place) {
        options_.place(keeper.child, [this, placed = channel_.get()] {
            if (channel_.get() == placed) {
                ask_for_inventory();
            }
        });
    } else {
        ask_for_inventory();
    }
}

void KeeperLink::ask_for_inventory() {
    channel_->say(keeper::Inventory{});
}

void KeeperLink::start(Launch launch) {
    if (!launch.impossible.empty()) {
        return fail_start(launch.key, launch.log_path, launch.impossible);
    }
    if (!channel_) {
        return;  // the next report will show that it has not run
    }
    Result<UniqueFd> log = create_log(launch.log_path);
    Result<PackedProgram> packed =
        log.has_error() ? Result<PackedProgram>(log.error()) : pack(launch);
    if (packed.has_error()) {
        const std::string error = rust_debug_os_error(packed.error().os_error);
        return fail_start(launch.key, launch.log_path, error);
    }
    keeper::Start start;
    start.key = to_keeper(launch.key);
    std::vector<UniqueFd> descriptors;
    descriptors.push_back(std::move(log).value());
    say_program(start, launch, packed.value(), std::move(descriptors));
}

void KeeperLink::run(Program program) {
    Result<PackedProgram> packed = pack(program);
    if (packed.has_error()) {
        on(keeper::RunEnded{keeper::Stage::prepare, packed.error().os_error});
        return;
    }
    if (!channel_) {
        return;  // as one whose daemon ends at this moment
    }
    std::vector<UniqueFd> descriptors;
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        descriptors.emplace_back(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    }
    say_program(keeper::Run{}, program, packed.value(), std::move(descriptors));
}

template <class Message>
void KeeperLink::say_program(
    Message message,
    const Program& program,
    PackedProgram& packed,
    std::vector<UniqueFd> descriptors
) {
    message.flags = program.scripts_by_shell ? keeper::Start::scripts_by_shell : 0;
    message.umask = options_.inherited.umask;
    message.open_files = options_.inherited.open_files;
    packed.put_into(message);
    if (packed.memfd) {
        descriptors.push_back(std::move(packed.memfd));
    }
    channel_->say(message, std::move(descriptors));
}

void KeeperLink::signal(const AttemptKey& key, int number) {
    if (orphans_.contains(key)) {
        orphans_.signal(key, number);
    } else if (channel_) {  // else it is sent again after the next report
        keeper::Signal signal;
        signal.key = to_keeper(key);
        signal.number = number;
        channel_->say(signal);
    }
}

void KeeperLink::acknowledge(std::uint64_t sequence) {
    if (Orphans::is_ours(sequence)) {
        orphans_.acknowledge(sequence);
    } else if (channel_) {
        channel_->say(keeper::Acknowledge{sequence});
    }
}

void KeeperLink::send_input(SessionId session, const AttemptKey& key, std::string input) {
    const auto sent = [this, session, task = key.task](std::optional<std::string> error) {
        post_(core::InputSent{session, task, std::move(error)});
    };
    if (const auto found = inputs_.find(key); found != inputs_.end()) {
        found->second->send(std::move(input), sent);
    } else if (orphans_.contains(key)) {
        sent(rust_debug_os_error(EPIPE));
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

void KeeperLink::fail_early_inputs() {
    while (!early_inputs_.empty()) {
        fail_early_inputs(AttemptKey(early_inputs_.begin()->first));
    }
}

void KeeperLink::stop(StopKeeper how, std::function<void()> gone) {
    retry_.cancel();
    when_gone_ = std::move(gone);
    if (!channel_) {
        tell_gone();
        return;
    }
    keeper::Stop stop;
    stop.mode = how == StopKeeper::kill ? keeper::StopMode::kill : keeper::StopMode::when_empty;
    channel_->say(stop);
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

void KeeperLink::take_packet(const keeper::Header& header, keeper::Packet& packet) {
    const auto take = [&](auto message) {
        if (!keeper::decode(packet.bytes, packet.size, message)) {
            lost("it sent a message that is cut short");
        } else if constexpr (requires { on(message, packet); }) {
            on(message, packet);
        } else {
            on(message);
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

void KeeperLink::refuse(const std::string& why) {
    channel_.reset();
    options_.refused(why);
}

void KeeperLink::on(const keeper::Welcome& welcome) {
    if (welcome.version != keeper::protocol_version) {
        return refuse(
            "the keeper of this directory (process " + std::to_string(welcome.pid) +
            ") speaks version " + std::to_string(welcome.version) + " of the protocol, not " +
            std::to_string(keeper::protocol_version)
        );
    }
    is_old_ = !(welcome.build == keeper::identify_myself().build);
    std::copy(
        std::begin(welcome.keeper.bytes),
        std::end(welcome.keeper.bytes),
        report_.keeper.value.begin()
    );
    if ((welcome.flags & keeper::Welcome::spool_incomplete) != 0) {
        logger_.warn(log_target, "The keeper could not write its spool: is the disk full?");
    }
}

void KeeperLink::on(const keeper::Entry& entry, keeper::Packet& packet) {
    report_.alive.push_back(from_keeper(entry.key));
    // A child on its way to execve dies with its keeper; it is none to be taken over.
    if ((entry.flags & keeper::Entry::starting) == 0) {
        take_process(from_keeper(entry.key), entry.pid, packet);
    }
}

void KeeperLink::on(const keeper::InventoryEnd& /*end*/) {
    has_reported_ = true;
    failures_ = 0;
    for (AttemptKey& key : orphans_.keys()) {
        report_.alive.push_back(key);
    }
    report_.nothing_lost = std::exchange(is_successor_, false);
    const std::set<AttemptKey> alive(report_.alive.begin(), report_.alive.end());
    std::erase_if(inputs_, [&](const auto& input) { return !alive.contains(input.first); });
    post_(std::exchange(report_, {}));
    if (is_old_) {
        ask_old_one_to_leave();
    }
}

// What it has goes on. When it has nothing any more it goes, and its successor is of this build. A
// start that comes too late for it is one that it never got.
void KeeperLink::ask_old_one_to_leave() {
    logger_.info(log_target, "The keeper is of another build. It is replaced when it is empty.");
    keeper::Stop stop;
    stop.mode = keeper::StopMode::when_empty;
    channel_->say(stop);
}

void KeeperLink::on(const keeper::Started& started, keeper::Packet& packet) {
    take_process(from_keeper(started.key), started.pid, packet);
    post_(core::ChildStarted{from_keeper(started.key)});
}

void KeeperLink::on(const keeper::StartFailed& failed) {
    const AttemptKey key = from_keeper(failed.key);
    fail_start(key, log_path(options_.log_directory, key.task), rust_debug_os_error(failed.error));
}

void KeeperLink::on(const keeper::Exited& exited) {
    const core::ChildExited event = event_of(exited);
    forget_process(event.key);
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
    const std::string text(error.text.data, error.text.size);
    if (!has_reported_ && error.code == keeper::ErrorCode::unsupported) {
        return refuse("the keeper of this directory does not talk to this daemon: " + text);
    }
    logger_.error(log_target, "The keeper says: " + text);
}

// Both Started and Entry bring a pidfd and the write end of standard input, if there is a process.
void KeeperLink::take_process(const AttemptKey& key, pid_t pid, keeper::Packet& packet) {
    UniqueFd pidfd(packet.take_descriptor(0));
    UniqueFd write_end(packet.take_descriptor(1));
    if (!pidfd || !write_end) {
        return;
    }
    processes_.insert_or_assign(key, TaskProcess{pid, std::move(pidfd)});
    inputs_.insert_or_assign(key, std::make_unique<InputPipe>(loop_, std::move(write_end)));
    const auto [begin, end] = early_inputs_.equal_range(key);
    for (auto early = begin; early != end; ++early) {
        inputs_.at(key)->send(std::move(early->second.input), early->second.sent);
    }
    early_inputs_.erase(begin, end);
}

void KeeperLink::forget_process(const AttemptKey& key) {
    processes_.erase(key);
    inputs_.erase(key);
    fail_early_inputs(key);
}

void KeeperLink::lost(const std::string& why) {
    channel_.reset();
    fail_early_inputs();
    if (when_gone_) {
        tell_gone();
        return;
    }
    if (is_old_) {
        logger_.info(log_target, "The keeper of another build has left.");
    } else {
        logger_.error(log_target, "Lost the keeper: " + why);
    }
    post_(core::KeeperLost{});
    retry_later();  // unless it is dead, which keeper_died() will know sooner
}

// Whatever it still said is taken first: it brings the ends of pipes that nobody else has. From
// here on every process that it has ever let run anything is in its spool (keeper/child.hpp).
void KeeperLink::keeper_died() {
    if (channel_) {
        channel_->read();
    }
    if (channel_) {
        lost("it died");
    }
    keeper_.reset();
    if (when_gone_) {
        tell_gone();
        return;
    }
    orphans_due_ = true;
    if (std::exchange(has_reported_, false)) {
        is_successor_ = true;
        retry_.cancel();
        connect_again();
    }  // else it may be no better with the next one, and lost() has set the time for that
}

void KeeperLink::wait_for_children() {
    child_ended_.async_wait([this](const boost::system::error_code& ec, int /*number*/) {
        if (!ec) {
            reap_children();
            wait_for_children();
        }
    });
}

// Each is looked at before it is reaped: its status can be had once. A child that is neither a
// keeper nor an orphan lost its parent with a keeper. If that one's death was not dealt with yet,
// it may be the task whose status is wanted most, so that comes first.
void KeeperLink::reap_children() {
    siginfo_t info{};
    while (!orphans_due_ && ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0) {
        if (keeper_ && has_ended(keeper_->native_handle(), 0)) {
            keeper_died();
            return;  // whoever takes the orphans over reaps, too
        }
        if (!orphans_.reap(info.si_pid)) {
            ::waitpid(info.si_pid, nullptr, WNOHANG);
        }
        info = {};
    }
}

void KeeperLink::tell_gone() {
    if (when_gone_ && !channel_ && !keeper_) {
        asio::post(loop_, std::exchange(when_gone_, nullptr));
    }
}

void KeeperLink::connect_again() {
    if (const Result<> connected = connect(); connected.has_error()) {
        logger_.error(log_target, connected.error().text);
        retry_later();
    }
}

void KeeperLink::retry_later() {
    if (failures_ >= reconnects_max) {
        logger_.error(log_target, "No keeper can be had. Tasks do not start until a restart.");
        return;
    }
    retry_.expires_after(first_pause * (1 << failures_));
    ++failures_;
    retry_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec && !channel_) {
            connect_again();
        }
    });
}

}  // namespace pueue::runner
