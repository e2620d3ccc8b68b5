#include "client/commands/commands.hpp"
#include "client/view/status_view.hpp"
#include "protocol/model/json.hpp"

#include <variant>

namespace pueue::client {

Outcome run(const cli::GroupListOptions& options, Client& client) {
    TRY(const wire::Response response,
        client.connection.call(wire::GroupRequest{wire::GroupList{}}));
    const auto* list = std::get_if<wire::GroupResponse>(&response);
    if (list == nullptr) {
        return finish_with(client, response);
    }
    std::string text;
    if (options.json) {
        JsonWriter(text).groups(list->groups);
    } else {
        for (const auto& [name, group] : list->groups) {
            text += (text.empty() ? "" : "\n") + group_headline(name, group, client.style);
        }
    }
    client.console.out(text + "\n");
    return 0;
}

Outcome run(const cli::GroupAddOptions& options, Client& client) {
    wire::GroupRequest request{wire::GroupAdd{options.name, options.parallel}};
    return call_and_finish(client, request);
}

Outcome run(const cli::GroupRemoveOptions& options, Client& client) {
    wire::GroupRequest request{wire::GroupRemove{options.name}};
    return call_and_finish(client, request, options.name);
}

}  // namespace pueue::client
