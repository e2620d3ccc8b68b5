#include "daemon/journal/inspect.hpp"

#include "daemon/journal/generation.hpp"
#include "daemon/journal/payload_text.hpp"
#include "daemon/journal/recovery.hpp"
#include "daemon/journal/segment.hpp"
#include "daemon/journal/snapshot.hpp"
#include "daemon/journal/store.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace pueue::journal {

namespace {

constexpr std::size_t everything = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t salvaged_segment_bytes = 4096;  // the next daemon takes what it needs

Error no_store() {
    return {ErrorKind::not_found, 0, "there is no journal in this directory"};
}

Result<> check_snapshot(FileSystem& files, const StoreId& store, std::uint64_t number) {
    EnvironmentPool pool;
    TRY(SnapshotReader reader, SnapshotReader::open(files, store, number, pool));
    bool goes_on = true;
    while (goes_on) {
        TRY(goes_on, reader.advance(everything));
    }
    return {};
}

std::string summary(const Recovered& found) {
    const Manifest& manifest = found.manifest.manifest;
    std::string text =
        manifest.snapshot ? snapshot_name(*manifest.snapshot) + " and " : std::string();
    text += std::to_string(found.records) + " records in " +
            std::to_string(found.segment - manifest.first_segment + 1) + " segments: whole, " +
            std::to_string(found.state.tasks.size()) + " tasks in " +
            std::to_string(found.state.groups.size()) + " groups";
    if (found.torn_end > found.offset || !found.torn_segments.empty()) {
        text += "; behind the end is what a crash left, which the next start sets aside";
    }
    return text;
}

Result<> dump_file(
    FileSystem& files, const std::string& name, const std::function<void(const std::string&)>& line
) {
    TRY(const FilePtr file, files.open(name, OpenMode::read));
    TRY(const std::uint64_t size, file->size());
    TRY(const std::optional<FileHeader> header, read_header(files, name));
    if (!header) {
        line("{\"file\":\"" + name + "\",\"damaged\":true}");
        return {};
    }
    RecordReader reader(*file, size, header->identity, header->first_sequence);
    for (;;) {
        TRY(const std::optional<RecordView> record, reader.next());
        if (!record) {
            return {};
        }
        const RecordHeader& about = record->header;
        line(
            "{\"file\":\"" + name + "\",\"offset\":" + std::to_string(record->offset) +
            ",\"sequence\":" + std::to_string(about.sequence) + ",\"type\":\"" +
            std::string(name_of_type(about.type)) +
            "\",\"version\":" + std::to_string(about.version) +
            ",\"ends_decision\":" + (about.ends_decision ? "true" : "false") +
            ",\"fields\":" + payload_text(about.type, record->payload) + "}"
        );
    }
}

}  // namespace

Result<std::string> check_store(FileSystem& files) {
    EnvironmentPool pool;
    TRY(const std::optional<Recovered> found, recover(files, pool));
    if (!found) {
        return no_store();
    }
    if (!found->warnings.empty()) {
        return invalid(found->warnings.front());
    }
    TRY(const StoreFiles present, list_store(files));
    for (const std::uint64_t number : present.snapshots) {
        CHECK_OK(check_snapshot(files, found->manifest.store, number));
    }
    return summary(*found);
}

Result<> dump_store(FileSystem& files, const std::function<void(const std::string&)>& line) {
    TRY(const StoreFiles present, list_store(files));
    if (present.segments.empty() && present.snapshots.empty()) {
        return no_store();
    }
    for (const std::uint64_t number : present.snapshots) {
        CHECK_OK(dump_file(files, snapshot_name(number), line));
    }
    for (const std::uint64_t number : present.segments) {
        CHECK_OK(dump_file(files, segment_name(number), line));
    }
    return {};
}

Result<std::string> salvage_store(FileSystem& files) {
    EnvironmentPool pool;
    TRY(std::optional<Recovered> found, recover(files, pool, OnDamage::stop));
    if (!found) {
        return no_store();
    }
    if (!found->damage) {
        return Error{ErrorKind::refused, 0, "the journal is not damaged; nothing was changed"};
    }
    TRY(const StoreFiles before, list_store(files));
    std::uint64_t newest = found->segment;
    for (const auto& numbers : {before.segments, before.snapshots}) {
        newest = numbers.empty() ? newest : std::max(newest, numbers.back());
    }
    Generation kept{newest + 1, found->last_sequence, {}, salvaged_segment_bytes};
    SnapshotEncoder encoder(found->manifest.store, kept.number, kept.last_sequence);
    std::ignore = encoder.advance(found->state, kept.snapshot, everything);
    StoreManifest manifest = found->manifest;
    manifest.manifest.snapshot = manifest.manifest.first_segment = kept.number;
    TRY(const FilePtr segment, begin_generation(files, manifest, kept));
    for (const std::uint64_t number : before.segments) {
        CHECK_OK(set_aside(files, segment_name(number)));
    }
    for (const std::uint64_t number : before.snapshots) {
        CHECK_OK(set_aside(files, snapshot_name(number)));
    }
    return *found->damage + ".\nKept: everything up to record " +
           std::to_string(found->last_sequence) + ", " + std::to_string(found->state.tasks.size()) +
           " tasks. What came after it is lost. The damaged files are in " + aside_directory;
}

}  // namespace pueue::journal
