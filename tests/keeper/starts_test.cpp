// What a task sees, and how starts fail. A real keeper each time.
#include "tests/keeper/keeper_under_test.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

namespace pueue::keeper::testing {
namespace {

using ::testing::HasSubstr;

class KeeperStarts : public ::testing::Test {
  protected:
    // Runs the task to its end; what it wrote.
    std::string run(const Task& task, ExitFacts* facts = nullptr) {
        Output output;
        keeper_.first().start(task, output.write.get());
        const auto started = keeper_.first().expect<Started>(&descriptors_);
        EXPECT_EQ(started.key, task.key);
        const std::string text = output.everything();
        const auto exited = keeper_.first().expect<Exited>();
        EXPECT_EQ(exited.key, task.key);
        EXPECT_EQ(exited.pid, started.pid);
        if (facts != nullptr) {
            *facts = exited.facts;
        }
        return text;
    }

    StartFailed run_refused(const Task& task) {
        const Output output;
        keeper_.first().start(task, output.write.get());
        return keeper_.first().expect<StartFailed>();
    }

    void write_file(const std::string& name, const std::string& content, mode_t mode) {
        std::ofstream(keeper_.path(name)) << content;
        ::chmod(keeper_.path(name).c_str(), mode);
    }

    KeeperUnderTest keeper_;
    std::vector<UniqueFd> descriptors_;
};

TEST_F(KeeperStarts, ATaskAndReportItsExitCode) {
    ExitFacts facts;
    EXPECT_EQ(run(shell(1, "echo out; echo err >&2; exit 7"), &facts), "out\nerr\n");
    EXPECT_EQ(facts.code, CLD_EXITED);
    EXPECT_EQ(facts.status, 7);
    EXPECT_GT(facts.max_rss_kib, 0U);
}

TEST_F(KeeperStarts, ATaskThatDiesOfASignal) {
    ExitFacts facts;
    EXPECT_EQ(run(shell(1, "kill -TERM $$"), &facts), "");
    EXPECT_EQ(facts.code, CLD_KILLED);
    EXPECT_EQ(facts.status, SIGTERM);
}

TEST_F(KeeperStarts, ATaskWithExactlyTheGivenEnvironment) {
    Task task = shell(1, "");
    task.programs = {"/usr/bin/env"};
    task.arguments = {"env"};
    task.environment = {"Z=last", "A=first", "=odd", "NOEQUALS", "A=again"};
    EXPECT_EQ(run(task), "Z=last\nA=first\n=odd\nNOEQUALS\nA=again\n");
}

TEST_F(KeeperStarts, ATaskInItsDirectoryWithTheGivenUmask) {
    Task task = shell(1, "pwd; umask");
    task.directory = "/usr";
    task.umask = 027;
    EXPECT_EQ(run(task), "/usr\n0027\n");
}

TEST_F(KeeperStarts, ATaskInASessionAndProcessGroupOfItsOwn) {
    const std::string fields = run(shell(
        1,
        "read pid name state ppid pgrp session rest </proc/$$/stat; "
        "echo $pid $ppid $pgrp $session"
    ));
    std::istringstream stream(fields);
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    stream >> pid >> parent >> group >> session;
    EXPECT_EQ(group, pid);
    EXPECT_EQ(parent, keeper_.pid());
    EXPECT_EQ(session, pid);
}

// With its keeper in the same session, it would be sent SIGHUP and SIGCONT by the kernel.
TEST_F(KeeperStarts, ATaskThatStaysStoppedWhenTheKeeperDies) {
    Output output;
    std::vector<UniqueFd> descriptors;
    keeper_.first().start(shell(1, "kill -STOP $$; echo went on"), output.write.get());
    std::ignore = keeper_.first().expect<Started>(&descriptors);
    output.write.reset();
    const pid_t task = keeper_.children().at(0);
    const auto state = [&] {
        const Result<Bytes> stat = read_file("/proc/" + std::to_string(task) + "/stat", 4096);
        return stat.has_value() ? stat.value()[stat.value().rfind(')') + 2] : 'X';
    };
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (state() != 'T' && std::chrono::steady_clock::now() < deadline) {
    }
    ::kill(keeper_.pid(), SIGKILL);
    ASSERT_TRUE(keeper_.exit_code().has_value());
    EXPECT_EQ(state(), 'T');
    ::syscall(SYS_pidfd_send_signal, descriptors.at(0).get(), SIGCONT, nullptr, 0U);
    EXPECT_EQ(read_to_end(output.read.get()), "went on\n");
}

TEST_F(KeeperStarts, ATaskWithThreeDescriptorsAndNoMore) {
    ASSERT_EQ(run(shell(1, "true")), "");
    // The shell's own glob holds one more; the list is made by a program of its own.
    Task task = shell(2, "");
    task.programs = {"/bin/ls"};
    task.arguments = {"ls", "/proc/self/fd"};
    EXPECT_EQ(run(task), "0\n1\n2\n3\n");  // 3 is the directory being listed
}

TEST_F(KeeperStarts, ATaskWithOneDescriptionForBothOutputs) {
    const std::string path = keeper_.path("log");
    const UniqueFd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    keeper_.first().start(shell(1, "echo a; echo b >&2; echo c"), log.get());
    std::ignore = keeper_.first().expect<Started>();
    std::ignore = keeper_.first().expect<Exited>();
    EXPECT_EQ(read_file(path, 100).value(), "a\nb\nc\n");
}

std::uint64_t mask_in(const std::string& status, const std::string& name) {
    const std::size_t at = status.find("\n" + name + ":\t");
    return std::stoull(status.substr(at + name.size() + 3), nullptr, 16);
}

TEST_F(KeeperStarts, ATaskWithAnEmptySignalMaskAndWithoutOurDispositions) {
    Task task = shell(1, "");
    task.programs = {"/bin/cat"};
    task.arguments = {"cat", "/proc/self/status"};
    const std::string status = run(task);
    EXPECT_EQ(mask_in(status, "SigBlk"), 0U);
    std::uint64_t expected = mask_in(read_file("/proc/self/status", 10'000).value(), "SigIgn");
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) {
        expected &= ~(std::uint64_t{1} << (number - 1));
    }
    EXPECT_EQ(mask_in(status, "SigIgn"), expected);
}

TEST_F(KeeperStarts, ATaskWithTheLimitOfOpenFilesThatIsAsked) {
    Task task = shell(1, "ulimit -n");
    task.open_files = 123;
    EXPECT_EQ(run(task), "123\n");
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    EXPECT_EQ(run(shell(2, "ulimit -n")), std::to_string(limit.rlim_cur) + "\n");
}

TEST_F(KeeperStarts, ATaskWithAnOomScoreThatIsNotTheKeepers) {
    const auto score_of = [](const std::string& who) {
        return read_file("/proc/" + who + "/oom_score_adj", 100).value();
    };
    const std::string before = score_of(std::to_string(keeper_.pid()));
    Task task = shell(1, "read go; cat /proc/self/oom_score_adj");
    task.oom_score_adj = 321;
    Output output;
    keeper_.first().start(task, output.write.get());
    std::ignore = keeper_.first().expect<Started>(&descriptors_);
    ASSERT_TRUE(write_all(descriptors_.at(1).get(), "go\n").has_value());
    EXPECT_EQ(output.everything(), "321\n");
    EXPECT_EQ(score_of(std::to_string(keeper_.pid())), before);
}

TEST_F(KeeperStarts, ATaskWhoseInputNeverEndsAndCanBeWritten) {
    Output output;
    keeper_.first().start(
        shell(1, "read a; read b; echo $a $b; read c; echo not reached"), output.write.get()
    );
    std::ignore = keeper_.first().expect<Started>(&descriptors_);
    ASSERT_TRUE(write_all(descriptors_.at(1).get(), "one\ntwo\n").has_value());
    char line[8] = {};
    ASSERT_TRUE(read_full(output.read.get(), line, 8).has_value());
    EXPECT_EQ(std::string(line, 8), "one two\n");
    // Our copy is not what keeps it open.
    descriptors_.clear();
    EXPECT_FALSE(readable(output.read.get(), std::chrono::milliseconds(100)));
    keeper_.first().send(Signal{shell(1, "").key, SIGKILL, SignalTarget::group});
    EXPECT_EQ(output.everything(), "");
}

TEST_F(KeeperStarts, ATaskWhoseSpecIsTooLongForOnePacket) {
    Task task = shell(1, "echo ${#LONG}");
    task.environment.push_back("LONG=" + std::string(100'000, 'x'));
    task.in_memfd = true;
    EXPECT_EQ(run(task), "100000\n");
}

TEST_F(KeeperStarts, NothingFromASpecThatCouldStillChange) {
    const std::string spec = shell(1, "true").spec();
    const UniqueFd memfd(::memfd_create("spec", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    ASSERT_TRUE(write_all(memfd.get(), spec).has_value());
    Start request;
    request.key = Key{1, 1, {}};
    request.flags = Start::spec_in_memfd;
    const Output output;
    keeper_.first().send(request, 1, {output.write.get(), memfd.get()});
    const auto failed = keeper_.first().expect<StartFailed>();
    EXPECT_EQ(failed.stage, Stage::prepare);
    EXPECT_EQ(failed.error, EINVAL);
}

TEST_F(KeeperStarts, NothingFromASpecCutOffAnywhere) {
    const std::string spec = shell(1, "true").spec();
    const Output output;
    for (std::size_t size = 0; size < spec.size(); ++size) {
        Start request;
        request.key = Key{size, 1, {}};
        request.spec = {spec.data(), size};
        keeper_.first().send(request, 1, {output.write.get()});
        EXPECT_EQ(keeper_.first().expect<StartFailed>().error, EINVAL) << size;
    }
    EXPECT_THAT(run(shell(1, "echo unharmed")), "unharmed\n");
}

struct Refusal {
    const char* name;
    std::vector<std::string> programs;
    std::string directory;
    Stage stage;
    int error;
};

TEST_F(KeeperStarts, SayWhichStepFailedAndWhy) {
    write_file("script", "echo script\n", 0755);
    write_file("garbage", "#!/no/such/interpreter\n", 0755);
    write_file("plain", "text", 0644);
    const std::string here = keeper_.directory() + "/";
    const std::vector<Refusal> refusals = {
        {"missing program", {"/no/such"}, "/", Stage::execute, ENOENT},
        {"empty program", {""}, "/", Stage::execute, ENOENT},
        {"not executable", {here + "plain"}, "/", Stage::execute, EACCES},
        {"a directory", {"/usr"}, "/", Stage::execute, EACCES},
        {"below a file", {here + "plain/x"}, "/", Stage::execute, ENOTDIR},
        {"a script without its first line", {here + "script"}, "/", Stage::execute, ENOEXEC},
        {"a missing interpreter", {here + "garbage"}, "/", Stage::execute, ENOENT},
        {"denied says more than missing",
         {here + "plain", "/no/such"},
         "/",
         Stage::execute,
         EACCES},
        {"missing directory", {"/bin/sh"}, "/no/such", Stage::directory, ENOENT},
        {"empty directory", {"/bin/sh"}, "", Stage::directory, ENOENT},
        {"a file as directory", {"/bin/sh"}, here + "plain", Stage::directory, ENOTDIR},
    };
    std::uint64_t id = 100;
    for (const Refusal& refusal : refusals) {
        Task task = shell(++id, "echo must not run");
        task.programs = refusal.programs;
        task.directory = refusal.directory;
        const StartFailed failed = run_refused(task);
        EXPECT_EQ(failed.key, task.key) << refusal.name;
        EXPECT_EQ(failed.stage, refusal.stage) << refusal.name;
        EXPECT_EQ(failed.error, refusal.error) << refusal.name;
    }
    EXPECT_EQ(run(shell(1, "echo unharmed")), "unharmed\n");
}

TEST_F(KeeperStarts, RefuseArgumentsThatTheKernelRefuses) {
    Task task = shell(1, std::string(200'000, 'x'));
    task.in_memfd = true;
    const StartFailed failed = run_refused(task);
    EXPECT_EQ(failed.stage, Stage::execute);
    EXPECT_EQ(failed.error, E2BIG);
}

TEST_F(KeeperStarts, TryTheCandidatesInTurn) {
    Task task = shell(1, "echo found");
    task.programs = {"/no/such/sh", "/etc/passwd/sh", "/bin/sh"};
    EXPECT_EQ(run(task), "found\n");
}

TEST_F(KeeperStarts, GiveAScriptThatPathFoundToTheShell) {
    write_file("script", "echo $0 $#: $*\n", 0755);
    Task task = shell(1, "");
    task.programs = {"/no/such/script", keeper_.path("script")};
    task.arguments = {"script", "a", "b"};
    task.flags = Start::scripts_by_shell;
    EXPECT_EQ(run(task), keeper_.path("script") + " 2: a b\n");
}

}  // namespace
}  // namespace pueue::keeper::testing
