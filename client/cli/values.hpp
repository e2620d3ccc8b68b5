// What the text of an argument means: one parser per kind of value, and the complaint for each way
// in which the text is wrong. Pure; the current time is handed in.
#pragma once

#include "client/cli/command_table.hpp"
#include "protocol/base/clock.hpp"
#include "protocol/base/result.hpp"
#include "protocol/wire/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pueue::client::cli {

enum class Shell { bash, elvish, fish, power_shell, zsh, nushell };
enum class WaitTarget { done, success, queued, running };
enum class ColorChoice { automatic, never, always };

// The text of an error is the reason as the usage error shows it.
[[nodiscard]] Result<std::uint64_t> parse_unsigned(std::string_view text);
[[nodiscard]] Result<std::int64_t> parse_signed(std::string_view text);
[[nodiscard]] Result<std::int32_t> parse_priority(std::string_view text);
[[nodiscard]] Result<wire::Signal> parse_signal(std::string_view text);
[[nodiscard]] Result<WaitTarget> parse_wait_target(std::string_view text);

/// Why a value cannot be taken.
struct ValueProblem {
    enum class Kind {
        not_utf8,
        empty,        ///< no value at all, as far as this kind is concerned
        not_allowed,  ///< none of an enumeration's words
        wrong,        ///< for the `reason`
    };
    Kind kind = Kind::wrong;
    std::string reason;
};

/// None if `text` is a value of this kind.
[[nodiscard]] std::optional<ValueProblem> check_value(
    ValueKind kind, std::string_view text, const WallTime& now
);

}  // namespace pueue::client::cli
