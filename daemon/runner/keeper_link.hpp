// The real Runner: the daemon's end of the keeper's protocol, on the loop.
//
// Requests leave in order and nobody waits for answers; what the keeper says becomes events. A
// broken connection is KeeperLost. If the keeper lives it is asked again; if it has died its tasks
// are orphans of this daemon (orphans.hpp) and a new keeper is started for new ones. Either way the
// next inventory is the next KeeperReport, with the orphans among the living.
//
// The daemon keeps a copy of the write end of each task's standard input. The keeper's own copy
// holds it open while there is one; after its death ours does.
//
// Not here: what an event means (core), what runs (launch), what is on file (the keeper's spool).
#pragma once

#include "daemon/runner/input_pipe.hpp"
#include "daemon/runner/keeper_process.hpp"
#include "daemon/runner/orphans.hpp"
#include "daemon/runner/packed_program.hpp"
#include "daemon/runner/packet_channel.hpp"
#include "daemon/runner/runner.hpp"
#include "protocol/base/logger.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pueue::runner {

enum class StopKeeper {
    kill,        ///< with every task that still runs
    when_empty,  ///< as soon as nothing runs any more
};

class KeeperLink final : public Runner {
  public:
    struct Options {
        std::string directory;      ///< of the keeper's files
        std::string log_directory;  ///< of the tasks' logs
        Inherited inherited;
        /// Gives a keeper that has just been started its place; `then` is to be called after that,
        /// and before it nothing is started. None: it stays where it is.
        std::function<void(pid_t keeper, std::function<void()> then)> place;
        /// The keeper cannot be talked to, for this reason. It lives, so there can be no other one,
        /// and this daemon is of no use.
        std::function<void(const std::string& why)> refused;
    };

    /// `logger` outlives the link; events are posted on the loop. Requires: this process is a
    /// subreaper, and nobody else in it waits for children.
    KeeperLink(boost::asio::io_context& loop, Options options, PostEvent post, Logger& logger);
    ~KeeperLink() override;

    /// Finds or starts the keeper. Blocks for milliseconds; its report comes as an event.
    [[nodiscard]] Result<> connect();

    void start(Launch launch) override;
    void signal(const AttemptKey& key, int number) override;
    void run(Program program) override;
    void acknowledge(std::uint64_t sequence) override;
    void send_input(SessionId session, const AttemptKey& key, std::string input) override;

    /// `gone` is called when the keeper has left. Nothing else is reported from here on.
    void stop(StopKeeper how, std::function<void()> gone);

  private:
    void watch_keeper(UniqueFd pidfd);
    void ask_for_inventory();
    void greet(KeeperProcess keeper);
    void take_packet(const keeper::Header& header, keeper::Packet& packet);
    void lost(const std::string& why);
    void keeper_died();
    void connect_again();
    void retry_later();
    void wait_for_children();
    void reap_children();
    void tell_gone();

    void refuse(const std::string& why);
    void ask_old_one_to_leave();
    void on(const keeper::Welcome& welcome);
    void on(const keeper::Entry& entry, keeper::Packet& packet);
    void on(const keeper::InventoryEnd& end);
    void on(const keeper::Started& started, keeper::Packet& packet);
    void on(const keeper::StartFailed& failed);
    void on(const keeper::Exited& exited);
    void on(const keeper::RunEnded& ended);
    void on(const keeper::ErrorAnswer& error);

    template <class Message>
    void say_program(
        Message message,
        const Program& program,
        PackedProgram& packed,
        std::vector<UniqueFd> descriptors
    );
    void fail_start(const AttemptKey& key, const std::string& log_path, const std::string& error);
    void take_process(const AttemptKey& key, pid_t pid, keeper::Packet& packet);
    void forget_process(const AttemptKey& key);
    void fail_early_inputs(const AttemptKey& key);
    void fail_early_inputs();

    boost::asio::io_context& loop_;
    Options options_;
    PostEvent post_;
    Logger& logger_;

    std::unique_ptr<PacketChannel> channel_;
    /// The keeper's pidfd, until its death has been dealt with.
    std::unique_ptr<boost::asio::posix::stream_descriptor> keeper_;
    boost::asio::signal_set child_ended_;
    boost::asio::steady_timer retry_;
    int failures_ = 0;
    std::function<void()> when_gone_;

    core::KeeperReport report_;  ///< being collected
    bool has_reported_ = false;
    bool is_old_ = false;        ///< the keeper is of another build, and leaves when it is empty
    bool is_successor_ = false;  ///< of a keeper that had reported to this daemon

    Orphans orphans_;
    bool orphans_due_ = false;  ///< a keeper has died and its tasks are not taken over yet
    TaskProcesses processes_;   ///< of the present keeper
    std::map<AttemptKey, std::unique_ptr<InputPipe>> inputs_;
    /// For attempts that are starting: their pipe comes with the word that they run.
    struct EarlyInput {
        std::string input;
        InputPipe::Sent sent;
    };
    std::multimap<AttemptKey, EarlyInput> early_inputs_;
};

}  // namespace pueue::runner
