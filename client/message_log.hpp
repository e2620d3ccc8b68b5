// Writes what crosses the connection to the log, at -vv.
#pragma once

#include "client/connection.hpp"
#include "client/log.hpp"

namespace pueue::client {

class MessageLog final : public Observer {
  public:
    /// `log` outlives this.
    explicit MessageLog(const Log& log) : log_(log) {}

    void sending(const wire::Request& request) override;
    void receiving_large(std::uint64_t bytes) override;
    void received(const wire::Response& response) override;

  private:
    const Log& log_;
};

}  // namespace pueue::client
