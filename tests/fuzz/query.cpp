// Any text as a query: one that chooses from the tasks there are, or a report.
#include "client/view/query.hpp"

#include "tests/fuzz/fuzz_target.hpp"

#include <array>

using namespace pueue;

namespace {

constexpr WallTime now{1'705'320'000, 0};

Task task(std::uint64_t id, TaskStatus status) {
    auto spec = std::make_shared<TaskSpec>();
    spec->command = spec->original_command = "sleep 6";
    spec->path = "/tmp";
    spec->group = "default";
    spec->environment = Environment::empty();
    if (id % 2 == 0) {
        spec->label = "a label";
    }
    Task task;
    task.id = TaskId{id};
    task.spec = std::move(spec);
    task.status = std::move(status);
    return task;
}

const std::array<Task, 6>& tasks() {
    static const std::array<Task, 6> all = {
        task(0, Stashed{}),
        task(1, Stashed{now}),
        task(2, Queued{now}),
        task(3, Running{now, now}),
        task(4, Done{now, now, now, Success{}}),
        task(5, Done{now, now, now, Failed{3}})};
    return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::use_utc();
    const auto query = client::Query::parse(fuzz::view_of(data, size), now);
    if (query.has_error()) {
        PUEUE_CHECK(!query.error().messages.empty());
        return 0;
    }
    std::vector<const Task*> all;
    for (const Task& one : tasks()) {
        all.push_back(&one);
    }
    PUEUE_CHECK(query->apply(all).size() <= all.size());
    return 0;
}
