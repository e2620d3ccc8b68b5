#include "client/view/query.hpp"

#include "client/view/task_times.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace pueue::client {

namespace {

// How `order_by status` ranks.
int status_rank(const Task& task) {
    if (task.status.is<Stashed>()) {
        return 0;
    }
    if (task.status.is<Locked>()) {
        return 1;
    }
    if (task.status.is<Queued>()) {
        return 2;
    }
    if (task.status.is<Paused>()) {
        return 3;
    }
    if (task.status.is<Running>()) {
        return 4;
    }
    return has_failed(task) ? 5 : 6;
}

// For `order_by enqueue_at`: when the task was or will be enqueued, at the end of time if unknown.
WallTime enqueue_order(const Task& task) {
    constexpr WallTime never{std::numeric_limits<std::int64_t>::max(), 0};
    if (const auto* stashed = task.status.get_if<Stashed>()) {
        return stashed->enqueue_at.value_or(never);
    }
    return enqueued_at_of(task).value_or(never);
}

template <class Key>
void sort_by(std::vector<const Task*>& tasks, const Key& key) {
    std::stable_sort(tasks.begin(), tasks.end(), [&](const Task* a, const Task* b) {
        return key(*a) < key(*b);
    });
}

}  // namespace

void Query::sort(std::vector<const Task*>& tasks) const {
    switch (order_->column) {
        case Column::id:
        case Column::priority:
            sort_by(tasks, [](const Task& task) { return task.id; });
            break;
        case Column::status:
            sort_by(tasks, status_rank);
            break;
        case Column::command:
            sort_by(tasks, [](const Task& task) { return std::string_view(task.spec->command); });
            break;
        case Column::label:
            sort_by(tasks, [](const Task& task) { return task.spec->label; });
            break;
        case Column::path:
            sort_by(tasks, [](const Task& task) { return std::string_view(task.spec->path); });
            break;
        case Column::enqueue_at:
            sort_by(tasks, enqueue_order);
            break;
        case Column::dependencies:
            // Compat: only reverses the list, whatever the dependencies are [client/query.tsv].
            std::reverse(tasks.begin(), tasks.end());
            break;
        case Column::start:
            sort_by(tasks, start_of);
            break;
        case Column::end:
            sort_by(tasks, end_of);
            break;
    }
    if (order_->descending) {
        std::reverse(tasks.begin(), tasks.end());
    }
}

std::vector<const Task*> Query::apply(std::vector<const Task*> tasks) const {
    const auto rejected = [&](const Task* task) {
        return !std::all_of(filters_.begin(), filters_.end(), [&](const Filter& filter) {
            return filter(*task);
        });
    };
    tasks.erase(std::remove_if(tasks.begin(), tasks.end(), rejected), tasks.end());
    if (order_) {
        sort(tasks);
    }
    if (limit_ && limit_->count < tasks.size()) {
        const auto surplus = static_cast<std::ptrdiff_t>(tasks.size() - limit_->count);
        if (limit_->first) {
            tasks.erase(tasks.end() - surplus, tasks.end());
        } else {
            tasks.erase(tasks.begin(), tasks.begin() + surplus);
        }
    }
    return tasks;
}

}  // namespace pueue::client
