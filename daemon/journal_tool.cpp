#include "daemon/journal_tool.hpp"

#include "daemon/journal/inspect.hpp"
#include "daemon/service.hpp"
#include "protocol/base/fd.hpp"

#include <fcntl.h>

#include <cstdio>
#include <string>
#include <utility>

namespace pueue {

namespace {

int report(const Error& error) {
    std::fputs(("Error: " + error.text + "\n").c_str(), stderr);
    return 1;
}

int say(const Result<std::string>& result) {
    if (result.has_error()) {
        return report(result.error());
    }
    std::fputs((*result + "\n").c_str(), stdout);
    return 0;
}

int dump(journal::FileSystem& files) {
    const Result<> dumped = journal::dump_store(files, [](const std::string& line) {
        std::fputs((line + "\n").c_str(), stdout);
    });
    return dumped.has_error() ? report(dumped.error()) : 0;
}

}  // namespace

std::optional<int> run_journal_tool(const Options& options) {
    const std::optional<std::string>& directory = options.journal_check  ? options.journal_check
                                                  : options.journal_dump ? options.journal_dump
                                                                         : options.salvage;
    if (!directory) {
        return std::nullopt;
    }
    Result<UniqueFd> root = open_file(*directory, O_RDONLY | O_DIRECTORY);
    if (root.has_error()) {
        return report(root.error());
    }
    const Startup<InstanceLock> lock = InstanceLock::take(*directory);
    if (lock.has_error()) {
        std::fputs(lock.error().report().c_str(), stderr);
        return 1;
    }
    if (!lock.value().is_held()) {
        return report({ErrorKind::exists, 0, "a daemon uses this directory; stop it first"});
    }
    journal::RealFileSystem files(std::move(root).value());
    if (options.journal_dump) {
        return dump(files);
    }
    return say(options.salvage ? journal::salvage_store(files) : journal::check_store(files));
}

}  // namespace pueue
