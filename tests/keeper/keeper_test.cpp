// What the keeper promises its daemons. A real keeper process each time.
#include "daemon/keeper/spool.hpp"
#include "tests/keeper/keeper_under_test.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace pueue::keeper::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

UniqueFd no_log() {
    return UniqueFd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
}

std::vector<SpoolRecord> spooled(const KeeperUnderTest& keeper) {
    const std::string content = read_file(keeper.path("spool"), std::size_t{8} << 20).value();
    std::vector<SpoolRecord> records;
    std::size_t at = 0;
    SpoolRecord record;
    while (const std::size_t size =
               decode_record(content.data() + at, content.size() - at, record)) {
        records.push_back(record);
        at += size;
    }
    EXPECT_EQ(at, content.size());
    return records;
}

struct Report {
    std::vector<std::uint64_t> alive;
    std::vector<std::uint64_t> exits;
    std::vector<UniqueFd> descriptors;
};

Report inventory(const Connection& connection) {
    connection.send(Inventory{}, 55);
    Report report;
    while (std::optional<Received> received = connection.receive()) {
        if (received->header.type == MessageType::inventory_end) {
            EXPECT_EQ(received->header.request, 55U);
            return report;
        }
        if (received->header.type == MessageType::exited) {
            report.exits.push_back(received->as<Exited>().key.task);
            continue;
        }
        if (received->header.type == MessageType::started) {
            continue;  // of one that was an entry, starting
        }
        report.alive.push_back(received->as<Entry>().key.task);
        EXPECT_EQ(received->descriptors.size(), 2U);
        std::move(
            received->descriptors.begin(),
            received->descriptors.end(),
            std::back_inserter(report.descriptors)
        );
    }
    ADD_FAILURE() << "the connection ended";
    return report;
}

class Keeper : public ::testing::Test {
  protected:
    void start_and_expect(const Task& task) {
        keeper_.first().start(task, log_.get());
        EXPECT_EQ(keeper_.first().expect<Started>().key, task.key);
    }
    Exited run(const Task& task) {
        start_and_expect(task);
        return keeper_.first().expect<Exited>();
    }
    // Its own answer, so everything sent before has been looked at.
    static void expect_alive(const Connection& connection) {
        connection.send(Ping{}, 77);
        std::ignore = connection.expect<Pong>();
    }

    KeeperUnderTest keeper_;
    UniqueFd log_ = no_log();
};

TEST_F(Keeper, SaysWhoItIs) {
    const std::string info = read_file(keeper_.path("info"), 1000).value();
    std::istringstream stream(info);
    std::vector<std::string> names;
    std::string name;
    std::string value;
    while (stream >> name >> value) {
        names.push_back(name);
        if (name == "pid") {
            EXPECT_EQ(value, std::to_string(keeper_.pid()));
        }
    }
    EXPECT_THAT(
        names, ElementsAre("version", "pid", "start", "boot", "directory", "keeper", "build")
    );
    struct stat status {};
    ASSERT_EQ(::stat(keeper_.path("info").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat(keeper_.path("control").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(keeper_.status("Name"), "pueue-keeper");
    EXPECT_EQ(read_file("/proc/" + std::to_string(keeper_.pid()) + "/environ", 1000).value(), "");
}

TEST_F(Keeper, HoldsNothingThatItWasNotGiven) {
    std::vector<std::string> targets;
    const std::string path = "/proc/" + std::to_string(keeper_.pid()) + "/fd/";
    for (int i = 0; i < 64; ++i) {
        char target[256];
        const ssize_t size = ::readlink((path + std::to_string(i)).c_str(), target, sizeof target);
        if (size > 0) {
            targets.emplace_back(target, static_cast<std::size_t>(size));
        }
    }
    const auto count = [&](const std::string& text) {
        return std::count_if(targets.begin(), targets.end(), [&](const std::string& target) {
            return target.find(text) != std::string::npos;
        });
    };
    EXPECT_EQ(count("/dev/null"), 4);  // three standard ones and the reserve
    EXPECT_EQ(count(keeper_.directory()), 2);
    EXPECT_EQ(count("socket:"), 2);
    EXPECT_EQ(count("anon_inode:"), 2);  // epoll and signalfd
    EXPECT_EQ(targets.size(), 10U);
}

TEST_F(Keeper, SignalsTheGroupOrTheLeader) {
    Output output;
    const Task task = shell(
        1,
        "trap 'echo trapped' USR1; sh -c 'trap \"echo inner\" USR1; echo up; "
        "while :; do read x || :; done <&3' 3<&0 & wait; wait; wait"
    );
    keeper_.first().start(task, output.write.get());
    std::ignore = keeper_.first().expect<Started>();
    char up[3];
    ASSERT_TRUE(read_full(output.read.get(), up, 3).has_value());
    keeper_.first().send(Signal{task.key, SIGUSR1, SignalTarget::leader});
    std::ignore = keeper_.first().expect<DoneAnswer>();
    char trapped[8];
    ASSERT_TRUE(read_full(output.read.get(), trapped, 8).has_value());
    EXPECT_EQ(std::string(trapped, 8), "trapped\n");
    keeper_.first().send(Signal{task.key, SIGKILL, SignalTarget::group});
    EXPECT_EQ(output.everything(), "");  // both are gone, or there would be no end
    std::ignore = keeper_.first().expect<DoneAnswer>();
    EXPECT_EQ(keeper_.first().expect<Exited>().facts.status, SIGKILL);
}

TEST_F(Keeper, RefusesSignalsForWhatIsGone) {
    const Task task = shell(1, "exit 0");
    std::ignore = run(task);
    keeper_.first().send(Signal{task.key, SIGTERM, SignalTarget::group}, 5);
    EXPECT_EQ(keeper_.first().expect<ErrorAnswer>().code, ErrorCode::no_such_task);
    keeper_.first().send(Signal{shell(2, "").key, SIGTERM, SignalTarget::group}, 6);
    EXPECT_EQ(keeper_.first().expect<ErrorAnswer>().code, ErrorCode::no_such_task);
}

TEST_F(Keeper, StartsAKeyOnlyOnce) {
    const std::string marker = keeper_.path("marker");
    const Task task = shell(1, "echo line >>" + marker + "; read wait");
    keeper_.first().start(task, log_.get());
    std::vector<UniqueFd> descriptors;
    const auto first = keeper_.first().expect<Started>(&descriptors);
    keeper_.first().start(task, log_.get());
    EXPECT_EQ(keeper_.first().expect<Started>().pid, first.pid);
    ASSERT_TRUE(write_all(descriptors.at(1).get(), "\n").has_value());
    const auto exited = keeper_.first().expect<Exited>();
    keeper_.first().start(task, log_.get());
    const auto again = keeper_.first().expect<Exited>();
    EXPECT_EQ(again.sequence, exited.sequence);
    EXPECT_EQ(again.pid, first.pid);
    EXPECT_EQ(read_file(marker, 100).value(), "line\n");
}

TEST_F(Keeper, TakesALaterAttemptForAnotherOne) {
    Task task = shell(1, "exit 1");
    EXPECT_EQ(run(task).facts.status, 1);
    task = shell(1, "exit 2");
    task.key.attempt = 2;
    EXPECT_EQ(run(task).facts.status, 2);
}

TEST_F(Keeper, NumbersExitsInOrderAndRepeatsThemUntilAcknowledged) {
    const std::uint64_t first = run(shell(1, "exit 1")).sequence;
    EXPECT_EQ(run(shell(2, "exit 2")).sequence, first + 1);
    EXPECT_EQ(run(shell(3, "exit 3")).sequence, first + 2);
    EXPECT_THAT(inventory(keeper_.first()).exits, ElementsAre(1, 2, 3));
    keeper_.first().send(Acknowledge{first + 1});
    EXPECT_THAT(inventory(keeper_.first()).exits, ElementsAre(3));
    keeper_.first().send(Acknowledge{first + 2});
    EXPECT_THAT(inventory(keeper_.first()).exits, IsEmpty());
}

TEST_F(Keeper, NotesStartAndEndInTheSpoolAndEmptiesItWhenAllIsAcknowledged) {
    const Exited exited = run(shell(7, "exit 9"));
    const std::vector<SpoolRecord> records = spooled(keeper_);
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].kind, RecordKind::run);
    EXPECT_EQ(records[0].key.task, 7U);
    EXPECT_EQ(records[0].pid, exited.pid);
    EXPECT_GT(records[0].start_ticks, 0U);
    EXPECT_EQ(records[1].kind, RecordKind::exit);
    EXPECT_EQ(records[1].pid, exited.pid);
    EXPECT_EQ(records[1].start_ticks, records[0].start_ticks);
    EXPECT_EQ(records[1].sequence, exited.sequence);
    EXPECT_EQ(records[1].facts.status, 9);
    EXPECT_TRUE(records[0].boot == records[1].boot);

    keeper_.first().send(Acknowledge{exited.sequence});
    expect_alive(keeper_.first());
    EXPECT_THAT(spooled(keeper_), IsEmpty());
}

TEST_F(Keeper, HasTheRecordOfARunBeforeTheProgramRuns) {
    const std::string copy = keeper_.path("copy");
    std::ignore = run(shell(1, "cat " + keeper_.path("spool") + " >" + copy));
    const std::string content = read_file(copy, 1000).value();
    SpoolRecord record;
    EXPECT_EQ(decode_record(content.data(), content.size(), record), run_record_bytes);
}

TEST_F(Keeper, GivesALaterDaemonWhatRunsAndWhatEnded) {
    std::vector<UniqueFd> descriptors;
    keeper_.first().start(shell(1, "read line; exit 5"), log_.get());
    std::ignore = keeper_.first().expect<Started>(&descriptors);
    descriptors.clear();
    std::ignore = run(shell(2, "exit 3"));

    const Connection second = keeper_.connect();
    const Welcome welcome = second.greet();
    EXPECT_EQ(welcome.alive, 1U);
    EXPECT_EQ(welcome.unacknowledged, 1U);
    EXPECT_FALSE(keeper_.first().receive().has_value()) << "the first one was not replaced";

    Report report = inventory(second);
    EXPECT_THAT(report.alive, ElementsAre(1));
    EXPECT_THAT(report.exits, ElementsAre(2));
    EXPECT_FALSE(readable(report.descriptors.at(0).get(), std::chrono::milliseconds(0)));
    ASSERT_TRUE(write_all(report.descriptors.at(1).get(), "\n").has_value());
    EXPECT_EQ(second.expect<Exited>().facts.status, 5);
    EXPECT_TRUE(readable(report.descriptors.at(0).get()));
}

TEST_F(Keeper, KeepsExitsThatNobodyWasThereToHear) {
    std::vector<UniqueFd> inputs;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        std::vector<UniqueFd> descriptors;
        keeper_.first().start(shell(id, "read line; exit $line"), log_.get());
        std::ignore = keeper_.first().expect<Started>(&descriptors);
        inputs.push_back(std::move(descriptors.at(1)));
    }
    keeper_.first().close();
    ASSERT_TRUE(write_all(inputs[1].get(), "42\n").has_value());
    ASSERT_TRUE(write_all(inputs[0].get(), "41\n").has_value());
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (keeper_.children().size() > 1 && std::chrono::steady_clock::now() < deadline) {
    }
    const Connection second = keeper_.connect();
    EXPECT_EQ(second.greet().unacknowledged, 2U);
    const Report report = inventory(second);
    EXPECT_THAT(report.exits, UnorderedElementsAre(1, 2));
    EXPECT_THAT(report.alive, ElementsAre(3));
    const std::vector<SpoolRecord> records = spooled(keeper_);
    ASSERT_EQ(records.size(), 5U);
    EXPECT_EQ(records[3].facts.status + records[4].facts.status, 41 + 42);
}

TEST_F(Keeper, DoesNotStandStillWhenItsDaemonDoesNotRead) {
    constexpr std::uint64_t count = 400;
    for (std::uint64_t id = 1; id <= count; ++id) {
        keeper_.first().start(shell(id, "exit 0"), log_.get());
    }
    // More than the socket holds. Nothing is read until every child has ended.
    std::vector<std::uint64_t> started;
    std::uint64_t last_sequence = 0;
    std::size_t exits = 0;
    while (exits < count) {
        std::optional<Received> received = keeper_.first().receive();
        ASSERT_TRUE(received.has_value());
        if (received->header.type == MessageType::started) {
            started.push_back(received->as<Started>().key.task);
        } else {
            const auto exited = received->as<Exited>();
            EXPECT_EQ(std::count(started.begin(), started.end(), exited.key.task), 1);
            EXPECT_TRUE(last_sequence == 0 || exited.sequence == last_sequence + 1);
            last_sequence = exited.sequence;
            ++exits;
        }
    }
    EXPECT_EQ(started.size(), count);
}

TEST_F(Keeper, GreetsALaterDaemonWhileAnEarlierOneIsStuck) {
    for (std::uint64_t id = 1; id <= 300; ++id) {
        keeper_.first().start(shell(id, "exit 0"), log_.get());
    }
    const Connection second = keeper_.connect();
    std::ignore = second.greet();
    const Report report = inventory(second);
    // What the stuck one had asked for and the keeper had not read is gone with its connection.
    std::set<std::uint64_t> running(report.alive.begin(), report.alive.end());
    for (const std::uint64_t ended : report.exits) {
        running.erase(ended);
    }
    while (!running.empty()) {
        std::optional<Received> received = second.receive();
        ASSERT_TRUE(received.has_value());
        if (received->header.type == MessageType::exited) {
            running.erase(received->as<Exited>().key.task);
        }
    }
    expect_alive(second);
}

TEST_F(Keeper, IsUnharmedByWhatIsNoMessage) {
    start_and_expect(shell(1, "read wait"));
    const std::vector<std::string> nonsense = {
        "x",
        std::string(24, '\0'),
        std::string(5000, 'P'),
        "PKPR" + std::string(20, '\xff'),
    };
    for (const std::string& bytes : nonsense) {
        const Connection stranger = keeper_.connect();
        stranger.send_bytes(bytes);
        EXPECT_FALSE(stranger.receive().has_value());
    }
    const Connection impatient = keeper_.connect();
    impatient.send(Stop{StopMode::kill});
    EXPECT_FALSE(impatient.receive().has_value()) << "no greeting, no service";
    expect_alive(keeper_.first());
    EXPECT_THAT(inventory(keeper_.first()).alive, ElementsAre(1));
}

TEST_F(Keeper, EndsTheConnectionOfADaemonThatSendsGarbageAndServesTheNext) {
    start_and_expect(shell(1, "read wait"));
    keeper_.first().send_bytes("garbage");
    EXPECT_FALSE(keeper_.first().receive().has_value());
    const Connection next = keeper_.connect();
    EXPECT_EQ(next.greet().alive, 1U);
}

TEST_F(Keeper, RefusesWhatItDoesNotUnderstand) {
    std::string unknown(header_bytes, '\0');
    Header header;
    header.type = static_cast<MessageType>(999);
    header.length = header_bytes;
    header.request = 3;
    Writer writer(unknown.data(), unknown.size());
    Header::fields(writer, header);
    keeper_.first().send_bytes(unknown);
    EXPECT_EQ(keeper_.first().expect<ErrorAnswer>().code, ErrorCode::unsupported);

    const Connection future = keeper_.connect();
    future.send(Hello{2, 3, 1});
    EXPECT_EQ(future.expect<ErrorAnswer>().code, ErrorCode::unsupported);
    expect_alive(keeper_.first());
}

TEST_F(Keeper, IsUnharmedByTenThousandConnections) {
    std::vector<Connection> open;
    for (int i = 0; i < 10'000; ++i) {
        Connection connection = keeper_.connect();
        if (i % 100 == 0) {
            open.push_back(std::move(connection));
        }
    }
    EXPECT_EQ(run(shell(1, "exit 6")).facts.status, 6);
    const Connection daemon = keeper_.connect();
    EXPECT_EQ(daemon.greet().unacknowledged, 1U);
}

TEST_F(Keeper, DoesNotWaitForWhatATaskLeavesBehind) {
    // The grandchild outlives its parent, comes to the keeper and is reaped there without a word.
    const std::string fifo = keeper_.path("fifo");
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    Output output;
    keeper_.first().start(
        shell(1, "(read x <" + fifo + "; echo done) & exit 2"), output.write.get()
    );
    std::ignore = keeper_.first().expect<Started>();
    EXPECT_EQ(keeper_.first().expect<Exited>().facts.status, 2);
    expect_alive(keeper_.first());
    EXPECT_EQ(keeper_.children().size(), 1U);
    const UniqueFd writer(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(write_all(writer.get(), "\n").has_value());
    EXPECT_EQ(output.everything(), "done\n");
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!keeper_.children().empty() && std::chrono::steady_clock::now() < deadline) {
        expect_alive(keeper_.first());
    }
    EXPECT_THAT(keeper_.children(), IsEmpty());
    EXPECT_THAT(inventory(keeper_.first()).exits, ElementsAre(1));
}

TEST_F(Keeper, KillsEverythingAndLeavesWhenStopped) {
    start_and_expect(shell(1, "read wait"));
    start_and_expect(shell(2, "trap '' TERM; read wait"));
    keeper_.first().send(Stop{StopMode::kill}, 8);
    std::ignore = keeper_.first().expect<DoneAnswer>();
    EXPECT_EQ(keeper_.first().expect<Exited>().facts.status, SIGKILL);
    EXPECT_EQ(keeper_.first().expect<Exited>().facts.status, SIGKILL);
    EXPECT_FALSE(keeper_.first().receive().has_value());
    EXPECT_EQ(keeper_.exit_code(), 0);
    EXPECT_NE(::access(keeper_.path("info").c_str(), F_OK), 0);
    EXPECT_NE(::access(keeper_.path("control").c_str(), F_OK), 0);
    // Not acknowledged: a later daemon finds them in the spool.
    EXPECT_EQ(spooled(keeper_).size(), 4U);
}

TEST_F(Keeper, LeavesWhenEmptyIfAskedTo) {
    std::vector<UniqueFd> descriptors;
    keeper_.first().start(shell(1, "read wait"), log_.get());
    std::ignore = keeper_.first().expect<Started>(&descriptors);
    keeper_.first().send(Stop{StopMode::when_empty}, 8);
    std::ignore = keeper_.first().expect<DoneAnswer>();
    expect_alive(keeper_.first());
    ASSERT_TRUE(write_all(descriptors.at(1).get(), "\n").has_value());
    const auto exited = keeper_.first().expect<Exited>();
    EXPECT_EQ(exited.facts.status, 0);
    EXPECT_EQ(keeper_.exit_code(), 0);
}

TEST_F(Keeper, TakesSigtermForWhenEmptyAndIgnoresTheRest) {
    std::vector<UniqueFd> descriptors;
    keeper_.first().start(shell(1, "read wait"), log_.get());
    std::ignore = keeper_.first().expect<Started>(&descriptors);
    for (const int number : {SIGINT, SIGHUP, SIGPIPE, SIGUSR2, SIGTERM}) {
        ::kill(keeper_.pid(), number);
    }
    expect_alive(keeper_.first());
    ASSERT_TRUE(write_all(descriptors.at(1).get(), "\n").has_value());
    EXPECT_EQ(keeper_.exit_code(), 0);
}

TEST_F(Keeper, StaysWithItsTasksWhenTheDaemonDetaches) {
    start_and_expect(shell(1, "read wait"));
    keeper_.first().send(Stop{StopMode::detach}, 8);
    std::ignore = keeper_.first().expect<DoneAnswer>();
    EXPECT_FALSE(keeper_.first().receive().has_value());
    const Connection next = keeper_.connect();
    EXPECT_EQ(next.greet().alive, 1U);
}

TEST_F(Keeper, BindsItsSocketAgainOnSigusr1) {
    ASSERT_EQ(::unlink(keeper_.path("control").c_str()), 0);
    ::kill(keeper_.pid(), SIGUSR1);
    expect_alive(keeper_.first());
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::access(keeper_.path("control").c_str(), F_OK) != 0 &&
           std::chrono::steady_clock::now() < deadline) {
        expect_alive(keeper_.first());
    }
    const Connection next = keeper_.connect();
    EXPECT_EQ(next.greet().alive, 0U);
}

TEST_F(Keeper, SleepsUntilSomethingHappens) {
    start_and_expect(shell(1, "read wait"));
    expect_alive(keeper_.first());
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (keeper_.status("State") != "S (sleeping)" && std::chrono::steady_clock::now() < deadline
    ) {
    }
    const std::string before = keeper_.status("voluntary_ctxt_switches");
    EXPECT_FALSE(readable(keeper_.first().fd(), std::chrono::milliseconds(500)));
    EXPECT_EQ(keeper_.status("voluntary_ctxt_switches"), before);
}

TEST_F(Keeper, StaysSmallAndLosesNoDescriptorOverTenThousandTasks) {
    const auto descriptors = [&] {
        expect_alive(keeper_.first());
        return keeper_.status("FDSize");
    };
    std::ignore = run(shell(1, "exit 0"));
    const std::string before = descriptors();
    std::uint64_t sequence = 0;
    constexpr std::uint64_t count = 10'000;
    std::uint64_t ended = 0;
    for (std::uint64_t id = 2; ended < count;) {
        if (id < count + 2) {
            keeper_.first().start(shell(id++, "exit 0"), log_.get());
        }
        // As the daemon does: several at a time, acknowledged as they end.
        while (ended < count && (id - 2 - ended >= 8 || id == count + 2)) {
            std::optional<Received> received = keeper_.first().receive();
            ASSERT_TRUE(received.has_value());
            if (received->header.type == MessageType::exited) {
                sequence = received->as<Exited>().sequence;
                keeper_.first().send(Acknowledge{sequence});
                ++ended;
            }
        }
    }
    EXPECT_EQ(descriptors(), before);
    EXPECT_THAT(keeper_.children(), IsEmpty());
    EXPECT_THAT(spooled(keeper_), IsEmpty());
#if !defined(__SANITIZE_ADDRESS__)
    std::ifstream file("/proc/" + std::to_string(keeper_.pid()) + "/smaps_rollup");
    std::string name;
    std::uint64_t kib = 0;
    while (file >> name && name != "Private_Dirty:") {
    }
    file >> kib;
    EXPECT_GT(kib, 0U);
    EXPECT_LE(kib, 1536U);
#endif
}

TEST(IdleKeeper, LeavesWhenThereIsNobodyAndNothing) {
    KeeperUnderTest keeper(1);
    keeper.first().close();
    EXPECT_EQ(keeper.exit_code(), 0);
    EXPECT_NE(::access(keeper.path("info").c_str(), F_OK), 0);
    EXPECT_NE(::access(keeper.path("spool").c_str(), F_OK), 0);
}

TEST(IdleKeeper, StaysWhileAnExitIsNotAcknowledged) {
    KeeperUnderTest keeper(1);
    const UniqueFd log = no_log();
    keeper.first().start(shell(1, "exit 3"), log.get());
    std::ignore = keeper.first().expect<Started>();
    const std::uint64_t sequence = keeper.first().expect<Exited>().sequence;
    keeper.first().close();
    Connection next = keeper.connect();
    ASSERT_EQ(next.greet().unacknowledged, 1U);
    EXPECT_FALSE(readable(next.fd(), std::chrono::milliseconds(1500)));
    next.close();
    Connection last = keeper.connect();
    ASSERT_EQ(last.greet().unacknowledged, 1U);
    EXPECT_THAT(inventory(last).exits, ElementsAre(1));
    last.send(Acknowledge{sequence});
    last.close();
    EXPECT_EQ(keeper.exit_code(), 0);
}

}  // namespace
}  // namespace pueue::keeper::testing
