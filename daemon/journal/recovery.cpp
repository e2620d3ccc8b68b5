#include "daemon/journal/recovery.hpp"

#include "daemon/core/apply.hpp"

#include <algorithm>
#include <utility>

namespace pueue::journal {

namespace {

constexpr const char* way_out =
    ". Nothing was changed. Restore the files from a copy, or move the directory `journal` away to "
    "start afresh";

// Folds the segments of a store into what was recovered so far.
class Replay {
  public:
    Replay(FileSystem& files, EnvironmentPool& pool, Recovered& found)
        : files_(files), pool_(pool), found_(found), next_sequence_(found.last_sequence + 1) {}

    Result<> run(const std::vector<std::uint64_t>& present) {
        std::uint64_t number = found_.manifest.manifest.first_segment;
        bool is_whole = true;
        while (is_whole && std::binary_search(present.begin(), present.end(), number)) {
            TRY(is_whole, read_segment(number));
            ++number;
        }
        if (found_.segment == 0) {
            return invalid(
                segment_name(found_.manifest.manifest.first_segment) +
                ", where the log begins, is missing or damaged" + way_out
            );
        }
        // A segment that did not continue the log, or that comes after the end or a gap.
        const auto behind = std::upper_bound(present.begin(), present.end(), found_.segment);
        found_.torn_segments.assign(behind, present.end());
        for (const std::uint64_t torn : found_.torn_segments) {
            TRY(const FilePtr file, files_.open(segment_name(torn), OpenMode::read));
            TRY(const std::uint64_t size, file->size());
            RecordReader reader(*file, size, identity_of(torn), next_sequence_);
            CHECK_OK(search_witness(reader, torn));
        }
        return {};
    }

  private:
    // False: the log ends before the end of this segment, or before its beginning.
    Result<bool> read_segment(std::uint64_t number) {
        const std::string name = segment_name(number);
        TRY(const FilePtr file, files_.open(name, OpenMode::read));
        TRY(const std::uint64_t size, file->size());
        TRY(const bool continues, has_expected_header(*file, size, number));
        if (!continues) {
            return false;
        }
        found_.segment = number;
        found_.offset = file_header_bytes;
        found_.environments = EnvironmentTable();
        RecordReader reader(*file, size, identity_of(number), next_sequence_);
        const Result<> folded = fold(reader);
        if (folded.has_error()) {
            return folded.error().in(name);
        }
        next_sequence_ = reader.sequence();
        TRY(const std::uint64_t used_end, search_witness(reader, number));
        found_.torn_end = used_end;
        return found_.torn_end == found_.offset;
    }

    Result<bool> has_expected_header(const File& file, std::uint64_t size, std::uint64_t number) {
        FileWindow window(file, size);
        TRY(const ByteView bytes, window.view(0, file_header_bytes));
        const Result<FileHeader> header = decode_file_header(bytes);
        if (header.has_error() && header.error().kind == ErrorKind::refused) {
            return header.error().in(segment_name(number));
        }
        const FileHeader expected{identity_of(number), next_sequence_};
        return header.has_value() && header.value() == expected;
    }

    FileIdentity identity_of(std::uint64_t number) const {
        return {FileKind::segment, found_.manifest.store, number};
    }

    // Applies decision by decision, as far as they are complete.
    Result<> fold(RecordReader& reader) {
        std::vector<core::Record> decision;
        std::uint64_t whole_environments = 0;
        for (;;) {
            TRY(const std::optional<RecordView> record, reader.next());
            if (!record) {
                found_.environments.shrink(whole_environments);
                return {};
            }
            const Result<> taken = take(*record, decision);
            if (taken.has_error()) {
                return taken.error().in("offset " + std::to_string(record->offset));
            }
            if (!record->header.ends_decision) {
                continue;
            }
            CHECK_OK(apply_all(decision, record->offset));
            decision.clear();
            whole_environments = found_.environments.size();
            found_.records += record->header.sequence - found_.last_sequence;
            found_.last_sequence = record->header.sequence;
            found_.offset = reader.offset();
        }
    }

    Result<> take(const RecordView& record, std::vector<core::Record>& decision) {
        const EntryKind kind{record.header.type, record.header.version};
        TRY(Entry entry, decode_entry(kind, record.payload, found_.environments));
        if (auto* one = std::get_if<core::Record>(&entry)) {
            decision.push_back(std::move(*one));
            return {};
        }
        auto* defined = std::get_if<EnvironmentDefined>(&entry);
        if (defined == nullptr || defined->number != found_.environments.size()) {
            return invalid("a record that cannot be here");
        }
        found_.environments.add(pool_.intern(std::move(defined->environment)));
        return {};
    }

    Result<> apply_all(const std::vector<core::Record>& decision, std::uint64_t offset) {
        for (const core::Record& record : decision) {
            if (!core::applicable(found_.state, record)) {
                return invalid(
                    "offset " + std::to_string(offset) +
                    ": a record of this decision does not fit what is before it"
                );
            }
            core::apply(found_.state, record);
        }
        return {};
    }

    // Error if the first record that is missing was durable once. Else where the used part of the
    // file ends.
    Result<std::uint64_t> search_witness(RecordReader& reader, std::uint64_t number) {
        TRY(const Tail tail, reader.inspect_tail(next_sequence_));
        if (!tail.witness_offset) {
            return std::max(found_.offset, tail.end);
        }
        return invalid(
            segment_name(found_.segment) + ": offset " + std::to_string(found_.offset) +
            ": damaged: record " + std::to_string(next_sequence_) + " was once complete, as " +
            segment_name(number) + " shows at offset " + std::to_string(*tail.witness_offset) +
            "; the last good decision ends with record " + std::to_string(found_.last_sequence) +
            way_out
        );
    }

    FileSystem& files_;
    EnvironmentPool& pool_;
    Recovered& found_;
    std::uint64_t next_sequence_;  ///< the first one not yet seen
};

// What a store without a usable MANIFEST must have had in it; none if it never had one.
Result<std::optional<StoreManifest>> guess_manifest(FileSystem& files, const StoreFiles& present) {
    const std::optional<StoreManifest> none;
    const bool was_complete = present.has_manifest || present.segments.size() > 1;
    if (present.segments.empty()) {
        return was_complete ? Result<std::optional<StoreManifest>>(invalid(
                                  "journal: MANIFEST is damaged, and no segment is there" +
                                  std::string(way_out)
                              ))
                            : none;
    }
    const std::string name = segment_name(present.segments.front());
    TRY(const FilePtr file, files.open(name, OpenMode::read));
    TRY(const std::uint64_t size, file->size());
    FileWindow window(*file, size);
    TRY(const ByteView bytes, window.view(0, file_header_bytes));
    const Result<FileHeader> header = decode_file_header(bytes);
    if (header.has_value() && header->first_sequence == 1) {
        StoreManifest guessed;
        guessed.store = header->identity.store;
        guessed.manifest.first_segment = present.segments.front();
        return std::optional(guessed);
    }
    if (was_complete) {
        return invalid(name + ": damaged, and so is MANIFEST" + way_out);
    }
    return none;
}

Result<> sync_file(FileSystem& files, const std::string& name) {
    TRY(const FilePtr file, files.open(name, OpenMode::update));
    return file->sync();
}

}  // namespace

Result<std::optional<Recovered>> recover(FileSystem& files, EnvironmentPool& environments) {
    const std::optional<Recovered> none;
    TRY(const StoreFiles present, list_store(files));
    TRY(std::optional<StoreManifest> manifest, read_manifest(files));
    const bool is_guessed = !manifest;
    if (is_guessed) {
        TRY(manifest, guess_manifest(files, present));
    }
    if (!manifest) {
        return none;
    }
    Recovered found;
    found.manifest = *manifest;
    CHECK_OK(Replay(files, environments, found).run(present.segments));
    if (found.last_sequence == 0) {
        // The first decision is written before the MANIFEST.
        return is_guessed && !present.has_manifest
                   ? Result<std::optional<Recovered>>(none)
                   : invalid(
                         segment_name(found.segment) + ": its first decision is damaged" + way_out
                     );
    }
    if (is_guessed) {
        found.warnings.push_back("journal/MANIFEST was missing or damaged and is made again");
    }
    return std::optional(std::move(found));
}

Result<std::vector<std::string>> repair(FileSystem& files, const Recovered& found) {
    std::vector<std::string> aside;
    const std::string last = segment_name(found.segment);
    if (found.torn_end > found.offset) {
        TRY(std::string name, set_part_aside(files, last, found.offset, found.torn_end));
        aside.push_back(std::move(name));
        TRY(const FilePtr file, files.open(last, OpenMode::update));
        CHECK_OK(file->truncate(found.offset));
    }
    for (const std::uint64_t number : found.torn_segments) {
        TRY(std::string name, set_aside(files, segment_name(number)));
        aside.push_back(std::move(name));
    }
    // A killed daemon leaves writes that no sync has covered. They are about to be shown.
    for (std::uint64_t n = found.manifest.manifest.first_segment; n <= found.segment; ++n) {
        CHECK_OK(sync_file(files, segment_name(n)));
    }
    CHECK_OK(files.sync_directory(store_directory));
    return aside;
}

}  // namespace pueue::journal
