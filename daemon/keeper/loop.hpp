// The keeper's loop: what happens, and what is done about it. keeper.hpp says what it guarantees.
#pragma once

#include "daemon/keeper/children.hpp"
#include "daemon/keeper/home.hpp"
#include "daemon/keeper/packet.hpp"
#include "daemon/keeper/spool.hpp"
#include "daemon/keeper/start.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstdint>

namespace pueue::keeper {

class Loop {
  public:
    Loop(const Identity& identity, Spool& spool, const Surroundings& around);

    /// Takes the connection over. False: errno says why.
    [[nodiscard]] bool open(int first_connection);

    /// Until there is no reason to stay. `idle_ms`: how long without daemon, children and exits.
    void run(int idle_ms);

  private:
    // loop.cpp: the set of things waited for
    [[nodiscard]] bool watch(int descriptor, std::uint32_t events, std::uint64_t tag);
    void dispatch(std::uint64_t tag, std::uint32_t events);
    [[nodiscard]] bool finished() const;
    [[nodiscard]] bool idle() const;
    void leave();
    void take_signals();

    // children
    void settle_start(Child& child);
    void set_oom_score(const Child& child) const;
    void reap();
    void note_exit(Child& child, const siginfo_t& info, const rusage& usage);
    [[nodiscard]] SpoolRecord record_of(const Child& child, RecordKind kind) const;
    void forget_process(Child& child);
    void kill_all() const;

    // connections.cpp: who talks to us
    void accept_connections();
    void greet(int slot);
    void become_daemon(int connection, const Header& header);
    void drop_daemon();
    void read_requests();
    void set_interest(std::uint32_t events);

    // requests.cpp: what the daemon wants
    void handle(Packet& packet);
    void welcome(const Header& header);
    void on_inventory(const Header& header);
    void on_start(const Header& header, const Packet& packet);
    void on_run(const Header& header, const Packet& packet);
    void repeat(const Header& header, Child& known);
    void on_signal(const Header& header, const Packet& packet);
    void on_acknowledge(const Packet& packet);
    void on_stop(const Header& header, const Packet& packet);
    void tidy_spool();

    // announcements.cpp: what it is told
    template <class Message>
    void answer(const Header& question, const Message& message) {
        char bytes[answer_bytes_max];
        send_answer(bytes, encode(message, question.request, bytes, sizeof bytes));
    }
    void refuse(const Header& question, ErrorCode code, int error, const char* text);
    void send_answer(const char* bytes, std::size_t size);
    void announce(Child& child);
    void forget_announcement(Child& child);
    void clear_announcements();
    void flush();
    [[nodiscard]] bool transfer(
        const char* bytes, std::size_t size, const int* descriptors, int descriptor_count
    );
    [[nodiscard]] bool send_held_answer();
    [[nodiscard]] bool send_announcements();
    [[nodiscard]] bool send_announcement(const Child& child);
    [[nodiscard]] bool send_exits();
    [[nodiscard]] bool send_inventory_end();

    static constexpr std::size_t answer_bytes_max = 256;
    static constexpr int greeting_slots = 4;

    Identity identity_;
    Spool& spool_;
    Starter starter_;
    Children children_;
    int alive_ = 0;  ///< tasks
    bool leave_when_empty_ = false;
    std::uint64_t last_run_ = 0;
    std::uint64_t last_sequence_ = 0;
    ChildQueue<&Child::next_exit> exits_;  ///< not acknowledged, in order
    ChildQueue<&Child::next_to_announce> announcements_;

    int epoll_ = -1;
    int signals_ = -1;
    int control_ = -1;
    int reserve_ =
        -1;  ///< given up for a moment to turn a connection away when descriptors are out
    int greeting_[greeting_slots] = {-1, -1, -1, -1};  ///< connections that have said nothing yet
    int next_greeting_ = 0;

    // The daemon's connection, and what it is owed beside the two queues.
    int daemon_ = -1;
    std::uint32_t interest_ = 0;  ///< what is waited for on it
    bool has_inventory_ = false;  ///< it asked for one: from then on it is told of exits
    Child* next_exit_to_send_ = nullptr;
    bool inventory_end_due_ = false;
    std::uint64_t inventory_request_ = 0;
    char held_answer_[answer_bytes_max];
    std::size_t held_answer_size_ = 0;

    Packet packet_;
};

}  // namespace pueue::keeper
