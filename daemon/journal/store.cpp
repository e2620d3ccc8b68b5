#include "daemon/journal/store.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace pueue::journal {

namespace {

constexpr std::string_view segment_prefix = "segment-";
constexpr std::string_view snapshot_prefix = "snapshot-";
constexpr std::size_t copy_bytes = std::size_t{256} * 1024;

std::string below_store(std::string_view name) {
    return std::string(store_directory) + "/" + std::string(name);
}

std::string numbered(std::string_view prefix, std::uint64_t number) {
    const std::string digits = std::to_string(number);
    const std::size_t zeros = digits.size() < 10 ? 10 - digits.size() : 0;
    return below_store(std::string(prefix) + std::string(zeros, '0') + digits);
}

// The number in a name that `numbered` makes.
std::optional<std::uint64_t> number_in(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    const std::string_view digits = name.substr(prefix.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || below_store(name) != numbered(prefix, number)) {
        return std::nullopt;
    }
    return number;
}

std::string_view last_component(std::string_view name) {
    return name.substr(name.rfind('/') + 1);
}

// Makes the directory and finds a name in it that nothing has.
Result<std::string> free_aside_name(FileSystem& files, std::string_view base) {
    CHECK_OK(files.make_directory(aside_directory));
    CHECK_OK(files.sync_directory(store_directory));
    TRY(const std::vector<std::string> taken, files.list(aside_directory));
    std::string name(base);
    for (int i = 1; std::find(taken.begin(), taken.end(), name) != taken.end(); ++i) {
        name = std::string(base) + "." + std::to_string(i);
    }
    return std::string(aside_directory) + "/" + name;
}

Result<> copy(const File& source, std::uint64_t from, std::uint64_t to, File& target) {
    Bytes piece;
    for (std::uint64_t at = from; at < to; at += piece.size()) {
        piece.resize(std::min<std::uint64_t>(copy_bytes, to - at));
        TRY(const std::size_t got, source.read_at(piece.data(), piece.size(), at));
        if (got < piece.size()) {
            return invalid("a file became shorter while it was copied");
        }
        CHECK_OK(target.write_at(piece, at - from));
    }
    return {};
}

}  // namespace

std::string manifest_name() {
    return below_store("MANIFEST");
}
std::string segment_name(std::uint64_t number) {
    return numbered(segment_prefix, number);
}
std::string snapshot_name(std::uint64_t number) {
    return numbered(snapshot_prefix, number);
}

std::string snapshot_draft_name() {
    return below_store("snapshot.tmp");
}

Result<StoreFiles> list_store(FileSystem& files) {
    const Result<std::vector<std::string>> names = files.list(store_directory);
    if (names.has_error()) {
        return names.error().kind == ErrorKind::not_found ? Result<StoreFiles>(StoreFiles())
                                                          : Result<StoreFiles>(names.error());
    }
    StoreFiles found;
    for (const std::string& name : *names) {
        if (const auto segment = number_in(name, segment_prefix)) {
            found.segments.push_back(*segment);
        } else if (const auto snapshot = number_in(name, snapshot_prefix)) {
            found.snapshots.push_back(*snapshot);
        } else if (below_store(name) == manifest_name()) {
            found.has_manifest = true;
        }
    }
    std::sort(found.segments.begin(), found.segments.end());
    std::sort(found.snapshots.begin(), found.snapshots.end());
    return found;
}

Result<> replace_file(
    FileSystem& files, const std::string& name, const std::string& directory, ByteView content
) {
    const std::string temporary = name + ".tmp";
    TRY(const FilePtr file, files.open(temporary, OpenMode::replace));
    CHECK_OK(file->write_at(content, 0));
    CHECK_OK(file->sync());
    CHECK_OK(files.rename(temporary, name));
    return files.sync_directory(directory);
}

Result<std::string> set_aside(FileSystem& files, const std::string& name) {
    TRY(std::string aside, free_aside_name(files, last_component(name)));
    CHECK_OK(files.rename(name, aside));
    CHECK_OK(files.sync_directory(aside_directory));
    CHECK_OK(files.sync_directory(store_directory));
    return aside;
}

Result<std::string> set_part_aside(
    FileSystem& files, const std::string& name, std::uint64_t from, std::uint64_t to
) {
    const std::string base = std::string(last_component(name)) + ".from-" + std::to_string(from);
    TRY(std::string aside, free_aside_name(files, base));
    TRY(const FilePtr source, files.open(name, OpenMode::read));
    TRY(const FilePtr target, files.open(aside, OpenMode::create));
    CHECK_OK(copy(*source, from, to, *target));
    CHECK_OK(target->sync());
    CHECK_OK(files.sync_directory(aside_directory));
    return aside;
}

Result<std::optional<FileHeader>> read_header(FileSystem& files, const std::string& name) {
    TRY(const FilePtr file, files.open(name, OpenMode::read));
    TRY(const std::uint64_t size, file->size());
    FileWindow window(*file, size);
    TRY(const ByteView bytes, window.view(0, file_header_bytes));
    const Result<FileHeader> header = decode_file_header(bytes);
    if (header.has_value()) {
        return std::optional(*header);
    }
    return header.error().kind == ErrorKind::refused
               ? Result<std::optional<FileHeader>>(header.error().in(name))
               : std::optional<FileHeader>();
}

Result<> write_manifest(FileSystem& files, const StoreManifest& manifest) {
    const FileIdentity identity{FileKind::manifest, manifest.store, 0};
    Bytes content = encode_file_header({identity, 1});
    Bytes payload;
    const EntryKind kind = encode_entry(payload, manifest.manifest);
    const RecordHeader header{
        .sequence = 1, .type = kind.type, .version = kind.version, .ends_decision = true};
    RecordWriter(identity).append(content, header, payload);
    return replace_file(files, manifest_name(), store_directory, content);
}

Result<std::optional<StoreManifest>> read_manifest(FileSystem& files) {
    const std::optional<StoreManifest> none;
    const Result<FilePtr> file = files.open(manifest_name(), OpenMode::read);
    if (file.has_error()) {
        return file.error().kind == ErrorKind::not_found
                   ? Result<std::optional<StoreManifest>>(none)
                   : Result<std::optional<StoreManifest>>(file.error());
    }
    TRY(const std::uint64_t size, (*file)->size());
    FileWindow window(**file, size);
    TRY(const ByteView header_bytes, window.view(0, file_header_bytes));
    const Result<FileHeader> header = decode_file_header(header_bytes);
    if (header.has_error() && header.error().kind == ErrorKind::refused) {
        return header.error().in(manifest_name());
    }
    if (header.has_error() || header->identity.kind != FileKind::manifest) {
        return none;
    }
    RecordReader reader(**file, size, header->identity, header->first_sequence);
    TRY(const std::optional<RecordView> record, reader.next());
    if (!record) {
        return none;
    }
    const EntryKind kind{record->header.type, record->header.version};
    Result<Entry> entry = decode_entry(kind, record->payload, {});
    if (entry.has_error()) {
        return entry.error().in(manifest_name());
    }
    const auto* manifest = std::get_if<Manifest>(&entry.value());
    if (manifest == nullptr) {
        return none;
    }
    return std::optional(StoreManifest{header->identity.store, *manifest});
}

}  // namespace pueue::journal
