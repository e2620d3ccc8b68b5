// What one connection does next, decided without I/O (pueued 1.4 and 1.6).
//
//   secret ──right──► request ◄──────────────┐
//     │                  │ well-formed       │ written
//     │ wrong            ├──────► command ───┴► answer
//     ▼                  │ nonsense
//   closing ◄────────────┘
//
// The owner of the stream does what the returned action says and reports back through the on_… of
// that action, until it is Close. Reading fails only by ending the session, so there is no
// on_error.
#pragma once

#include "daemon/server/translate.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/model/environment.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace pueue::server {

/// Read one whole frame, then on_frame, with only the first `kept_bytes_max` bytes of its payload
/// if it is longer. Announced longer than `bytes_max`: close.
struct ReadFrame {
    std::size_t bytes_max = 0;
    std::size_t kept_bytes_max = 0;
    bool operator==(const ReadFrame&) const = default;
};
/// Write this payload as a frame, then on_written.
struct WriteFrame {
    Bytes payload;
    bool operator==(const WriteFrame&) const = default;
};
/// Give the command to the engine, then on_reply with the encoded response.
struct Submit {
    core::Command command;
};
/// Close after this time; `warning` is for the log, empty if there is nothing to say.
struct Close {
    std::chrono::milliseconds delay{0};
    std::string warning;
    bool operator==(const Close&) const = default;
};
using SessionAction = std::variant<ReadFrame, WriteFrame, Submit, Close>;

class SessionFsm {
  public:
    /// All three outlive the session.
    SessionFsm(std::string_view secret, const Lookups& lookups, EnvironmentPool& environments);

    [[nodiscard]] SessionAction start() const;
    [[nodiscard]] SessionAction on_frame(ByteView payload);
    [[nodiscard]] SessionAction on_reply(Bytes payload);
    [[nodiscard]] SessionAction on_written();

    /// Until the right secret has come, the session is under the handshake's deadline.
    [[nodiscard]] bool is_trusted() const { return is_trusted_; }

  private:
    [[nodiscard]] SessionAction on_secret(ByteView secret);
    [[nodiscard]] SessionAction on_request(ByteView payload);

    std::string_view secret_;
    const Lookups& lookups_;
    EnvironmentPool& environments_;
    bool is_trusted_ = false;
    bool closes_after_write_ = false;
};

}  // namespace pueue::server
