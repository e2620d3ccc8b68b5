// The real Runner: the daemon's end of the keeper's protocol, on the loop.
//
// Requests leave in order and nobody waits for answers; what the keeper says becomes events. A
// broken connection is KeeperLost; then the keeper is found again or a new one started, and its
// inventory is the next KeeperReport. The daemon keeps a copy of the write end of each task's
// standard input, for send_input only: the keeper's own copy is what keeps it open.
//
// Not here: what an event means (core), what runs (launch), what is on file (the keeper's spool).
#pragma once

#include "daemon/keeper/packet.hpp"
#include "daemon/runner/input_pipe.hpp"
#include "daemon/runner/keeper_process.hpp"
#include "daemon/runner/runner.hpp"
#include "protocol/base/logger.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pueue::runner {

/// What tasks inherit besides what a Launch says. Taken from this process before it changes
/// anything.
struct Inherited {
    mode_t umask = 022;
    std::uint64_t open_files = 0;  ///< soft limit

    [[nodiscard]] static Inherited of_process();
};

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
    };

    /// `logger` outlives the link; events are posted on the loop.
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
    struct Outgoing {
        Bytes packet;
        std::vector<UniqueFd> descriptors;
    };

    void wait_for_packets();
    void wait_for_room();
    void read_packets();
    void write_packets();
    void handle_packet();
    void lost(const std::string& why);
    void reap_child(KeeperProcess keeper);
    void tell_gone();
    void reconnect();
    void greet();

    void on(const keeper::Welcome& welcome);
    void on(const keeper::Entry& entry);
    void on(const keeper::InventoryEnd& end);
    void on(const keeper::Started& started);
    void on(const keeper::StartFailed& failed);
    void on(const keeper::Exited& exited);
    void on(const keeper::RunEnded& ended);
    void on(const keeper::ErrorAnswer& error);

    void fail_start(const AttemptKey& key, const std::string& log_path, const std::string& error);
    void take_input_end(const AttemptKey& key);
    void fail_early_inputs(const AttemptKey& key);
    /// Puts the program into the message, or into a file beside it. The message shows bytes of
    /// `spec`.
    template <class Message>
    [[nodiscard]] Result<> pack(
        const Program& program, Bytes& spec, Message& message, std::vector<UniqueFd>& descriptors
    ) const;
    template <class Message>
    void say(const Message& message, std::vector<UniqueFd> descriptors = {});

    boost::asio::io_context& loop_;
    Options options_;
    PostEvent post_;
    Logger& logger_;

    std::unique_ptr<boost::asio::posix::stream_descriptor> connection_;
    std::deque<Outgoing> outgoing_;
    bool waits_for_room_ = false;
    std::unique_ptr<keeper::Packet> packet_;

    core::KeeperReport report_;  ///< being collected
    bool has_reported_ = false;
    std::map<AttemptKey, std::unique_ptr<InputPipe>> inputs_;
    /// For attempts that are starting: their pipe comes with the word that they run.
    struct EarlyInput {
        std::string input;
        InputPipe::Sent sent;
    };
    std::multimap<AttemptKey, EarlyInput> early_inputs_;

    boost::asio::steady_timer retry_;
    int failures_ = 0;
    std::function<void()> when_gone_;
    int children_ = 0;  ///< keepers of ours that are not reaped yet
};

}  // namespace pueue::runner
