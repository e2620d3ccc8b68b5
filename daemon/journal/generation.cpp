#include "daemon/journal/generation.hpp"

#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/segment.hpp"

#include <tuple>
#include <utility>

namespace pueue::journal {

namespace {

Result<FilePtr> write_files(FileSystem& files, const StoreId& store, const Generation& generation) {
    CHECK_OK(files.make_directory(store_directory));
    CHECK_OK(files.sync_directory("."));
    const std::string name = segment_name(generation.number);
    TRY(FilePtr segment, make_segment(files, name, generation.segment_bytes));
    const FileIdentity identity{FileKind::segment, store, generation.number};
    CHECK_OK(segment->write_at(encode_file_header({identity, generation.last_sequence + 1}), 0));
    CHECK_OK(segment->sync());

    TRY(const FilePtr draft, files.open(snapshot_draft_name(), OpenMode::replace));
    CHECK_OK(draft->write_at(generation.snapshot, 0));
    CHECK_OK(draft->sync());
    CHECK_OK(files.rename(snapshot_draft_name(), snapshot_name(generation.number)));
    CHECK_OK(files.sync_directory(store_directory));
    return segment;
}

}  // namespace

Result<std::vector<std::string>> create_store(FileSystem& files, const StoreId& store) {
    CHECK_OK(files.make_directory(store_directory));
    CHECK_OK(files.sync_directory("."));
    TRY(const StoreFiles left_over, list_store(files));
    std::vector<std::string> aside;
    for (const std::uint64_t number : left_over.segments) {
        TRY(std::string name, set_aside(files, segment_name(number)));
        aside.push_back(std::move(name));
    }

    const StoreManifest manifest{store, {}};
    const std::uint64_t number = manifest.manifest.first_segment;
    const FileIdentity identity{FileKind::segment, store, number};
    Bytes content = encode_file_header({identity, 1});
    Bytes payload;
    const EntryKind kind = encode_entry(payload, core::GroupAdded{default_group, 1}, {});
    const RecordHeader header{
        .sequence = 1, .type = kind.type, .version = kind.version, .ends_decision = true};
    RecordWriter(identity).append(content, header, payload);

    TRY(const FilePtr file, files.open(segment_name(number), OpenMode::create));
    CHECK_OK(file->write_at(content, 0));
    CHECK_OK(file->sync());
    CHECK_OK(files.sync_directory(store_directory));
    CHECK_OK(write_manifest(files, manifest));
    return aside;
}

Result<FilePtr> make_segment(FileSystem& files, const std::string& name, std::uint64_t bytes) {
    TRY(FilePtr file, files.open(name, OpenMode::replace));
    CHECK_OK(file->allocate(0, bytes));
    CHECK_OK(files.sync_directory(store_directory));
    return file;
}

Result<FilePtr> begin_generation(
    FileSystem& files, const StoreManifest& manifest, const Generation& generation
) {
    Result<FilePtr> segment = write_files(files, manifest.store, generation);
    if (segment.has_error()) {
        // It may be space that is missed.
        std::ignore = files.remove(snapshot_draft_name());
        std::ignore = files.remove(snapshot_name(generation.number));
        std::ignore = files.remove(segment_name(generation.number));
        return segment;
    }
    CHECK_OK(write_manifest(files, manifest));
    return segment;
}

}  // namespace pueue::journal
