#include "tests/fuzz/session_world.hpp"

#include "daemon/core/apply.hpp"
#include "daemon/core/invariants.hpp"
#include "daemon/server/time_text.hpp"
#include "protocol/base/result.hpp"
#include "protocol/config/aliases.hpp"
#include "protocol/wire/codec.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>
#include <variant>

namespace pueue::fuzz {

namespace {

constexpr std::int64_t begin_of_time = 1'800'000'000;

Bytes encode(const core::SuccessReply& reply, const State& /*state*/) {
    return wire::encode_response(wire::SuccessResponse{reply.text});
}
Bytes encode(const core::FailureReply& reply, const State& /*state*/) {
    return wire::encode_response(wire::FailureResponse{reply.text});
}
Bytes encode(const core::AddedTaskReply& reply, const State& /*state*/) {
    return wire::encode_response(wire::AddedTaskResponse{
        reply.id, reply.enqueue_at, reply.group_is_paused});
}
Bytes encode(const core::StatusReply& /*reply*/, const State& state) {
    return wire::encode_status_response(state);
}
Bytes encode(const core::GroupsReply& /*reply*/, const State& state) {
    return wire::encode_group_response(state.groups);
}
Bytes encode(const core::LogReply& reply, const State& state) {
    std::vector<wire::TaskLogView> views;
    for (const TaskId id : reply.ids) {
        views.push_back({*state.task(id), true, std::nullopt});
    }
    return wire::encode_log_response(views);
}
Bytes encode(const core::EditReply& reply, const State& state) {
    wire::EditResponse response;
    for (const TaskId id : reply.ids) {
        const TaskSpec& spec = *state.task(id)->spec;
        response.tasks.push_back({id, spec.original_command, spec.path, spec.label, spec.priority});
    }
    return wire::encode_response(response);
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
    connections += other.connections;
    hung_up_on += other.hung_up_on;
    answers += other.answers;
    refusals += other.refusals;
    starts += other.starts;
    steps += other.steps;
    return *this;
}

SessionWorld::SessionWorld(core::Policy policy) : policy_(policy) {
    lookups_.expand_alias = [](const std::string& command) {
        static const config::Aliases aliases = {{"ls", "ls -la"}, {"", "nothing"}};
        return config::expand_alias(command, aliases);
    };
    lookups_.time_text = [this](const WallTime& time) {
        return server::time_text(time, now().wall, config::ClientSettings{});
    };
    State state;
    state.groups.emplace(default_group, Group{});
    boot(std::move(state));
}

// A daemon begins; its keeper has what attempts_ says.
void SessionWorld::boot(State state) {
    folded_ = state;
    scheduler_.emplace(std::move(state), policy_);
    inbox_.clear();
    fsm_.reset();
    has_ended_ = is_waiting_ = is_following_ = false;
    core::KeeperReport report;
    report.keeper.value[0] = ++keepers_;
    report.alive = attempts_;
    inbox_.emplace_back(std::move(report));
    settle();
}

Now SessionWorld::now() {
    // The longest delays that a test asks for must not reach beyond what a date can say.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot_);
    Now now{Instant{since_boot_}, WallTime{begin_of_time + seconds.count(), 0}, {}};
    ++moments_;
    std::memcpy(now.random.data(), &moments_, sizeof moments_);
    return now;
}

void SessionWorld::connect() {
    ++session_.value;
    ++tally_.connections;
    frames_ = wire::FrameReader(0);
    fsm_.emplace(secret_, lookups_, environments_);
    go_on(fsm_->start());
    receive(wire::frame(secret_));
}

void SessionWorld::receive(ByteView bytes) {
    if (!fsm_) {
        connect();
    }
    frames_.feed(bytes);
    serve();
}

// Requests are looked at one after the other, and not while one is being answered.
void SessionWorld::serve() {
    while (fsm_ && !is_waiting_) {
        Result<std::optional<Bytes>> frame = frames_.next();
        if (frame.has_error()) {
            ++tally_.hung_up_on;
            hang_up();
        } else if (frame.value()) {
            go_on(fsm_->on_frame(**frame));
        } else {
            return;
        }
    }
}

void SessionWorld::go_on(server::SessionAction action) {
    while (auto* write = std::get_if<server::WriteFrame>(&action)) {
        PUEUE_CHECK(!write->payload.empty());
        action = fsm_->on_written();
    }
    if (const auto* read = std::get_if<server::ReadFrame>(&action)) {
        frames_.limit(read->bytes_max, read->kept_bytes_max);
    } else if (auto* submit = std::get_if<server::Submit>(&action)) {
        is_waiting_ = true;
        inbox_.emplace_back(core::ClientRequest{session_, std::move(submit->command)});
        settle();
    } else {
        ++tally_.hung_up_on;
        hang_up();
    }
}

void SessionWorld::answer(Bytes payload) {
    PUEUE_CHECK(is_waiting_);
    is_waiting_ = is_following_ = false;
    const auto response = wire::decode_response(payload);
    PUEUE_CHECK(response.has_value());
    ++tally_.answers;
    tally_.refusals += std::holds_alternative<wire::FailureResponse>(*response) ? 1U : 0U;
    go_on(fsm_->on_reply(std::move(payload)));
}

void SessionWorld::hang_up() {
    if (fsm_) {
        fsm_.reset();
        is_waiting_ = is_following_ = false;
        inbox_.emplace_back(core::ClientGone{session_});
        settle();
    }
}

void SessionWorld::pass(std::chrono::seconds time) {
    since_boot_ += time;
    settle();
    serve();
}

void SessionWorld::end_attempt(std::size_t number, int code) {
    if (!attempts_.empty()) {
        const auto which =
            attempts_.begin() + static_cast<std::ptrdiff_t>(number % attempts_.size());
        inbox_.emplace_back(core::ChildExited{*which, code >= 128, code % 128, ++exits_});
        attempts_.erase(which);
        settle();
        serve();
    }
}

void SessionWorld::replace_keeper(bool is_amnesic) {
    if (is_amnesic) {
        attempts_.clear();
    }
    inbox_.emplace_back(core::KeeperLost{});
    core::KeeperReport report;
    report.keeper.value[0] = ++keepers_;
    report.alive = attempts_;
    inbox_.emplace_back(std::move(report));
    settle();
    serve();
}

void SessionWorld::stop() {
    inbox_.emplace_back(core::StopRequested{});
    settle();
    serve();
}

bool SessionWorld::is_due() const {
    const std::int64_t seconds =
        std::chrono::duration_cast<std::chrono::seconds>(since_boot_).count();
    const auto alarm = scheduler_->next_alarm();
    const auto deadline = scheduler_->next_deadline();
    return (alarm && *alarm <= WallTime{begin_of_time + seconds, 0}) ||
           (deadline && *deadline <= Instant{since_boot_});
}

// Until nothing is left to happen at this moment.
void SessionWorld::settle() {
    for (;;) {
        if (is_due()) {
            step(core::AlarmRang{});
            PUEUE_CHECK(!is_due());
        } else if (!inbox_.empty()) {
            const core::Event event = std::move(inbox_.front());
            inbox_.pop_front();
            step(event);
        } else {
            break;
        }
    }
    if (has_ended_) {
        PUEUE_CHECK(attempts_.empty());
        boot(State(state()));
    }
}

void SessionWorld::step(const core::Event& event) {
    ++tally_.steps;
    const Now at = now();
    const core::Decision decision = scheduler_->step(event, at);
    for (const core::Record& record : decision.records) {
        PUEUE_CHECK(core::applicable(folded_, record));
        core::apply(folded_, record);
    }
    PUEUE_CHECK(core::broken_invariants(*scheduler_, at.wall).empty());
    for (const core::Action& action : decision.actions) {
        std::visit([this](const auto& one) { perform(one); }, action);
    }
}

void SessionWorld::perform(const core::Reply& reply) {
    const auto encode_answer = [this](const auto& one) { return encode(one, state()); };
    Bytes payload = std::visit(encode_answer, reply.answer);
    if (fsm_ && reply.session == session_) {
        answer(std::move(payload));
    }
}

void SessionWorld::perform(const core::StartAttempt& start) {
    PUEUE_CHECK(std::find(attempts_.begin(), attempts_.end(), start.key) == attempts_.end());
    ++tally_.starts;
    if (state().task(start.key.task)->spec->path.empty()) {
        inbox_.emplace_back(core::StartFailed{start.key, "no such directory"});
        return;
    }
    attempts_.push_back(start.key);
    inbox_.emplace_back(core::ChildStarted{start.key});
}

void SessionWorld::perform(const core::SignalTask& signal) {
    static const std::set<int> deadly = {2, 9, 15};
    const auto found = std::find(attempts_.begin(), attempts_.end(), signal.key);
    if (found != attempts_.end() && deadly.contains(signal.signal)) {
        attempts_.erase(found);
        inbox_.emplace_back(core::ChildExited{signal.key, true, signal.signal, ++exits_});
    }
}

void SessionWorld::perform(const core::SendInput& input) {
    inbox_.emplace_back(core::InputSent{input.session, input.key.task, std::nullopt});
}

void SessionWorld::perform(const core::FollowLog& follow) {
    if (fsm_ && follow.session == session_) {
        PUEUE_CHECK(is_waiting_);
        is_following_ = true;
    }
}

void SessionWorld::perform(const core::EndFollow& end) {
    if (fsm_ && end.session == session_ && is_following_) {
        answer(wire::encode_response(wire::CloseResponse{}));
    }
}

void SessionWorld::perform(const core::ExitDaemon& /*exit*/) {
    has_ended_ = true;
}

void SessionWorld::check_state() const {
    PUEUE_CHECK(folded_ == state());
    const Bytes status = wire::encode_status_response(state());
    const auto seen = wire::decode_response(status);
    PUEUE_CHECK(seen.has_value());
    PUEUE_CHECK(std::get<wire::StatusResponse>(*seen).state.tasks.size() == state().tasks.size());
}

}  // namespace pueue::fuzz
