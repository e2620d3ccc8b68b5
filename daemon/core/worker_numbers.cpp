#include "daemon/core/worker_numbers.hpp"

#include "protocol/base/result.hpp"

#include <iterator>

namespace pueue::core {

WorkerId WorkerNumbers::smallest_free() const {
    const auto first = runs_.begin();
    return WorkerId{first != runs_.end() && first->first == 0 ? first->second + 1 : 0};
}

void WorkerNumbers::take(WorkerId worker) {
    const std::uint64_t number = worker.value;
    const auto after = runs_.upper_bound(number);
    const auto before = after == runs_.begin() ? runs_.end() : std::prev(after);
    PUEUE_CHECK(before == runs_.end() || before->second < number);
    const bool joins_before = before != runs_.end() && before->second + 1 == number;
    const bool joins_after = after != runs_.end() && after->first == number + 1;
    const std::uint64_t last = joins_after ? after->second : number;
    if (joins_after) {
        runs_.erase(after);
    }
    if (joins_before) {
        before->second = last;
    } else {
        runs_.emplace(number, last);
    }
    ++taken_;
}

void WorkerNumbers::give_back(WorkerId worker) {
    const std::uint64_t number = worker.value;
    const auto after = runs_.upper_bound(number);
    PUEUE_CHECK(after != runs_.begin());
    const auto run = std::prev(after);
    PUEUE_CHECK(number <= run->second);
    const std::uint64_t last = run->second;
    if (run->first == number) {
        runs_.erase(run);
    } else {
        run->second = number - 1;
    }
    if (number < last) {
        runs_.emplace(number + 1, last);
    }
    --taken_;
}

}  // namespace pueue::core
