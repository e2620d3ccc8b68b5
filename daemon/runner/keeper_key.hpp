// The name of an attempt, in the keeper's terms and in ours.
#pragma once

#include "daemon/keeper/messages.hpp"
#include "protocol/model/ids.hpp"

#include <algorithm>
#include <iterator>

namespace pueue::runner {

[[nodiscard]] inline keeper::Key to_keeper(const AttemptKey& key) {
    keeper::Key converted{key.task.value, key.attempt.value, {}};
    std::copy(key.run.value.begin(), key.run.value.end(), converted.run.bytes);
    return converted;
}

[[nodiscard]] inline AttemptKey from_keeper(const keeper::Key& key) {
    AttemptKey converted{TaskId{key.task}, AttemptNumber{key.attempt}, {}};
    std::copy(std::begin(key.run.bytes), std::end(key.run.bytes), converted.run.value.begin());
    return converted;
}

}  // namespace pueue::runner
