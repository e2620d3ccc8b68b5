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

// A keeper that was killed while it wrote leaves a torn record, and a child of it may have put its
// own behind that. So what is no record is stepped over.
std::vector<keeper::SpoolRecord> records_of(const std::string& path) {
    std::vector<keeper::SpoolRecord> records;
    const Result<Bytes> content = read_file(path, no_limit);
    if (content.has_error()) {
        return records;
    }
    const Bytes& bytes = content.value();
    keeper::SpoolRecord record;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size =
            keeper::decode_record(bytes.data() + at, bytes.size() - at, record);
        if (size > 0) {
            records.push_back(record);
        }
        at += size > 0 ? size : 1;
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
    if (::access(spool.c_str(), F_OK) != 0) {
        return {};
    }
    // Written anew, not renamed: a child that is being killed with its keeper may still put a
    // record into the old file, of a run that does not take place. Twice the same is harmless.
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
