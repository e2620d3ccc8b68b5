// Bytes of a growing file as text: what is no UTF-8 becomes U+FFFD, what is only cut waits for the
// rest.
#pragma once

#include "protocol/base/bytes.hpp"

#include <string>

namespace pueue::server {

class LossyUtf8 {
  public:
    /// The text of what came so far, but for a sequence that the next bytes may complete.
    [[nodiscard]] std::string feed(ByteView bytes);
    /// What is left of an incomplete sequence when nothing will follow.
    [[nodiscard]] std::string finish();

  private:
    Bytes pending_;
};

}  // namespace pueue::server
