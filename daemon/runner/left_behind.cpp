#include "daemon/runner/left_behind.hpp"

#include "daemon/runner/keeper_key.hpp"
#include "protocol/base/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <limits>
#include <vector>

namespace pueue::runner {

namespace {

constexpr const char* left_behind_name = "/spool.dead";
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max() / 2;

std::vector<keeper::SpoolRecord> records_of(const std::string& path) {
    std::vector<keeper::SpoolRecord> records;
    const Result<Bytes> content = read_file(path, no_limit);
    if (content.has_error()) {
        return records;
    }
    const char* at = content.value().data();
    std::size_t left = content.value().size();
    keeper::SpoolRecord record;
    while (const std::size_t size = keeper::decode_record(at, left, record)) {
        records.push_back(record);
        at += size;
        left -= size;
    }
    return records;
}

Bytes encoded(const std::vector<keeper::SpoolRecord>& records) {
    Bytes bytes;
    for (const keeper::SpoolRecord& record : records) {
        char one[keeper::record_bytes_max];
        bytes.append(one, keeper::encode_record(record, one));
    }
    return bytes;
}

}  // namespace

Result<> set_spool_aside(const std::string& directory) {
    const std::string spool = directory + "/" + keeper::spool_name;
    const std::string aside = directory + left_behind_name;
    if (::access(aside.c_str(), F_OK) != 0) {
        if (::rename(spool.c_str(), aside.c_str()) != 0 && errno != ENOENT) {
            return os_error("set the spool of a dead keeper aside", errno);
        }
        return {};
    }
    // Written anew, since a torn end would hide what is put behind it. Twice the same is harmless.
    std::vector<keeper::SpoolRecord> all = records_of(aside);
    const std::vector<keeper::SpoolRecord> more = records_of(spool);
    all.insert(all.end(), more.begin(), more.end());
    const std::string fresh = aside + ".new";
    TRY(const UniqueFd file, open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
    CHECK_OK(write_all(file.get(), encoded(all)));
    if (::rename(fresh.c_str(), aside.c_str()) != 0) {
        return os_error("set the spool of a dead keeper aside", errno);
    }
    ::unlink(spool.c_str());
    return {};
}

LeftBehind read_left_behind(const std::string& directory) {
    LeftBehind left;
    for (const keeper::SpoolRecord& record : records_of(directory + left_behind_name)) {
        auto& kind = record.kind == keeper::RecordKind::exit ? left.exits : left.runs;
        kind.insert_or_assign(from_keeper(record.key), record);
    }
    std::erase_if(left.runs, [&](const auto& run) { return left.exits.contains(run.first); });
    return left;
}

void remove_left_behind(const std::string& directory) {
    ::unlink((directory + left_behind_name).c_str());
}

}  // namespace pueue::runner
