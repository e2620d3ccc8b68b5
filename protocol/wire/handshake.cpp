#include "protocol/wire/handshake.hpp"

#include "protocol/base/text.hpp"

namespace pueue::wire {

bool equal_secrets(ByteView theirs, ByteView ours) {
    if (ours.empty() || theirs.size() != ours.size()) {
        return false;
    }
    // The optimiser must not turn the fold into an early exit.
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        difference = static_cast<unsigned char>(difference | (theirs[i] ^ ours[i]));
    }
    return difference == 0;
}

Result<std::string> read_version(ByteView payload) {
    if (payload.empty()) {
        return Error{
            ErrorKind::refused,
            0,
            "Daemon went away after sending secret. Did you use the correct secret?"};
    }
    if (!is_utf8(payload)) {
        return Error{
            ErrorKind::refused, 0, "Daemon sent invalid UTF-8. Did you use the correct secret?"};
    }
    return std::string(payload);
}

}  // namespace pueue::wire
