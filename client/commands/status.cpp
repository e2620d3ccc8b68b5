#include "client/commands/commands.hpp"
#include "client/hints.hpp"
#include "client/view/query.hpp"
#include "client/view/status_view.hpp"
#include "client/view/time_view.hpp"
#include "protocol/model/json.hpp"

#include <algorithm>

namespace pueue::client {

namespace {

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (&word == &words.front() ? "" : " ") + word;
    }
    return text;
}

std::string to_json(
    const State& state, const Query& query, const std::optional<std::string>& only_group
) {
    std::vector<const Task*> tasks;
    for (const auto& [id, task] : state.tasks) {
        if (!only_group || task.spec->group == *only_group) {
            tasks.push_back(&task);
        }
    }
    tasks = query.apply(std::move(tasks));
    // Keys of an object have no order of their own: always that of the ids.
    std::sort(tasks.begin(), tasks.end(), [](const Task* a, const Task* b) {
        return a->id < b->id;
    });
    return status_to_json(tasks, state.groups) + "\n";
}

}  // namespace

Outcome run(const cli::StatusOptions& options, Client& client) {
    TRY(const State state, fetch_state(client));
    const WallTime now = read_clock().wall;
    TRY(const Query query, Query::parse(join(options.query), now));
    if (options.json) {
        client.console.out(to_json(state, query, options.group));
        return 0;
    }
    const TimeView times(client.settings.client, now);
    if (const std::string format = times.invalid_format(); !format.empty()) {
        client.console.err("Warning: \"" + format + "\" is no time format; using the default.\n");
    }
    const StatusLook look{client.settings.client, client.style, client.console.table_width()};
    const StatusText text = draw_status(state, query, options.group, look, times);
    if (!text.err.empty()) {
        client.console.err(text.err);
        client.console.err(similar_group_hint(client, options.group, state.groups));
    }
    client.console.out(text.out);
    return 0;
}

}  // namespace pueue::client
