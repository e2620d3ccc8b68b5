#include "daemon/core/handlers.hpp"
#include "daemon/core/selection.hpp"
#include "daemon/core/texts.hpp"

namespace pueue::core {

namespace {

/// With a time, stash and enqueue say the same.
SelectionTexts delayed_texts(const TaskSelection& selection, const std::string& time) {
    return {
        "Stashed tasks will be enqueued at " + time,
        "Enqueue stashed tasks of group " + selected_group(selection) + " at " + time + ".",
        "Enqueue all stashed tasks at " + time + ".",
    };
}

// Compat: by ids it claims the opposite of what happened, and a word is misspelt [stash-enqueue].
SelectionTexts stash_texts(const TaskSelection& selection) {
    return {
        "Stashed tasks have been enqueued",
        "All queued tasks of group \"" + selected_group(selection) + "\" have been stashd.",
        "All queued tasks have been stashed.",
    };
}

SelectionTexts enqueue_texts(const TaskSelection& selection) {
    return {
        "Stashed tasks have been enqueued",
        "All stashed tasks of group \"" + selected_group(selection) + "\" have been enqueued.",
        "All stashed tasks have been enqueued.",
    };
}

bool is_delayed(const Task& task) {
    const auto* stashed = task.status.get_if<Stashed>();
    return stashed != nullptr && stashed->enqueue_at.has_value();
}

}  // namespace

void handle(Step& step, SessionId session, const Stash& stash) {
    const auto can_be_stashed = [](const Task& task) {
        return task.status.is<Queued>() || task.status.is<Locked>();
    };
    for (const TaskId id : selected(step.state(), stash.tasks, can_be_stashed)) {
        const Task* task = step.state().task(id);
        if (task != nullptr && can_be_stashed(*task)) {
            step.record(TaskStashed{id, stash.enqueue_at});
        }
    }
    // The answer goes by what is true now, so a task that was stashed before counts as a success.
    const auto is_stashed = [](const Task& task) { return task.status.is<Stashed>(); };
    const SelectionTexts texts = stash.enqueue_at
                                     ? delayed_texts(stash.tasks, stash.enqueue_at_text)
                                     : stash_texts(stash.tasks);
    step.answer_change(session, answer_to(step.state(), stash.tasks, texts, is_stashed));
}

void handle(Step& step, SessionId session, const Enqueue& enqueue) {
    const auto can_be_enqueued = [](const Task& task) {
        return task.status.is<Stashed>() || task.status.is<Locked>();
    };
    for (const TaskId id : selected(step.state(), enqueue.tasks, can_be_enqueued)) {
        const Task* task = step.state().task(id);
        if (task == nullptr || !can_be_enqueued(*task)) {
            continue;
        }
        if (enqueue.enqueue_at) {
            step.record(TaskStashed{id, enqueue.enqueue_at});
        } else {
            step.record(TaskEnqueued{id, step.now().wall});
        }
    }
    const bool with_time = enqueue.enqueue_at.has_value();
    const auto is_as_wished = [&](const Task& task) {
        return with_time ? is_delayed(task) : task.status.is<Queued>();
    };
    const SelectionTexts texts = with_time ? delayed_texts(enqueue.tasks, enqueue.enqueue_at_text)
                                           : enqueue_texts(enqueue.tasks);
    step.answer_change(session, answer_to(step.state(), enqueue.tasks, texts, is_as_wished));
}

}  // namespace pueue::core
