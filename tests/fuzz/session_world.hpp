// A daemon whose clients can send anything: the real frames, session, codec, translation and
// scheduler, with nothing around them. Processes start at once and die of the signals they get, the
// clock moves when it is told to, and the state is folded a second time from the records.
//
// After each step of the scheduler every invariant is checked; a session gets one answer to each
// request and none without one. What is broken aborts (PUEUE_CHECK): this is for fuzzing.
#pragma once

#include "daemon/core/scheduler.hpp"
#include "daemon/server/session_fsm.hpp"
#include "protocol/wire/frame.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace pueue::fuzz {

/// What has happened, so that a test can demand that enough did.
struct Tally {
    std::uint64_t connections = 0;
    std::uint64_t hung_up_on = 0;  ///< connections that the daemon ended
    std::uint64_t answers = 0;
    std::uint64_t refusals = 0;  ///< of them, Failure
    std::uint64_t starts = 0;
    std::uint64_t steps = 0;

    Tally& operator+=(const Tally& other);
};

class SessionWorld {
  public:
    explicit SessionWorld(core::Policy policy);

    /// The client sends this after whatever it sent before; if the daemon has ended the connection,
    /// on a new one.
    void receive(ByteView bytes);
    void hang_up();
    void pass(std::chrono::seconds time);
    /// The attempt with this number, counted around, ends.
    void end_attempt(std::size_t number, int code);
    /// The keeper is replaced, and either knows of all attempts or of none.
    void replace_keeper(bool is_amnesic);
    void stop();

    /// What can only be checked now and then: both states are one, and a client can read it.
    void check_state() const;

    [[nodiscard]] const State& state() const { return scheduler_->state(); }
    [[nodiscard]] const Tally& tally() const { return tally_; }

  private:
    void boot(State state);
    void connect();
    void serve();
    void go_on(server::SessionAction action);
    void answer(Bytes payload);
    void step(const core::Event& event);
    void act(const core::Action& action);
    void perform(const core::Reply& reply);
    void perform(const core::StartAttempt& start);
    void perform(const core::SignalTask& signal);
    void perform(const core::SendInput& input);
    void perform(const core::FollowLog& follow);
    void perform(const core::EndFollow& end);
    void perform(const core::ExitDaemon& exit);
    template <class Other>
    void perform(const Other& /*action*/) {}
    void settle();
    [[nodiscard]] bool is_due() const;
    [[nodiscard]] Now now();

    Bytes secret_ = "secret";
    server::Lookups lookups_;
    EnvironmentPool environments_;
    core::Policy policy_;
    Tally tally_;

    std::chrono::nanoseconds since_boot_ = std::chrono::hours(1);
    std::uint64_t moments_ = 0;
    std::uint64_t exits_ = 0;
    std::uint8_t keepers_ = 0;

    std::optional<core::Scheduler> scheduler_;
    State folded_;
    std::vector<AttemptKey> attempts_;
    std::deque<core::Event> inbox_;
    bool has_ended_ = false;

    SessionId session_;
    std::optional<server::SessionFsm> fsm_;  ///< none: nobody is connected
    wire::FrameReader frames_{0};
    bool is_waiting_ = false;  ///< for the answer to a request
    bool is_following_ = false;
};

}  // namespace pueue::fuzz
