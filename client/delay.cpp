#include "client/delay.hpp"

#include "client/cli/values.hpp"

namespace pueue::client {

Result<WallTime> parse_delay(std::string_view text, const WallTime& now) {
    const auto seconds = cli::parse_signed(text);
    if (seconds.has_error()) {
        return invalid("could not parse as seconds or date expression");
    }
    return WallTime{now.seconds + *seconds, now.nanoseconds};
}

}  // namespace pueue::client
