#include "daemon/server/log_follower.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace pueue::server {

namespace asio = boost::asio;

namespace {

constexpr std::size_t piece_bytes_max = std::size_t{256} * 1024;

// IN_ATTRIB: the removal of an open file changes its count of links and nothing else.
constexpr std::uint32_t watched = IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

LogFollower::LogFollower(asio::io_context& loop, FollowedLog log, std::function<void()> changed)
    : log_(std::move(log)), changed_(std::move(changed)) {
    UniqueFd events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (events && ::inotify_add_watch(events.get(), log_.path.c_str(), watched) >= 0) {
        events_ = std::make_unique<asio::posix::stream_descriptor>(loop);
        events_->assign(events.release());
        watch();
    }
}

LogFollower::~LogFollower() = default;

void LogFollower::watch() {
    const std::weak_ptr<int> weak = alive_;
    const auto on_event = [this, weak](const boost::system::error_code& ec) {
        if (ec || weak.expired()) {
            return;
        }
        std::array<char, 4096> events{};
        while (::read(events_->native_handle(), events.data(), events.size()) > 0) {
        }
        watch();
        changed_();
    };
    events_->async_wait(asio::posix::stream_descriptor::wait_read, on_event);
}

std::optional<std::string> LogFollower::read(bool is_last) {
    for (;;) {
        Bytes piece(piece_bytes_max, '\0');
        ssize_t n = -1;
        do {
            n = ::pread(
                log_.file.get(), piece.data(), piece.size(), static_cast<off_t>(log_.offset)
            );
        } while (n < 0 && errno == EINTR);
        error_ = n < 0 ? errno : 0;
        if (n <= 0) {
            std::string rest = is_last ? decoder_.finish() : std::string();
            return rest.empty() ? std::nullopt : std::optional(std::move(rest));
        }
        log_.offset += static_cast<std::uint64_t>(n);
        std::string text = decoder_.feed(ByteView(piece).substr(0, static_cast<std::size_t>(n)));
        if (!text.empty()) {
            return text;
        }
    }
}

bool LogFollower::is_gone() const {
    struct stat by_name {};
    return ::stat(log_.path.c_str(), &by_name) != 0;
}

}  // namespace pueue::server
