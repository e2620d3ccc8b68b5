#include "client/hints.hpp"

#include "protocol/base/similar.hpp"

#include <variant>

namespace pueue::client {

namespace {

std::string how_it_failed(const TaskResult& result) {
    struct Words {
        std::string operator()(const Success&) const { return "success"; }
        std::string operator()(const Failed& failed) const {
            return "exit code " + std::to_string(failed.exit_code);
        }
        std::string operator()(const DependencyFailed&) const { return "dependency failed"; }
        std::string operator()(const FailedToSpawn&) const { return "failed to spawn"; }
        std::string operator()(const Errored&) const { return "IO error"; }
        std::string operator()(const Killed&) const { return "killed"; }
    };
    return std::visit(Words{}, result);
}

}  // namespace

std::string similar_group_hint(
    const Client& client, const std::optional<std::string>& typed, const Groups& known
) {
    if (!typed || known.contains(*typed) || !client.console.err_is_terminal()) {
        return "";
    }
    std::vector<std::string_view> names;
    names.reserve(known.size());
    for (const auto& [name, group] : known) {
        names.emplace_back(name);
    }
    const auto similar = similar_words(*typed, names);
    return similar.empty()
               ? ""
               : "\n  tip: a similar group exists: '" + std::string(similar.back()) + "'\n";
}

std::string similar_group_hint(Client& client, const std::optional<std::string>& typed) {
    if (!typed || !client.console.err_is_terminal()) {
        return "";
    }
    const auto response = client.connection.call(wire::GroupRequest{wire::GroupList{}});
    const auto* list =
        response.has_value() ? std::get_if<wire::GroupResponse>(&*response) : nullptr;
    return list == nullptr ? "" : similar_group_hint(client, typed, list->groups);
}

std::string failures_hint(const Client& client, const std::vector<const Task*>& tasks) {
    constexpr std::size_t named_max = 5;
    std::string list;
    std::size_t count = 0;
    for (const Task* task : tasks) {
        const auto* done = task->status.get_if<Done>();
        if (done != nullptr && has_failed(*task) && ++count <= named_max) {
            list += (list.empty() ? "" : ", ") + std::to_string(task->id.value) + " (" +
                    how_it_failed(done->result) + ")";
        }
    }
    if (count == 0 || !client.console.err_is_terminal()) {
        return "";
    }
    if (count > named_max) {
        list += " and " + std::to_string(count - named_max) + " more";
    }
    return "Failed: " + list + "\n";
}

}  // namespace pueue::client
