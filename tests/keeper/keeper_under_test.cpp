#include "tests/keeper/keeper_under_test.hpp"

#include "daemon/keeper/packet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

namespace pueue::keeper::testing {

namespace {

UniqueFd above_low_numbers(int descriptor) {
    return UniqueFd(::fcntl(descriptor, F_DUPFD_CLOEXEC, 20));
}

UniqueFd sealed_memfd(const std::string& content) {
    UniqueFd file(::memfd_create("spec", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    EXPECT_TRUE(write_all(file.get(), content).has_value());
    ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return file;
}

pid_t spawn_keeper(int directory, int socket, int idle_seconds) {
    const UniqueFd high_directory = above_low_numbers(directory);
    const UniqueFd high_socket = above_low_numbers(socket);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, high_directory.get(), directory_fd);
    ::posix_spawn_file_actions_adddup2(&actions, high_socket.get(), first_connection_fd);
    std::string name = process_name;
    std::string mode = mode_argument;
    std::string idle = std::to_string(idle_seconds);
    char* arguments[] = {name.data(), mode.data(), idle.data(), nullptr};
    char* environment[] = {nullptr};
    pid_t pid = -1;
    EXPECT_EQ(::posix_spawn(&pid, KEEPER_PROCESS, &actions, nullptr, arguments, environment), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
}

}  // namespace

bool readable(int descriptor, std::chrono::milliseconds limit) {
    pollfd wanted{descriptor, POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(limit.count())) == 1;
}

std::string read_to_end(int descriptor) {
    std::string all;
    char buffer[4096];
    for (;;) {
        if (!readable(descriptor)) {
            ADD_FAILURE() << "no end of file within the patience, read so far: " << all;
            return all;
        }
        const ssize_t size = ::read(descriptor, buffer, sizeof buffer);
        if (size <= 0) {
            return all;
        }
        all.append(buffer, static_cast<std::size_t>(size));
    }
}

std::string Task::spec() const {
    const SpecHeader counts{
        static_cast<std::uint32_t>(programs.size()),
        static_cast<std::uint32_t>(arguments.size()),
        static_cast<std::uint32_t>(environment.size())};
    std::string bytes(spec_header_bytes, '\0');
    Writer writer(bytes.data(), bytes.size());
    SpecHeader::fields(writer, counts);
    for (const auto* list : {&programs, &arguments, &environment}) {
        for (const std::string& text : *list) {
            bytes += text;
            bytes += '\0';
        }
    }
    bytes += directory;
    bytes += '\0';
    return bytes;
}

Task shell(std::uint64_t id, const std::string& script) {
    Task task;
    task.key.task = id;
    task.arguments = {"sh", "-c", script};
    task.environment = {"PATH=/usr/bin:/bin"};
    return task;
}

void Connection::send_bytes(const std::string& bytes, const std::vector<int>& descriptors) const {
    const auto count = static_cast<int>(descriptors.size());
    for (;;) {
        const Transfer sent =
            keeper::send(socket_.get(), bytes.data(), bytes.size(), descriptors.data(), count);
        if (sent != Transfer::would_block) {
            return;  // a keeper that has gone is noticed by the next receive
        }
        pollfd wanted{socket_.get(), POLLOUT, 0};
        ASSERT_EQ(::poll(&wanted, 1, 20'000), 1);
    }
}

void Connection::start(const Task& task, int log) const {
    const std::string spec = task.spec();
    Start request{
        task.key,
        task.flags,
        task.umask,
        task.open_files,
        task.oom_score_adj,
        {spec.data(), spec.size()}};
    if (!task.in_memfd) {
        return send(request, task.key.task, {log});
    }
    const UniqueFd memfd = sealed_memfd(spec);
    request.flags |= Start::spec_in_memfd;
    request.spec = {};
    send(request, task.key.task, {log, memfd.get()});
}

std::optional<Received> Connection::receive() const {
    if (!readable(socket_.get())) {
        ADD_FAILURE() << "nothing received within the patience";
        return std::nullopt;
    }
    const auto packet = std::make_unique<Packet>();
    if (keeper::receive(socket_.get(), *packet) != Transfer::done) {
        return std::nullopt;
    }
    Received received;
    received.packet.assign(packet->bytes, packet->size);
    for (int i = 0; i < packet->descriptor_count; ++i) {
        received.descriptors.emplace_back(packet->descriptors[i]);
    }
    EXPECT_TRUE(decode_header(received.packet.data(), received.packet.size(), received.header));
    return received;
}

Welcome Connection::greet() const {
    send(Hello{1, 1, ::getpid()});
    return expect<Welcome>();
}

KeeperUnderTest::KeeperUnderTest(int idle_seconds) {
    ::signal(SIGPIPE, SIG_IGN);  // writing to what is gone is a failure of the test, not its end
    directory_ = ::testing::TempDir() + "keeper-XXXXXX";
    EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
    const UniqueFd directory(::open(directory_.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    first_ = Connection(UniqueFd(ends[0]));
    const UniqueFd other(ends[1]);
    pid_ = spawn_keeper(directory.get(), other.get(), idle_seconds);
    process_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0U)));
    EXPECT_EQ(first_.greet().pid, pid_);
    first_.send(Inventory{});
    std::ignore = first_.expect<InventoryEnd>();
}

KeeperUnderTest::~KeeperUnderTest() {
    if (!exit_code_) {
        for (const pid_t child : children()) {
            ::kill(child, SIGKILL);
        }
        ::kill(pid_, SIGKILL);
        std::ignore = exit_code();
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

Connection KeeperUnderTest::connect() const {
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("control").copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0
    );
    return Connection(std::move(socket));
}

std::optional<int> KeeperUnderTest::exit_code() {
    if (!exit_code_ && readable(process_.get())) {
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
        exit_code_ = info.si_status;
    }
    return exit_code_;
}

std::string KeeperUnderTest::status(const std::string& name) const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + ":\t")) {
            return line.substr(name.size() + 2);
        }
    }
    return "";
}

std::vector<pid_t> KeeperUnderTest::children() const {
    const std::string pid = std::to_string(pid_);
    std::ifstream file("/proc/" + pid + "/task/" + pid + "/children");
    std::vector<pid_t> found;
    for (pid_t child = 0; file >> child;) {
        found.push_back(child);
    }
    return found;
}

Output::Output() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
}

std::string Output::everything() {
    write.reset();
    return read_to_end(read.get());
}

}  // namespace pueue::keeper::testing
