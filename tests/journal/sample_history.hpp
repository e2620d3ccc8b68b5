// Decisions to write and read back: one list that a State can really go through, and one of every
// kind of record.
#pragma once

#include "daemon/core/apply.hpp"
#include "daemon/core/record.hpp"
#include "protocol/model/state.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pueue::journal::sample {

using Decision = std::vector<core::Record>;

inline RunId run_id(std::uint8_t number) {
    RunId run;
    run.value.back() = number;
    return run;
}

inline TaskSpecPtr spec(std::string command, EnvironmentPtr environment) {
    TaskSpec made;
    made.original_command = command;
    made.command = std::move(command);
    made.path = "/tmp";
    made.environment = std::move(environment);
    made.group = "default";
    return std::make_shared<const TaskSpec>(std::move(made));
}

inline core::TaskAdded added(std::uint64_t id, std::string command, EnvironmentPtr environment) {
    core::TaskAdded record;
    record.id = {id};
    record.run = run_id(static_cast<std::uint8_t>(id));
    record.created_at = {1700000000 + static_cast<std::int64_t>(id), 5};
    record.spec = spec(std::move(command), std::move(environment));
    return record;
}

inline core::AttemptStarted started(std::uint64_t id) {
    return {{id}, {1}, {0}, {1700000000, 0}, {1700000050, 0}};
}

inline core::TaskFinished finished(std::uint64_t id, TaskResult result) {
    return {{id}, {1700000050, 0}, {1700000060, 999999999}, std::move(result)};
}

/// What happened in a small, complete life, after the creation of the store.
inline std::vector<Decision> history() {
    const EnvironmentPtr home = Environment::of({{"HOME", "/root"}, {"PATH", "/bin"}});
    const EnvironmentPtr other = Environment::of({{"HOME", "/home/a"}});
    return {
        {core::KeeperAdopted{{{7, 7, 7}}}},
        {added(0, "make", home), started(0)},
        {core::GroupAdded{"gpu", 2}},
        {added(1, "make test", home)},
        {core::TaskPaused{{0}}},
        {core::TaskResumed{{0}}},
        {finished(0, Success{}), started(1)},
        {added(2, "run", other), added(3, "run again", home)},
        {finished(1, Failed{2}), core::GroupStatusSet{"default", GroupStatus::paused}},
        {core::VariableSet{{2}, "NAME", "value"}},
        {core::TasksRemoved{{{0}, {1}}}},
        {core::GroupRemoved{"gpu"}},
    };
}

/// [n]: what is after the first n decisions of `history`.
inline std::vector<State> states() {
    State state;
    core::apply(state, core::GroupAdded{default_group, 1});
    std::vector<State> all{state};
    for (const Decision& decision : history()) {
        for (const core::Record& record : decision) {
            core::apply(state, record);
        }
        all.push_back(state);
    }
    return all;
}

inline ClosedRun closed_run() {
    const WallTime time{1700000000, 123456789};
    return {{3}, "gpu", "BTC@250", "make", "/src", {2}, time, time, Failed{3}};
}

/// One of each kind, with values in every field.
inline Decision every_kind(const EnvironmentPtr& environment) {
    const WallTime time{1700000000, 123456789};
    const EditableFields fields{"make", "make -j", "/src", "label", -3};
    TaskSpec full{"ll", "ls -l", "/tmp", environment, "gpu", {{1}, {300}}, -7, "label"};
    return {
        core::GroupAdded{"gpu", 2},
        core::GroupRemoved{"gpu"},
        core::GroupStatusSet{"gpu", GroupStatus::reset},
        core::ParallelSet{"gpu", 70000},
        core::TaskAdded{
            {65536},
            run_id(9),
            time,
            std::make_shared<const TaskSpec>(full),
            true,
            time,
            TaskOptions{
                CloneRequests::clone,
                ConflictPolicy::fail,
                ReusePolicy::reject_duplicate,
                OnReject::use_existing}},
        core::TaskStashed{{1}, std::nullopt},
        core::TaskEnqueued{{1}, {-62135596800, 1999999999}},
        core::AttemptStarted{{1}, {2}, {3}, time, time},
        core::AttemptWithdrawn{{1}},
        core::TaskPaused{{1}},
        core::TaskResumed{{1}},
        core::TaskFinished{{1}, time, time, Success{}},
        core::TaskFinished{{1}, time, time, Failed{-1}},
        core::TaskFinished{{1}, time, time, FailedToSpawn{"no such \xff file"}},
        core::TaskFinished{{1}, time, time, Killed{}},
        core::TaskFinished{{1}, time, time, Errored{}},
        core::TaskFinished{{1}, time, time, DependencyFailed{}},
        core::TasksRemoved{{{1}, {2}, {4294967296}}},
        core::TaskLocked{{1}},
        core::TaskUnlocked{{1}},
        core::TaskEdited{{1}, fields},
        core::TaskRestarted{{1}, fields, time, true},
        core::VariableSet{{1}, "NAME", std::string("nul\0inside", 10)},
        core::VariableUnset{{1}, "NAME"},
        core::TasksSwitched{{1}, {2}},
        core::FullResetSet{true},
        core::IdsRestarted{},
        core::KeeperAdopted{{{1, 2, 3}}},
        core::StateReplaced{},
        core::TaskImported{
            {1}, run_id(9), time, std::make_shared<const TaskSpec>(full), Stashed{time}},
        core::TaskImported{
            {1}, run_id(9), time, std::make_shared<const TaskSpec>(full), Queued{time}},
        core::TaskImported{
            {1},
            run_id(9),
            time,
            std::make_shared<const TaskSpec>(full),
            Done{time, {1, 2}, {3, 4}, Failed{5}}},
        core::AttemptsForgiven{{1}},
        core::HistoryForgotten{{run_id(1), run_id(2)}},
    };
}

}  // namespace pueue::journal::sample
