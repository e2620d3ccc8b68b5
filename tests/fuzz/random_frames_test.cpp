// Frames without end: recorded requests, most with a few bytes changed, and pure chance, while
// processes end, keepers are replaced and time passes. PUEUE_RANDOM_FRAMES says how many.
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/fuzz/mutator.hpp"
#include "tests/fuzz/seeds.hpp"
#include "tests/fuzz/session_world.hpp"

#include <gtest/gtest.h>

#include <malloc.h>

#include <cstdlib>
#include <string>
#include <vector>

// Of the address sanitizer, where it is there: it has an allocator of its own.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace pueue::fuzz {
namespace {

constexpr std::uint64_t frames_in_a_life = 400;

std::size_t live_bytes() {
    if (__sanitizer_get_current_allocated_bytes != nullptr) {
        return __sanitizer_get_current_allocated_bytes();
    }
    const struct mallinfo2 heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

std::uint64_t wanted_frames() {
    const char* given = std::getenv("PUEUE_RANDOM_FRAMES");
    return given == nullptr ? 100'000 : std::stoull(given);
}

Bytes random_frame(Mutator& mutator) {
    const std::size_t kind = mutator.below(20);
    if (kind == 0) {
        Bytes noise(mutator.below(64), '\0');
        for (char& byte : noise) {
            byte = static_cast<char>(mutator.below(256));
        }
        return noise;  // with a length that means nothing
    }
    Bytes frame = wire::frame(kind < 6 ? mutator.unchanged() : mutator.next());
    if (kind == 1) {
        frame.resize(mutator.below(frame.size() + 1));
    }
    return frame;
}

void let_something_happen(Mutator& mutator, SessionWorld& world) {
    switch (mutator.below(60)) {
        case 0:
            world.hang_up();
            break;
        case 1:
            world.replace_keeper(mutator.below(4) == 0);
            break;
        case 2:
            world.stop();
            break;
        case 3:
        case 4:
            world.pass(std::chrono::seconds(mutator.below(100)));
            break;
        default:
            if (mutator.below(4) == 0) {
                const std::size_t which = mutator.below(8);
                world.end_attempt(which, static_cast<int>(mutator.below(3)));
            }
    }
}

// One daemon and its clients, from the first frame to the last.
Tally live(Mutator& mutator) {
    core::Policy policy;
    policy.reuses_ids = mutator.below(2) == 0;
    policy.pause_all_on_failure = mutator.below(8) == 0;
    SessionWorld world(policy);
    for (std::uint64_t i = 0; i < frames_in_a_life; ++i) {
        world.receive(random_frame(mutator));
        let_something_happen(mutator, world);
    }
    world.check_state();
    return world.tally();
}

TEST(RandomFrames, LeaveTheDaemonAsItPromisedAndNothingBehind) {
    use_utc();
    std::vector<Bytes> requests = seeds();
    std::erase_if(requests, [](const Bytes& seed) { return seed.size() > 2000; });
    ASSERT_GT(requests.size(), 100U);
    Mutator mutator(requests);
    Tally tally = live(mutator);  // what is made once is made
    const std::size_t before = live_bytes();
    const std::uint64_t frames = wanted_frames();
    for (std::uint64_t done = 0; done < frames; done += frames_in_a_life) {
        tally += live(mutator);
    }
    const std::size_t after = live_bytes();
    EXPECT_LT(after, before + 64 * 1024);
    // Enough of it got far enough to do something.
    EXPECT_GT(tally.answers, frames / 10);
    EXPECT_GT(tally.answers - tally.refusals, frames / 25);
    EXPECT_GT(tally.hung_up_on, frames / 10);
    EXPECT_GT(tally.starts, frames / 1000);
}

}  // namespace
}  // namespace pueue::fuzz
