#include "tests/sim/world.hpp"

#include "tests/support/describe.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>
#include <variant>

namespace pueue::sim {

namespace {

constexpr std::chrono::nanoseconds one_second = std::chrono::seconds(1);

/// Whether a request tampers with a process in a way that the daemon does not keep track of.
const core::Kill* as_meddling(const core::Event& event) {
    const auto* request = std::get_if<core::ClientRequest>(&event);
    const auto* kill = request == nullptr ? nullptr : std::get_if<core::Kill>(&request->command);
    return kill != nullptr && kill->signal ? kill : nullptr;
}

}  // namespace

World::World(std::uint64_t seed, std::ostream* trace)
    : random_(seed),
      trace_(trace),
      disk_(std::make_unique<support::MemFileSystem>()),
      faulty_disk_(std::make_unique<support::FaultyFileSystem>(*disk_)),
      host_(random_, findings_),
      workload_(random_),
      oracle_(findings_),
      step_check_(host_, findings_) {
    policy_.pause_group_on_failure = random_.percent(15);
    policy_.pause_all_on_failure = random_.percent(10);
}

void World::run(std::uint64_t steps) {
    boot();
    while (step_ < steps && findings_.empty()) {
        ++step_;
        step();
    }
    if (findings_.empty()) {
        come_to_rest();
    }
}

void World::step() {
    if (random_.percent(12)) {
        host_.end_a_process();
    }
    if (random_.percent(8)) {
        pass_time();
    }
    if (random_.permille(2)) {
        lose_keeper();
    }
    if (daemon_ == nullptr) {
        if (random_.percent(30)) {
            boot();
        }
        return;
    }
    step_of_daemon(random_.below(1000));
    if (daemon_ != nullptr) {
        wake_if_due();
        end_if_asked();
    }
}

void World::step_of_daemon(std::uint64_t kind) {
    if (kind < 6) {
        end_daemon(Deaths::kill);
    } else if (kind < 9) {
        end_daemon(Deaths::power_cut);
    } else if (kind < 11) {
        arm_disk_failure();
    } else if (kind < 17) {
        break_connection();
    } else if (kind < 30) {
        vanish();
    } else if (kind < 230) {
        ask();
    } else if (kind < 500) {
        turn();
    } else if (kind < 600) {
        to_keeper();
    } else if (kind < 700) {
        from_keeper();
    } else if (kind < 780) {
        run_disk_jobs();
    } else if (kind < 860) {
        run_completion();
    } else if (kind < 960) {
        deliver_answer();
    } else if (kind < 980) {
        send_input();
    } else {
        connect();
    }
}

// What clients do.

void World::ask() {
    const SessionId session{next_session_++};
    core::Command command = workload_.next(daemon_->scheduler().state(), moment().wall);
    ++tally_.requests;
    oracle_.sent(session, command);
    say("client " + std::to_string(session.value) + " asks: " + describe(command));
    daemon_->post(core::ClientRequest{session, std::move(command)});
}

void World::vanish() {
    if (oracle_.open().empty()) {
        return;
    }
    const auto chosen = std::next(
        oracle_.open().begin(), static_cast<std::ptrdiff_t>(random_.below(oracle_.open().size()))
    );
    const SessionId session = chosen->first;
    oracle_.closed(session);
    daemon_->post(core::ClientGone{session});
}

void World::deliver_answer() {
    if (daemon_->answers.empty()) {
        return;
    }
    const Delivery delivery = std::move(daemon_->answers.front());
    daemon_->answers.pop_front();
    if (!oracle_.open().contains(delivery.session)) {
        return;  // nobody listens any more
    }
    say("client " + std::to_string(delivery.session.value) + " hears " + describe(delivery.answer));
    oracle_.answered(delivery.session, delivery.answer, delivery.shown.get());
}

// What the daemon does.

void World::turn() {
    if (!daemon_->has_events()) {
        return;
    }
    const bool goes_on = daemon_->turn(moment(), [this](auto&&... step) { observe(step...); });
    if (!goes_on) {
        say("the journal cannot be written");
        end_daemon(Deaths::kill);
    } else if (!daemon_->to_keeper.empty() && random_.percent(4) && is_eventful_) {
        // The moment with the most to lose: recorded, and on its way to the keeper.
        break_something();
    }
}

void World::break_something() {
    switch (random_.below(4)) {
        case 0:
            return end_daemon(Deaths::kill);
        case 1:
            return end_daemon(Deaths::power_cut);
        case 2:
            return lose_keeper();
        default:
            return break_connection();
    }
}

void World::observe(
    const core::Event& event, const Now& now, const State& before, const core::Decision& made
) {
    ++tally_.scheduler_steps;
    say("event: " + describe(event));
    for (const core::Record& record : made.records) {
        say("    " + describe(record));
    }
    for (const core::Action& action : made.actions) {
        say("      " + describe(action));
    }
    if (const core::Kill* kill = as_meddling(event)) {
        for (const auto& [id, task] : before.tasks) {
            if (has_process(task) && kill->signal->number != 9) {
                host_.meddle_with(task.key());
            }
        }
    }
    step_check_.step(event, now, before, made, daemon_->scheduler());
}

void World::run_disk_jobs() {
    for (std::uint64_t left = random_.below(8); left > 0 && daemon_->has_disk_job(); --left) {
        daemon_->run_disk_job();
    }
}

void World::run_completion() {
    if (daemon_->has_completion() && !daemon_->run_completion()) {
        say("the journal cannot be synced");
        end_daemon(Deaths::kill);
    }
}

void World::send_input() {
    if (daemon_->inputs.empty()) {
        return;
    }
    const core::SendInput input = std::move(daemon_->inputs.front());
    daemon_->inputs.pop_front();
    daemon_->post(core::InputSent{input.session, input.key.task, std::nullopt});
}

void World::wake_if_due() {
    const core::Scheduler& scheduler = daemon_->scheduler();
    const Now now = moment();
    const auto alarm = scheduler.next_alarm();
    const auto deadline = scheduler.next_deadline();
    const bool is_due = (alarm && *alarm <= now.wall) || (deadline && *deadline <= now.instant);
    if (is_due && !daemon_->has_events()) {
        daemon_->post(core::AlarmRang{});
    }
}

// Between the daemon and the keeper.

void World::to_keeper() {
    if (daemon_->to_keeper.empty()) {
        return;
    }
    const ToKeeper message = std::move(daemon_->to_keeper.front());
    daemon_->to_keeper.pop_front();
    if (!is_connected_) {
        return;  // lost
    }
    if (const auto* start = std::get_if<core::StartAttempt>(&message)) {
        const Task* task = daemon_->written_state().task(start->key.task);
        const bool is_recorded = task != nullptr && task->key() == start->key;
        findings_.expect(is_recorded, describe(start->key) + " is on record before it is started");
        ++tally_.executions;
        say("keeper starts " + describe(start->key));
        host_.start(start->key);
    } else if (const auto* signal = std::get_if<core::SignalTask>(&message)) {
        host_.signal(signal->key, signal->signal);
    } else if (const auto* acknowledge = std::get_if<core::AcknowledgeExit>(&message)) {
        for (const core::ChildExited& exit : host_.exits()) {
            const Task* task = daemon_->durable_state().task(exit.key.task);
            const bool is_open = task != nullptr && has_process(*task) && task->key() == exit.key;
            findings_.expect(
                exit.sequence > acknowledge->sequence || !is_open,
                describe(exit.key) + " is durably over before its exit is forgotten"
            );
        }
        host_.acknowledge(acknowledge->sequence);
    }
}

void World::from_keeper() {
    if (is_connected_ && !host_.messages.empty()) {
        daemon_->post(std::move(host_.messages.front()));
        host_.messages.pop_front();
    }
}

/// Of what was sent and not yet read, a first part may still arrive when a connection breaks.
void World::flush_some_to_keeper() {
    const std::uint64_t count = random_.below(daemon_->to_keeper.size() + 1);
    for (std::uint64_t i = 0; i < count; ++i) {
        to_keeper();
    }
    daemon_->to_keeper.clear();
}

void World::break_connection() {
    if (!is_connected_) {
        return;
    }
    say("the connection to the keeper breaks");
    flush_some_to_keeper();
    host_.messages.clear();
    is_connected_ = false;
    daemon_->post(core::KeeperLost{});
}

void World::connect() {
    // The loss has been taken in before a new connection is made: what was decided under the old
    // one does not leave over the new one.
    if (is_connected_ || daemon_->has_events()) {
        return;
    }
    say("the keeper is reached");
    daemon_->to_keeper.clear();
    host_.messages.clear();
    is_connected_ = true;
    core::KeeperReport report = host_.report();
    report.nothing_lost = std::exchange(has_reported_, true);
    daemon_->post(std::move(report));
}

void World::lose_keeper() {
    say("the keeper dies");
    ++tally_.keeper_losses;
    if (daemon_ != nullptr) {
        break_connection();
    }
    const bool is_seen = daemon_ != nullptr && has_reported_;
    host_.lose_keeper(is_seen ? Host::Seen::yes : Host::Seen::no);
}

// Time and disk.

void World::pass_time() {
    const std::uint64_t kind = random_.below(100);
    const std::chrono::nanoseconds passed = kind < 70
                                                ? one_second * random_.below(3)
                                                : one_second * random_.below(kind < 95 ? 15 : 120);
    since_boot_ += passed;
    wall_since_epoch_ += passed;
    if (random_.percent(4)) {
        const std::chrono::nanoseconds hours = one_second * 3600 * random_.below(4);
        wall_since_epoch_ += random_.percent(50) ? hours : -hours;
    }
}

Now World::moment() {
    // Time never stands still, so that records of different steps can be told apart.
    const std::chrono::nanoseconds moment(1000 + random_.below(1000));
    since_boot_ += moment;
    wall_since_epoch_ += moment;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wall_since_epoch_);
    const auto rest = static_cast<std::uint32_t>((wall_since_epoch_ - seconds).count());
    return {
        Instant{since_boot_},
        WallTime{describe_epoch.seconds + seconds.count(), rest},
        random_.bytes(),
    };
}

void World::arm_disk_failure() {
    faulty_disk_->fail(
        1 + random_.below(4),
        random_.percent(50) ? ENOSPC : EIO,
        support::FaultyFileSystem::Lasting::for_good
    );
    say("the disk is about to fail");
}

// Lives of the daemon.

void World::boot() {
    say("a daemon begins");
    const std::size_t found_before = findings_.all().size();
    daemon_ = Daemon::boot(*faulty_disk_, policy_, moment(), findings_);
    if (daemon_ == nullptr) {
        return;
    }
    const State& state = daemon_->scheduler().state();
    const bool is_acceptable =
        acceptable_.empty() ||
        std::find(acceptable_.begin(), acceptable_.end(), state) != acceptable_.end();
    findings_.expect(is_acceptable, "what is recovered is what the end of the daemon allows");
    oracle_.check(state);
    step_check_.begin_life();
    if (findings_.all().size() == found_before) {
        is_connected_ = false;
        has_reported_ = false;
        connect();
    }
}

void World::end_daemon(Deaths how) {
    const bool is_kill = how == Deaths::kill;
    say(is_kill ? "the daemon is killed" : "the power is cut");
    ++(is_kill ? tally_.kills : tally_.power_cuts);
    tally_.disk_failures += daemon_->has_failed() ? 1U : 0U;
    tally_.compactions += daemon_->compactions();
    if (is_kill && !daemon_->has_failed()) {
        acceptable_ = {daemon_->written_state()};
    } else {
        acceptable_ = daemon_->states_since_durable();
    }
    if (is_connected_) {
        flush_some_to_keeper();
    }
    is_connected_ = false;
    oracle_.all_closed();
    daemon_.reset();
    disk_ = is_kill ? disk_->after_kill() : disk_->after_power_cut(2 + random_.next() / 2);
    faulty_disk_ = std::make_unique<support::FaultyFileSystem>(*disk_);
    host_.lose_daemon();
    if (!is_kill) {
        host_.lose_power();
        oracle_.power_lost();
    }
}

void World::end_if_asked() {
    if (!daemon_->exit_code) {
        return;
    }
    say("the daemon exits with " + std::to_string(*daemon_->exit_code));
    while (!daemon_->answers.empty()) {
        deliver_answer();
    }
    end_daemon(Deaths::kill);
    if (host_.count() == 0 && random_.percent(70)) {
        host_.lose_keeper(Host::Seen::no);  // it is told to leave
    }
}

// The end of a run.

void World::come_to_rest() {
    constexpr int patience = 5000;
    is_eventful_ = false;
    int quiet = 0;
    for (int i = 0; i < patience && quiet < 2 && findings_.empty(); ++i) {
        ++step_;
        if (make_progress()) {
            quiet = 0;
            continue;
        }
        // What waits for a deadline gets it.
        ++quiet;
        since_boot_ += one_second * 11;
        wall_since_epoch_ += one_second * 300;
        wake_if_due();
    }
    findings_.expect(quiet == 2, "everything comes to rest");
    if (findings_.empty()) {
        check_rest();
    }
}

bool World::make_progress() {
    if (daemon_ == nullptr) {
        boot();
        return true;
    }
    if (daemon_->has_events()) {
        turn();
    } else if (!is_connected_) {
        connect();
    } else if (!daemon_->to_keeper.empty()) {
        to_keeper();
    } else if (!host_.messages.empty()) {
        from_keeper();
    } else if (!daemon_->inputs.empty()) {
        send_input();
    } else if (daemon_->has_disk_job()) {
        daemon_->run_disk_job();
    } else if (daemon_->has_completion()) {
        run_completion();
    } else if (!daemon_->answers.empty()) {
        deliver_answer();
    } else if (daemon_->exit_code) {
        end_if_asked();
    } else {
        check_kills();
        return host_.end_a_process();
    }
    return true;
}

// Requires: all that was said has been heard.
void World::check_kills() const {
    for (const AttemptKey& key : step_check_.killed()) {
        findings_.expect(
            !host_.runs(key) || host_.is_dying(key), describe(key) + " was killed and lives on"
        );
    }
}

void World::check_rest() {
    const State& state = daemon_->scheduler().state();
    oracle_.check(state);
    findings_.expect(!oracle_.owes_answers(), "every request is answered in the end");
    findings_.expect(host_.exits().empty(), "every exit is acknowledged in the end");
    std::size_t running = 0;
    for (const auto& [id, task] : state.tasks) {
        if (!has_process(task)) {
            continue;
        }
        ++running;
        findings_.expect(host_.runs(task.key()), describe(task) + " has a process");
        const std::optional<bool> is_stopped = host_.is_stopped(task.key());
        findings_.expect(
            !is_stopped || *is_stopped == task.status.is<Paused>(),
            describe(task) + " is stopped if it is Paused, and only then"
        );
    }
    findings_.expect(running == host_.count(), "there are no processes that the state has not");
}

void World::say(const std::string& what) {
    if (trace_ != nullptr) {
        *trace_ << step_ << ": " << what << '\n';
    }
}

}  // namespace pueue::sim
