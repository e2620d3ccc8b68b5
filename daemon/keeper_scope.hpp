// A control group of its own for the keeper, from systemd: a scope. Without one a service's keeper
// lives in the group of the service, and ends with it.
//
// The bus is connected to when a keeper has been started, and let go of when systemd has answered:
// an idle daemon has no connection that could break.
#pragma once

#include <boost/asio/io_context.hpp>

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pueue {

class KeeperScope {
  public:
    /// Called once, from the loop: the process is in the scope, or why it is not.
    using Done = std::function<void(const std::optional<std::string>& failure)>;

    /// `name` ends in ".scope".
    KeeperScope(boost::asio::io_context& loop, std::string name, pid_t process, Done done);
    /// What was not done by then is not heard of.
    ~KeeperScope();
    KeeperScope(const KeeperScope&) = delete;
    KeeperScope& operator=(const KeeperScope&) = delete;

  private:
    struct Conversation;
    std::shared_ptr<Conversation> conversation_;
};

}  // namespace pueue
