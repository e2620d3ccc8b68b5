#include "daemon/server/add_options.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace pueue::server {

namespace {

constexpr std::string_view prefix = "PUEUE_ADD_";

bool is_wish(const Environment::Variable& variable) {
    return variable.first.starts_with(prefix);
}

std::string variable_for(std::string_view option) {
    std::string name(prefix);
    for (const char c : option) {
        name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

template <class Enum>
Result<> set(std::optional<Enum>& to, std::string_view name, std::string_view word) {
    to = from_word<Enum>(word);
    return to ? Result<>() : invalid(std::string(name) + " must be " + choice_of_words<Enum>());
}

Result<> take_variable(const Environment::Variable& variable, TaskOptions& options) {
    std::string known;
    bool is_known = false;
    Result<> taken;
    for_each_option([&](const char* option, auto member) {
        const std::string name = variable_for(option);
        known += (known.empty() ? "" : ", ") + name;
        if (name == variable.first) {
            is_known = true;
            taken = set(options.*member, name, variable.second);
        }
    });
    if (!is_known) {
        return invalid(std::string(variable.first) + " is unknown. There are: " + known);
    }
    return taken;
}

Result<TaskOptions> read_extension(const wire::AddExtension& ext) {
    TaskOptions options;
    const auto take = [](const std::optional<std::string>& word, const char* name, auto& to) {
        return word ? set(to, name, *word) : Result<>();
    };
    CHECK_OK(take(ext.id_conflict_policy, "id_conflict_policy", options.id_conflict_policy));
    CHECK_OK(take(ext.id_reuse_policy, "id_reuse_policy", options.id_reuse_policy));
    CHECK_OK(take(ext.on_reject, "on_reject", options.on_reject));
    CHECK_OK(take(ext.restart, "restart", options.restart));
    return options;
}

}  // namespace

Result<TaskOptions> take_add_options(wire::AddRequest& request, EnvironmentPool& environments) {
    TaskOptions options;
    std::vector<Environment::Variable> variables = request.envs->variables();
    if (std::any_of(variables.begin(), variables.end(), is_wish)) {
        for (const Environment::Variable& variable : variables) {
            if (is_wish(variable)) {
                CHECK_OK(take_variable(variable, options));
            }
        }
        std::erase_if(variables, is_wish);
        request.envs = environments.intern(Environment::of(std::move(variables)));
    }
    if (request.ext) {
        TRY(const TaskOptions stronger, read_extension(*request.ext));
        options = combined(options, stronger);
    }
    return options;
}

}  // namespace pueue::server
