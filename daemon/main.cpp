// pueued. The keeper is this same program in a hidden mode; it must be entered before anything
// allocates or opens.
#include "daemon/app.hpp"
#include "daemon/cli.hpp"
#include "daemon/journal_tool.hpp"
#include "daemon/keeper/keeper.hpp"
#include "daemon/service.hpp"

#include <cstdio>
#include <optional>
#include <variant>

int main(int argc, char** argv) {
    if (pueue::keeper::is_keeper(argc, argv)) {
        return pueue::keeper::keeper_main(argc, argv);
    }
    const auto parsed = pueue::parse_command_line(argc, argv);
    if (const auto* print = std::get_if<pueue::PrintAndExit>(&parsed)) {
        std::fputs(print->out.c_str(), stdout);
        std::fputs(print->err.c_str(), stderr);
        return print->code;
    }
    const auto& options = std::get<pueue::Options>(parsed);
    if (const std::optional<int> code = pueue::run_journal_tool(options)) {
        return *code;
    }
    return options.daemonize ? pueue::start_in_background(options) : pueue::run_daemon(options);
}
