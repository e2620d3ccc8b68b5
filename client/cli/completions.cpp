#include "client/cli/completions.hpp"

#include "client/cli/command_table.hpp"

#include <string_view>
#include <vector>

namespace pueue::client::cli {

namespace {

// A command with the words that lead to it, depth first: pueue, pueue add, …, pueue env set, …
struct Place {
    std::vector<std::string_view> words;  ///< without the program's name
    const Command* command;

    [[nodiscard]] std::string joined(std::string_view separator) const {
        std::string out;
        for (const std::string_view word : words) {
            out += std::string(separator) + std::string(word);
        }
        return out;
    }
};

void collect(const Place& place, std::vector<Place>& places) {
    places.push_back(place);
    for (const Command& subcommand : place.command->subcommands) {
        Place below{place.words, &subcommand};
        below.words.push_back(subcommand.name);
        collect(below, places);
    }
}

std::vector<Place> all_places() {
    std::vector<Place> places;
    collect({{}, &program()}, places);
    return places;
}

std::vector<const Argument*> options_of(const Command& command) {
    std::vector<const Argument*> options;
    for (const Argument& argument : command.arguments) {
        if (!argument.is_positional()) {
            options.push_back(&argument);
        }
    }
    options.push_back(&help_argument(command));
    if (command.has_version) {
        options.push_back(&version_argument());
    }
    return options;
}

std::vector<const Command*> subcommands_of(const Command& command) {
    std::vector<const Command*> subcommands;
    for (const Command& subcommand : command.subcommands) {
        subcommands.push_back(&subcommand);
    }
    if (!subcommands.empty()) {
        subcommands.push_back(&help_command());
    }
    return subcommands;
}

const Argument* first_positional_with_words(const Command& command) {
    for (const Argument& argument : command.arguments) {
        if (argument.is_positional() && !offered_values(argument.kind).empty()) {
            return &argument;
        }
    }
    return nullptr;
}

std::string join_values(ValueKind kind, std::string_view separator) {
    std::string out;
    for (const std::string_view value : offered_values(kind)) {
        out += (out.empty() ? "" : std::string(separator)) + std::string(value);
    }
    return out;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string short_form(const Argument& option) {
    return option.short_name == 0 ? "" : std::string{'-', option.short_name};
}

std::string long_form(const Argument& option) {
    return "--" + std::string(option.long_name);
}

// '…' for shells in which a quote inside is written twice.
std::string doubled_quotes(std::string_view text) {
    return "'" + replace_all(std::string(text), "'", "''") + "'";
}

std::string bash_values(const Argument& argument) {
    if (argument.kind == ValueKind::path) {
        return R"(compgen -f -- "$cur")";
    }
    return R"(compgen -W ")" + join_values(argument.kind, " ") + R"(" -- "$cur")";
}

// What is offered at one place: words after an option that takes some, else everything.
std::string bash_case(const Place& place) {
    std::string out;
    std::string words;
    for (const Argument* option : options_of(*place.command)) {
        words += (words.empty() ? "" : " ") + long_form(*option);
        words += option->short_name == 0 ? "" : " " + short_form(*option);
    }
    for (const Command* subcommand : subcommands_of(*place.command)) {
        words += " " + std::string(subcommand->name);
    }
    if (const Argument* argument = first_positional_with_words(*place.command)) {
        words += " " + join_values(argument->kind, " ");
    }
    out += "        \"" + place.joined("/") + "\")\n            case \"$prev\" in\n";
    for (const Argument* option : options_of(*place.command)) {
        if (!option->takes_value()) {
            continue;
        }
        out += "                " + long_form(*option);
        out += option->short_name == 0 ? "" : "|" + short_form(*option);
        out += ") mapfile -t COMPREPLY < <(" + bash_values(*option) + "); return ;;\n";
    }
    out += "            esac\n            mapfile -t COMPREPLY < <(compgen -W \"" + words +
           "\" -- \"$cur\")\n            ;;\n";
    return out;
}

// Finds out which command the line is in, then offers what the table has for it.
std::string bash_script() {
    std::string out =
        "_pueue() {\n"
        "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"\" place=\"\" word i\n"
        "    [[ COMP_CWORD -gt 0 ]] && prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    COMPREPLY=()\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        word=\"${COMP_WORDS[i]}\"\n"
        "        case \"$place/$word\" in\n";
    const auto places = all_places();
    for (const Place& place : places) {
        for (const Command& subcommand : place.command->subcommands) {
            const std::string above = place.joined("/");
            out += "            " + above + "/" + std::string(subcommand.name);
            for (const std::string_view alias : subcommand.aliases) {
                out += alias.empty() ? "" : "|" + above + "/" + std::string(alias);
            }
            out += ") place=\"" + above + "/" + std::string(subcommand.name) + "\" ;;\n";
        }
    }
    out +=
        "        esac\n"
        "    done\n"
        "    case \"$place\" in\n";
    for (const Place& place : places) {
        out += bash_case(place);
    }
    return out +
           "    esac\n"
           "}\n"
           "complete -F _pueue -o bashdefault -o default pueue\n";
}

std::string zsh_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') {
            out += '\\';
        }
        out += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return out;
}

std::string zsh_action(const Argument& argument) {
    if (argument.kind == ValueKind::path) {
        return "_files";
    }
    const std::string values = join_values(argument.kind, " ");
    return values.empty() ? "_default" : "(" + values + ")";
}

std::string zsh_option(const Argument& option) {
    std::string spec = "[" + zsh_escape(option.help) + "]";
    if (option.takes_value()) {
        spec += ":" + std::string(option.value_name) + ":" + zsh_action(option);
    }
    const std::string many = option.repeatable ? "*" : "";
    std::string out =
        "'" + many + long_form(option) + (option.takes_value() ? "=" : "") + spec + "'";
    if (option.short_name != 0) {
        out += " '" + many + short_form(option) + (option.takes_value() ? "+" : "") + spec + "'";
    }
    return out;
}

std::string zsh_function(const Place& place) {
    const Command& command = *place.command;
    std::string out = "_pueue" + place.joined("__") + "() {\n";
    const auto subcommands = subcommands_of(command);
    if (!subcommands.empty()) {
        out += "    local curcontext=\"$curcontext\" state line\n    local -a commands\n";
    }
    out += "    _arguments -s -S -C";
    for (const Argument* option : options_of(command)) {
        out += " \\\n        " + zsh_option(*option);
    }
    if (!subcommands.empty()) {
        out += " \\\n        '1: :->command' \\\n        '*:: :->arguments'\n";
        out += "    case $state in\n        command)\n            commands=(\n";
        for (const Command* subcommand : subcommands) {
            out += "                '" + std::string(subcommand->name) + ":" +
                   zsh_escape(subcommand->about) + "'\n";
        }
        out +=
            "            )\n            _describe -t commands 'pueue command' commands\n"
            "            ;;\n        arguments)\n            case $line[1] in\n";
        for (const Command& subcommand : command.subcommands) {
            out += "                " + std::string(subcommand.name);
            for (const std::string_view alias : subcommand.aliases) {
                out += alias.empty() ? "" : "|" + std::string(alias);
            }
            out += ") _pueue" + place.joined("__") + "__" + std::string(subcommand.name) + " ;;\n";
        }
        return out + "            esac\n            ;;\n    esac\n}\n\n";
    }
    for (const Argument& argument : command.arguments) {
        if (argument.is_positional()) {
            out += " \\\n        '" + std::string(argument.many_values ? "*" : "") + ":" +
                   std::string(argument.value_name) + ":" +
                   (argument.trailing ? "_normal" : zsh_action(argument)) + "'";
        }
    }
    return out + "\n}\n\n";
}

std::string zsh_script() {
    std::string out = "#compdef pueue\n\n";
    for (const Place& place : all_places()) {
        out += zsh_function(place);
    }
    return out +
           "if [ \"$funcstack[1]\" = \"_pueue\" ]; then\n"
           "    _pueue \"$@\"\n"
           "else\n"
           "    compdef _pueue pueue\n"
           "fi\n";
}

std::string fish_quote(std::string_view text) {
    return "'" + replace_all(replace_all(std::string(text), "\\", "\\\\"), "'", "\\'") + "'";
}

// The commands on the line so far, as the shells below compare them: `/group/add`.
std::string fish_place_function() {
    std::string out =
        "function __pueue_place\n"
        "    set -l place\n"
        "    for word in (commandline -opc)[2..-1]\n"
        "        switch \"$place/$word\"\n";
    for (const Place& place : all_places()) {
        for (const Command& subcommand : place.command->subcommands) {
            const std::string above = place.joined("/");
            const std::string name = above + "/" + std::string(subcommand.name);
            out += "            case " + name;
            for (const std::string_view alias : subcommand.aliases) {
                out += alias.empty() ? "" : " " + above + "/" + std::string(alias);
            }
            out += "\n                set place " + name + "\n";
        }
    }
    return out +
           "        end\n"
           "    end\n"
           "    echo $place\n"
           "end\n\n";
}

std::string fish_script() {
    std::string out = fish_place_function();
    for (const Place& place : all_places()) {
        const std::string begin =
            "complete -c pueue -n 'test \"$(__pueue_place)\" = \"" + place.joined("/") + "\"' ";
        for (const Argument* option : options_of(*place.command)) {
            out += begin;
            out += option->short_name == 0 ? "" : "-s " + std::string(1, option->short_name) + " ";
            out += "-l " + std::string(option->long_name);
            out += " -d " + fish_quote(option->help);
            if (option->takes_value()) {
                const std::string values = join_values(option->kind, " ");
                out += option->kind == ValueKind::path ? " -r -F" : " -r -f";
                out += values.empty() ? "" : " -a " + fish_quote(values);
            }
            out += "\n";
        }
        for (const Command* subcommand : subcommands_of(*place.command)) {
            out += begin + "-f -a " + std::string(subcommand->name) + " -d " +
                   fish_quote(subcommand->about) + "\n";
        }
        if (const Argument* argument = first_positional_with_words(*place.command)) {
            out += begin + "-f -a " + fish_quote(join_values(argument->kind, " ")) + "\n";
        }
    }
    return out;
}

// What elvish and PowerShell have in common: a list of (word, description) per place.
template <class Add>
void each_word(const Place& place, const Add& add) {
    for (const Argument* option : options_of(*place.command)) {
        if (option->short_name != 0) {
            add(short_form(*option), option->help);
        }
        add(long_form(*option), option->help);
    }
    for (const Command* subcommand : subcommands_of(*place.command)) {
        add(std::string(subcommand->name), subcommand->about);
    }
    if (const Argument* argument = first_positional_with_words(*place.command)) {
        for (const std::string_view value : offered_values(argument->kind)) {
            add(std::string(value), argument->help);
        }
    }
}

std::string elvish_script() {
    const std::string out =
        "use builtin;\n"
        "use str;\n\n"
        "set edit:completion:arg-completer[pueue] = {|@words|\n"
        "    fn cand {|text desc|\n"
        "        edit:complex-candidate $text &display=$text' '$desc\n"
        "    }\n"
        "    var command = 'pueue'\n"
        "    for word $words[1..-1] {\n"
        "        if (str:has-prefix $word '-') {\n"
        "            continue\n"
        "        }\n"
        "        if (has-key $completions $command';'$word) {\n"
        "            set command = $command';'$word\n"
        "        }\n"
        "    }\n"
        "    $completions[$command]\n"
        "}\n";
    std::string table = "var completions = [\n";
    for (const Place& place : all_places()) {
        table += "    &'pueue" + place.joined(";") + "'= {\n";
        each_word(place, [&](const std::string& word, std::string_view help) {
            table += "        edit:complex-candidate " + word +
                     " &display=" + doubled_quotes(word + "  " + std::string(help)) + "\n";
        });
        table += "    }\n";
    }
    return table + "]\n\n" + out;
}

std::string power_shell_script() {
    std::string out =
        "using namespace System.Management.Automation\n"
        "using namespace System.Management.Automation.Language\n\n"
        "Register-ArgumentCompleter -Native -CommandName 'pueue' -ScriptBlock {\n"
        "    param($wordToComplete, $commandAst, $cursorPosition)\n"
        "    $known = @{\n";
    const auto places = all_places();
    for (const Place& place : places) {
        out += "        'pueue" + place.joined(";") + "' = @(\n";
        each_word(place, [&](const std::string& word, std::string_view help) {
            out += "            [CompletionResult]::new(" + doubled_quotes(word) + ", " +
                   doubled_quotes(word) + ", [CompletionResultType]::ParameterValue, " +
                   doubled_quotes(help) + ")\n";
        });
        out += "        )\n";
    }
    return out +
           "    }\n"
           "    $command = 'pueue'\n"
           "    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {\n"
           "        $next = $command + ';' + $element.Extent.Text\n"
           "        if ($known.ContainsKey($next) -and $element.Extent.Text -ne $wordToComplete) "
           "{\n"
           "            $command = $next\n"
           "        }\n"
           "    }\n"
           "    $known[$command] | Where-Object { $_.CompletionText -like \"$wordToComplete*\" } "
           "|\n"
           "        Sort-Object -Property ListItemText\n"
           "}\n";
}

std::string_view nushell_type(ValueKind kind) {
    switch (kind) {
        case ValueKind::path:
            return "path";
        case ValueKind::count:
        case ValueKind::task_id:
        case ValueKind::priority:
            return "int";
        case ValueKind::none:
        case ValueKind::text:
        case ValueKind::delay:
        case ValueKind::signal:
        case ValueKind::wait_status:
        case ValueKind::color:
        case ValueKind::shell:
            break;
    }
    return "string";
}

std::string nushell_values(const Argument& argument, std::string_view name) {
    std::string list;
    for (const std::string_view value : offered_values(argument.kind)) {
        list += " \"" + std::string(value) + "\"";
    }
    return "  def \"nu-complete " + std::string(name) + "\" [] {\n    [" + list + " ]\n  }\n\n";
}

std::string nushell_script() {
    std::string out = "module completions {\n\n";
    for (const Place& place : all_places()) {
        const std::string name = "pueue" + place.joined(" ");
        std::string signature = "  export extern \"" + name + "\" [\n";
        const auto typed = [&](const Argument& argument) {
            std::string type(nushell_type(argument.kind));
            if (!offered_values(argument.kind).empty()) {
                const std::string completer = name + " " + std::string(argument.id);
                out += nushell_values(argument, completer);
                type += "@\"nu-complete " + completer + "\"";
            }
            return type;
        };
        for (const Argument* option : options_of(*place.command)) {
            signature += "    " + long_form(*option);
            signature += option->short_name == 0 ? "" : "(" + short_form(*option) + ")";
            signature += option->takes_value() ? ": " + typed(*option) : "";
            signature += "  # " + std::string(option->help) + "\n";
        }
        for (const Argument& argument : place.command->arguments) {
            if (argument.is_positional()) {
                const std::string id(argument.id);
                signature += "    " + (argument.many_values ? "..." + id
                                       : argument.required  ? id
                                                            : id + "?");
                signature += ": " + typed(argument) + "  # " + std::string(argument.help) + "\n";
            }
        }
        out += "  # " + std::string(place.command->about) + "\n" + signature + "  ]\n\n";
    }
    return out + "}\n\nexport use completions *\n";
}

}  // namespace

std::string completion_script(Shell shell) {
    switch (shell) {
        case Shell::bash:
            return bash_script();
        case Shell::elvish:
            return elvish_script();
        case Shell::fish:
            return fish_script();
        case Shell::power_shell:
            return power_shell_script();
        case Shell::zsh:
            return zsh_script();
        case Shell::nushell:
            break;
    }
    return nushell_script();
}

}  // namespace pueue::client::cli
