// Any conversation with a daemon, and what may happen around it: two bits of policy, then things
// that happen, each a byte that says what, a length or number, and perhaps bytes. Whatever comes,
// the promises of session_world.hpp hold.
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/fuzz/session_world.hpp"

#include <algorithm>

using namespace pueue;

namespace {

class Input {
  public:
    explicit Input(ByteView bytes) : left_(bytes) {}

    [[nodiscard]] bool is_empty() const { return left_.empty(); }
    std::uint8_t byte() {
        if (left_.empty()) {
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return value;
    }
    std::size_t number() {
        const std::size_t low = byte();
        return low | std::size_t{byte()} << 8;
    }
    ByteView bytes(std::size_t size) {
        const ByteView taken = left_.substr(0, size);
        left_.remove_prefix(taken.size());
        return taken;
    }

  private:
    ByteView left_;
};

void let_something_happen(Input& input, fuzz::SessionWorld& world) {
    switch (const std::uint8_t what = input.byte(); what % 16) {
        case 0:
            world.receive(input.bytes(input.byte()));  // of a frame, perhaps
            break;
        case 1:
            world.hang_up();
            break;
        case 2:
            world.pass(std::chrono::seconds(input.number()));
            break;
        case 3: {
            const std::size_t which = input.byte();
            world.end_attempt(which, input.byte());
            break;
        }
        case 4:
            world.replace_keeper(what >= 128);
            break;
        case 5:
            world.stop();
            break;
        default:
            world.receive(wire::frame(input.bytes(input.number())));
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::use_utc();
    Input input(fuzz::view_of(data, size));
    core::Policy policy;
    const std::uint8_t bits = input.byte();
    policy.reuses_ids = (bits & 1U) != 0;
    policy.pause_group_on_failure = (bits & 2U) != 0;
    fuzz::SessionWorld world(policy);
    while (!input.is_empty()) {
        let_something_happen(input, world);
    }
    world.check_state();
    return 0;
}
