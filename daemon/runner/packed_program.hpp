// From a Program to the messages that make the keeper execute it.
#pragma once

#include "daemon/keeper/messages.hpp"
#include "daemon/runner/runner.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/result.hpp"

#include <sys/types.h>

#include <cstdint>

namespace pueue::runner {

/// What processes inherit besides what a Program says. Taken from this process before it changes
/// anything.
struct Inherited {
    mode_t umask = 022;
    std::uint64_t open_files = 0;  ///< soft limit

    [[nodiscard]] static Inherited of_process();
};

struct PackedProgram {
    Bytes spec;      ///< goes into the message, unless
    UniqueFd memfd;  ///< it is so large that it goes beside it

    /// Into a Start or a Run, which shows bytes of this.
    template <class Message>
    void put_into(Message& message) const {
        message.spec = {spec.data(), spec.size()};
        message.flags |= memfd ? keeper::Start::spec_in_memfd : 0U;
    }
};

/// Error: `os_error` is why it cannot be executed.
[[nodiscard]] Result<PackedProgram> pack(const Program& program);

}  // namespace pueue::runner
