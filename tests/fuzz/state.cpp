// Any bytes as a state file: a state that is the same when it is written and read again, that its
// restoring makes records of which fit each other, or an error.
#include "daemon/core/apply.hpp"
#include "daemon/core/invariants.hpp"
#include "daemon/state_file/restore.hpp"
#include "daemon/state_file/state_json.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace pueue;

namespace {

Bytes written(const state_file::Content& content) {
    State state;
    state.tasks = content.tasks;
    state.groups = content.groups;
    Bytes text;
    const Result<> done = state_file::encode(state, "00", [&](ByteView piece) -> Result<> {
        text += piece;
        return {};
    });
    PUEUE_CHECK(done.has_value());
    return text;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::use_utc();
    EnvironmentPool pool;
    const Result<state_file::Content> content =
        state_file::decode(Bytes(fuzz::view_of(data, size)), pool);
    if (content.has_error()) {
        PUEUE_CHECK(!content.error().text.empty());
        return 0;
    }
    const Result<state_file::Content> again = state_file::decode(written(*content), pool);
    PUEUE_CHECK(again.has_value());
    PUEUE_CHECK(again->tasks == content->tasks && again->groups == content->groups);

    State state;
    for (const core::Record& record : state_file::import_records(*content, Now{})) {
        core::apply(state, record);
    }
    PUEUE_CHECK(core::broken_invariants(state).empty());
    return 0;
}
