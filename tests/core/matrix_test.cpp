// Every request on a task in every status: what becomes of it, and whether the request counts it
// (pueued 5.11). A row is a request, a column a status.
#include "tests/core/scheduler_fixture.hpp"

#include <array>
#include <functional>

namespace pueue::core {
namespace {

enum class From { queued, stashed, locked, running, paused, done };

constexpr std::array<From, 6> every_status{
    From::queued, From::stashed, From::locked, From::running, From::paused, From::done};

std::string name_of(From from) {
    constexpr std::array<const char*, 6> names{
        "Queued", "Stashed", "Locked", "Running", "Paused", "Done"};
    return names.at(static_cast<std::size_t>(from));
}

/// What the status is afterwards, without its times; "Stashed+" has one. "gone" if the task is.
std::string outcome(const Task* task) {
    if (task == nullptr) {
        return "gone";
    }
    if (const auto* stashed = task->status.get_if<Stashed>()) {
        return stashed->enqueue_at ? "Stashed+" : "Stashed";
    }
    constexpr std::array<const char*, 6> names{
        "Locked", "Stashed", "Queued", "Running", "Paused", "Done"};
    return names.at(task->status.index());
}

struct Row {
    std::string request;
    std::function<Event(std::vector<TaskId>)> make;
    /// In the order of every_status: the status afterwards; with a "!" in front if the request is
    /// refused for this task.
    std::array<std::string, 6> expected;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.request;
}

EditableFields any_fields() {
    return {"x", "x", "/", std::nullopt, 0};
}

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {"start",
         [](auto ids) { return start(ids); },
         {"Running", "Running", "!Locked", "!Running", "Running", "!Done"}},
        {"pause",
         [](auto ids) { return pause(ids); },
         {"!Queued", "!Stashed", "!Locked", "Paused", "!Paused", "!Done"}},
        {"kill",
         [](auto ids) { return kill(ids); },
         {"!Queued", "!Stashed", "!Locked", "Running", "Paused", "!Done"}},
        {"stash",
         [](auto ids) { return stash(ids); },
         {"Stashed", "Stashed", "Stashed", "!Running", "!Paused", "!Done"}},
        {"stash until",
         [](auto ids) { return stash_until(99s, "", ids); },
         {"Stashed+", "Stashed", "Stashed+", "!Running", "!Paused", "!Done"}},
        {"enqueue",
         [](auto ids) { return enqueue(ids); },
         {"Queued", "Queued", "Queued", "!Running", "!Paused", "!Done"}},
        {"enqueue at",
         [](auto ids) { return enqueue_at(99s, "", ids); },
         {"!Queued", "Stashed+", "Stashed+", "!Running", "!Paused", "!Done"}},
        {"remove",
         [](auto ids) { return remove(ids); },
         {"gone", "gone", "gone", "!Running", "!Paused", "gone"}},
        {"clean",
         [](auto) { return ask(Clean{}); },
         {"Queued", "Stashed", "Locked", "Running", "Paused", "gone"}},
        {"restart",
         [](auto ids) {
             return ask(Restart{{{ids[0], any_fields()}}, false, false});
         },
         {"!Queued", "!Stashed", "!Locked", "!Running", "!Paused", "Queued"}},
        {"edit",
         [](auto ids) { return ask(EditRequest{ids}); },
         {"Locked", "Locked", "!Locked", "!Running", "!Paused", "!Done"}},
        {"edited",
         [](auto ids) {
             return ask(EditedTasks{{{ids[0], any_fields()}}});
         },
         {"!Queued", "!Stashed", "Queued", "!Running", "!Paused", "!Done"}},
        {"edit restore",
         [](auto ids) { return ask(EditRestore{ids}); },
         {"!Queued", "!Stashed", "Queued", "!Running", "!Paused", "!Done"}},
        {"env set",
         [](auto ids) {
             return ask(EnvSet{ids[0], "A", "b"});
         },
         {"Queued", "Stashed", "!Locked", "!Running", "!Paused", "!Done"}},
        {"switch",
         [](auto ids) {
             return ask(Switch{ids[0], ids[0]});
         },
         {"!Queued", "!Stashed", "!Locked", "!Running", "!Paused", "!Done"}},
        {"start of the group",
         [](auto) { return start("work"); },
         {"Running", "Stashed", "Locked", "Running", "Running", "Done"}},
        {"pause of the group",
         [](auto) { return pause("work"); },
         {"Queued", "Stashed", "Locked", "Paused", "Paused", "Done"}},
        {"stash of the group",
         [](auto) { return stash("work"); },
         {"Stashed", "Stashed", "Stashed", "Running", "Paused", "Done"}},
        {"enqueue of the group",
         [](auto) { return enqueue("work"); },
         {"Queued", "Queued", "Queued", "Running", "Paused", "Done"}},
    };
    return all;
}

class MatrixTest : public SchedulerTest, public ::testing::WithParamInterface<Row> {
  protected:
    /// Task 0, in a paused group of its own, brought into this status. Task 1 is stashed there.
    void put(From from) {
        restart({});
        given({ask(group_add("work")), pause("work")});
        given({add("x").in("work"), add("y").in("work").stashed()});
        switch (from) {
            case From::queued:
                break;
            case From::stashed:
                given({stash(ids({0}))});
                break;
            case From::locked:
                given({ask(EditRequest{ids({0})})});
                break;
            case From::running:
                given({start(ids({0}))});
                break;
            case From::paused:
                given({start(ids({0})), pause(ids({0}))});
                break;
            case From::done:
                given({start(ids({0}))});
                given({exited(0, code(0))});
                break;
        }
    }
};

TEST_P(MatrixTest, EveryStatus) {
    const Row& row = GetParam();
    for (const From from : every_status) {
        put(from);
        Decision d = at(1s, row.make(ids({0})));
        const std::string status = outcome(state().task(id(0)));
        if (d.actions.empty() || !std::holds_alternative<Reply>(d.actions.back())) {
            // The answer waits for the process.
            const Event event =
                d.records.empty() ? exited(0, signal(9)) : Event(ChildStarted{key(0)});
            d = at(2s, event);
        }
        ASSERT_FALSE(d.actions.empty());
        const auto& reply = std::get<Reply>(d.actions.back());
        const bool is_refused = std::holds_alternative<FailureReply>(reply.answer);
        EXPECT_EQ((is_refused ? "!" : "") + status, row.expected.at(static_cast<std::size_t>(from)))
            << row.request << " of a " << name_of(from) << " task";
    }
}

INSTANTIATE_TEST_SUITE_P(
    Requests,
    MatrixTest,
    ::testing::ValuesIn(rows()),
    [](const auto& instance) {
        std::string name = instance.param.request;
        std::replace(name.begin(), name.end(), ' ', '_');
        return name;
    }
);

}  // namespace
}  // namespace pueue::core
