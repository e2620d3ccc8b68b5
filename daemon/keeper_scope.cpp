#include "daemon/keeper_scope.hpp"

#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <systemd/sd-bus.h>

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <utility>

namespace pueue {

namespace asio = boost::asio;

namespace {

constexpr const char* destination = "org.freedesktop.systemd1";
constexpr const char* path = "/org/freedesktop/systemd1";
constexpr const char* interface = "org.freedesktop.systemd1.Manager";

constexpr std::chrono::seconds patience{5};
constexpr std::uint64_t stop_patience_us = 10'000'000;

// The unit that this process is in tells who manages it.
bool is_in_user_manager() {
    const Result<Bytes> groups = read_file("/proc/self/cgroup", std::size_t{64} * 1024);
    return groups.has_value() && groups.value().find("/user@") != std::string::npos;
}

// An OOM kill among the tasks must not end them all, and there may be many of them.
int append_properties(sd_bus_message* call, pid_t process) {
    int result = sd_bus_message_open_container(call, 'a', "(sv)");
    const auto add = [&](const char* name, const char* types, auto... values) {
        if (result >= 0) {
            result = sd_bus_message_append(call, "(sv)", name, types, values...);
        }
    };
    add("Description", "s", "Tasks of pueue");
    add("PIDs", "au", 1, static_cast<std::uint32_t>(process));
    add("Slice", "s", "pueue.slice");
    add("Delegate", "b", 1);
    add("OOMPolicy", "s", "continue");
    add("CollectMode", "s", "inactive-or-failed");
    add("TasksMax", "t", UINT64_MAX);
    add("TimeoutStopUSec", "t", stop_patience_us);
    return result < 0 ? result : sd_bus_message_close_container(call);
}

}  // namespace

// Owned by the scope; handlers that are still to come hold it weakly.
struct KeeperScope::Conversation : std::enable_shared_from_this<Conversation> {
    Conversation(asio::io_context& the_loop, std::string the_name, Done the_done)
        : loop(the_loop),
          name(std::move(the_name)),
          done(std::move(the_done)),
          descriptor(the_loop),
          limit(the_loop) {}
    ~Conversation() {
        if (descriptor.is_open()) {
            descriptor.release();  // the bus closes it
        }
        sd_bus_close_unref(bus);
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    void begin(pid_t process) {
        const int result = open_and_ask(process);
        if (result < 0) {
            finish("the bus: " + describe_os_error(-result));
            return;
        }
        descriptor.assign(sd_bus_get_fd(bus));
        limit.expires_after(patience);
        limit.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
            if (const auto self = weak.lock(); self && !ec) {
                self->finish("systemd does not answer");
            }
        });
        go_on();
    }

    int open_and_ask(pid_t process) {
        int result = is_in_user_manager() ? sd_bus_open_user(&bus) : sd_bus_open_system(&bus);
        if (result >= 0) {
            result = sd_bus_match_signal_async(
                bus, nullptr, destination, path, interface, "JobRemoved", on_removed, nullptr, this
            );
        }
        sd_bus_message* call = nullptr;
        if (result >= 0) {
            result = sd_bus_message_new_method_call(
                bus, &call, destination, path, interface, "StartTransientUnit"
            );
        }
        if (result >= 0) {
            result = sd_bus_message_append(call, "ss", name.c_str(), "fail");
        }
        if (result >= 0) {
            result = append_properties(call, process);
        }
        if (result >= 0) {
            result = sd_bus_message_append(call, "a(sa(sv))", 0);
        }
        if (result >= 0) {
            result = sd_bus_call_async(bus, nullptr, call, on_reply, this, 0);
        }
        sd_bus_message_unref(call);
        return result;
    }

    static int on_reply(sd_bus_message* reply, void* self, sd_bus_error* /*error*/) {
        if (const sd_bus_error* refusal = sd_bus_message_get_error(reply)) {
            const char* text = refusal->message == nullptr ? refusal->name : refusal->message;
            static_cast<Conversation*>(self)->finish(std::string("systemd: ") + text);
        }
        return 0;  // a job was made; its end is another message
    }

    static int on_removed(sd_bus_message* signal, void* self, sd_bus_error* /*error*/) {
        std::uint32_t id = 0;
        const char* job = nullptr;
        const char* unit = nullptr;
        const char* result = nullptr;
        auto* conversation = static_cast<Conversation*>(self);
        if (sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) >= 0 &&
            conversation->name == unit) {
            const std::string how = result;
            conversation->finish(
                how == "done" ? std::nullopt : std::optional("systemd: the job is " + how)
            );
        }
        return 0;
    }

    // Until nothing is to be done at once; then until the descriptor says so.
    void go_on() {
        int result = 1;
        while (result > 0 && done) {
            result = sd_bus_process(bus, nullptr);
        }
        if (!done) {
            return;
        }
        const int events = result < 0 ? result : sd_bus_get_events(bus);
        if (events < 0) {
            finish("the bus: " + describe_os_error(-events));
            return;
        }
        wait_for(asio::posix::stream_descriptor::wait_read, waits_for_read);
        if ((events & POLLOUT) != 0) {
            wait_for(asio::posix::stream_descriptor::wait_write, waits_for_write);
        }
    }

    void wait_for(asio::posix::stream_descriptor::wait_type type, bool& waits) {
        if (std::exchange(waits, true)) {
            return;
        }
        const auto on_event = [weak = weak_from_this(), &waits](const auto& ec) {
            if (const auto self = weak.lock(); self && !ec) {
                waits = false;
                self->go_on();
            }
        };
        descriptor.async_wait(type, on_event);
    }

    void finish(std::optional<std::string> failure) {
        limit.cancel();
        if (done) {
            asio::post(loop, [tell = std::exchange(done, nullptr), why = std::move(failure)] {
                tell(why);
            });
        }
    }

    asio::io_context& loop;
    std::string name;
    Done done;
    sd_bus* bus = nullptr;
    asio::posix::stream_descriptor descriptor;
    asio::steady_timer limit;
    bool waits_for_read = false;
    bool waits_for_write = false;
};

KeeperScope::KeeperScope(asio::io_context& loop, std::string name, pid_t process, Done done)
    : conversation_(std::make_shared<Conversation>(loop, std::move(name), std::move(done))) {
    conversation_->begin(process);
}

KeeperScope::~KeeperScope() = default;

}  // namespace pueue
