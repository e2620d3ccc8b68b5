#include "client/cli/completions.hpp"

#include "client/commands/commands.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"

#include <fcntl.h>

namespace pueue::client {

namespace {

struct ShellNames {
    std::string_view variant;    ///< in messages
    std::string_view file_name;  ///< when a directory is given
};

ShellNames names_of(cli::Shell shell) {
    switch (shell) {
        case cli::Shell::bash:
            return {"Bash", "pueue.bash"};
        case cli::Shell::elvish:
            return {"Elvish", "pueue.elv"};
        case cli::Shell::fish:
            return {"Fish", "pueue.fish"};
        case cli::Shell::power_shell:
            return {"PowerShell", "_pueue.ps1"};
        case cli::Shell::zsh:
            return {"Zsh", "_pueue"};
        case cli::Shell::nushell:
            break;
    }
    return {"Nushell", "pueue.nu"};
}

}  // namespace

Outcome run_completions(const cli::CompletionsOptions& options, Console& console) {
    const std::string script = cli::completion_script(options.shell);
    if (!options.output_directory) {
        console.out(script);
        return 0;
    }
    const ShellNames names = names_of(options.shell);
    const std::string path = *options.output_directory + "/" + std::string(names.file_name);
    const auto failed = [&](const Error& error) {
        return report(os_text(error.os_error))
            .in("Failed to generate completions for " + std::string(names.variant));
    };
    const auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.has_error()) {
        return failed(file.error());
    }
    if (const auto written = write_all(file->get(), script); written.has_error()) {
        return failed(written.error());
    }
    return 0;
}

}  // namespace pueue::client
