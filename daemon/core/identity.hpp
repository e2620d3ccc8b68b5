// Labels that are identities. A label that matches [identity] labels names one piece of work in its
// group: adding it again while it is under way is not another task, and whether it may be added
// again afterwards is a policy. Equal work is the same command, as typed, in the same directory;
// other work under the same label is never merged with it.
#pragma once

#include "daemon/core/command.hpp"
#include "daemon/core/step.hpp"

#include <optional>
#include <string>
#include <variant>

namespace pueue::core {

/// A new task; `warning` if the label says that it is one there is, and its text does not.
struct AddNew {
    std::string warning;
    bool operator==(const AddNew&) const = default;
};
/// No new task: this is the one.
struct UseExisting {
    TaskId id;
    AddOutcome outcome = AddOutcome::existing;
    bool operator==(const UseExisting&) const = default;
};
struct RefuseAdd {
    std::string text;
    bool operator==(const RefuseAdd&) const = default;
};
using Judgement = std::variant<AddNew, UseExisting, RefuseAdd>;

/// What an add is by its label. Decided together with the insertion, in one step: of two that race,
/// the second one sees the first.
[[nodiscard]] Judgement judge(const Step& step, const core::Add& add);

/// What is wished for a task, by the rules and by itself.
[[nodiscard]] TaskOptions wishes(const Step& step, const TaskSpec& spec, const TaskOptions& own);

/// The runs of the identity that are not over, ascending.
[[nodiscard]] std::vector<const Task*> open_runs(
    const Step& step, const std::string& group, const std::string& label
);

}  // namespace pueue::core
