// Payloads of frames <-> messages, both directions side by side.
//
// Decoding is total: any bytes give a message or an error, and the error says what the other side
// of the original would say. Encoding cannot fail; it makes the bytes that the original makes,
// except that environments are sorted where the original's are in random order. Bytes behind a
// message are ignored. The encoders for the daemon read its state where it lies, in one pass.
#pragma once

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/state.hpp"
#include "protocol/wire/message.hpp"

#include <boost/system/result.hpp>

#include <map>
#include <optional>
#include <span>
#include <string>

namespace pueue::wire {

/// Why bytes are no message. How a daemon reacts depends on the first member (pueued 1.6).
struct DecodeError {
    /// They are CBOR all the same: a request of another version, say.
    bool is_well_formed = false;
    /// Upstream's, in Rust's Debug form: `Semantic(None, "missing field `tasks`")`.
    std::string text;

    bool operator==(const DecodeError&) const = default;
    // For callers to whom one error is as good as another.
    // NOLINTNEXTLINE(google-explicit-constructor)
    operator Error() const { return invalid(text); }
};

// As for Error: value() of an error is a bug of the caller.
[[noreturn]] void throw_exception_from_error(
    const DecodeError& error, const boost::source_location& where
);

template <class T>
using Decoded = boost::system::result<T, DecodeError>;

/// With a pool, environments are interned in it.
[[nodiscard]] Decoded<Request> decode_request(ByteView payload, EnvironmentPool* pool = nullptr);
/// Equal environments within one response are one object, pool or not.
[[nodiscard]] Decoded<Response> decode_response(ByteView payload, EnvironmentPool* pool = nullptr);

[[nodiscard]] Bytes encode_request(const Request& request);
[[nodiscard]] Bytes encode_response(const Response& response);

/// As encode_response of a StatusResponse: tasks with the environment that visible_worker()
/// implies.
[[nodiscard]] Bytes encode_status_response(const State& state);

[[nodiscard]] Bytes encode_group_response(const std::map<std::string, Group, std::less<>>& groups);

/// A task and its output where they lie.
struct TaskLogView {
    const Task& task;
    bool output_complete = true;
    std::optional<ByteView> output;  ///< a snappy frame stream (snappy_frame.hpp)
};
/// Requires: ascending ids, each once.
[[nodiscard]] Bytes encode_log_response(std::span<const TaskLogView> tasks);

}  // namespace pueue::wire
