#include "client/commands/commands.hpp"
#include "client/editor.hpp"

#include <variant>

namespace pueue::client {

namespace {

// Unlocks the tasks again, tells what the daemon says to that, and then why.
Outcome restore(const cli::EditOptions& options, const Report& why, Client& client) {
    client.console.err("Encountered an error while editing. Trying to restore the task's status.\n"
    );
    TRY(const wire::Response response,
        client.connection.call(wire::EditRestoreRequest{options.ids}));
    if (const auto* success = std::get_if<wire::SuccessResponse>(&response)) {
        client.console.err(success->text + "\n");
    } else if (const auto* failure = std::get_if<wire::FailureResponse>(&response)) {
        client.console.err(failure->text + "\n");
    } else {
        std::ignore = log_unhandled(client);
    }
    return why;
}

}  // namespace

Outcome run(const cli::EditOptions& options, Client& client) {
    TRY(const wire::Response response, client.connection.call(wire::EditRequest{options.ids}));
    const auto* locked = std::get_if<wire::EditResponse>(&response);
    if (locked == nullptr) {
        return finish_with(client, response);
    }
    auto edited = edit_tasks(locked->tasks, client.settings);
    if (edited.has_error()) {
        return restore(options, edited.error(), client);
    }
    return call_and_finish(client, wire::EditedTasksRequest{std::move(*edited)});
}

}  // namespace pueue::client
