#include "daemon/journal/recovery.hpp"

#include "daemon/journal/fold.hpp"
#include "daemon/journal/snapshot.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace pueue::journal {

namespace {

constexpr const char* way_out =
    ". Nothing was changed. Restore the files from a copy, or keep what is before the damage with "
    "`pueued --salvage ⟨pueue directory⟩`";

constexpr std::size_t everything = std::size_t{1} << 40;

// Folds the segments of a store into what was recovered so far.
class Replay {
  public:
    Replay(FileSystem& files, EnvironmentPool& pool, Recovered& found, OnDamage on_damage)
        : files_(files),
          found_(found),
          on_damage_(on_damage),
          fold_(found.state, pool, found.last_sequence) {}

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
        for (auto torn = behind; torn != present.end(); ++torn) {
            CHECK_OK(look_into_torn(*torn));
        }
        return {};
    }

  private:
    // False: the log ends before the end of this segment, or before its beginning.
    Result<bool> read_segment(std::uint64_t number) {
        TRY(FilePtr file, files_.open(segment_name(number), OpenMode::read));
        TRY(const bool continues, fold_.enter(std::move(file), identity_of(number)));
        if (!continues) {
            return false;
        }
        found_.segment = number;
        const std::uint64_t before = fold_.last_sequence();
        CHECK_OK(fold());
        found_.records += fold_.last_sequence() - before;
        found_.last_sequence = fold_.last_sequence();
        found_.offset = fold_.offset();
        found_.log_bytes += found_.offset;
        found_.environments = fold_.environments();
        TRY(const Tail tail, fold_.inspect_tail());
        CHECK_OK(check_witness(tail, number));
        found_.torn_end = std::max(found_.offset, tail.end);
        return found_.torn_end == found_.offset;
    }

    Result<> fold() {
        for (;;) {
            const Result<bool> goes_on = fold_.advance(everything);
            if (goes_on.has_error() && goes_on.error().kind == ErrorKind::invalid) {
                return meet_damage(goes_on.error().text);
            }
            TRY(const bool is_unfinished, goes_on);
            if (!is_unfinished) {
                return {};
            }
        }
    }

    Result<> meet_damage(std::string text) {
        if (on_damage_ == OnDamage::refuse) {
            return invalid(text + way_out);
        }
        found_.damage = found_.damage ? found_.damage : std::move(text);
        return {};
    }

    Result<> look_into_torn(std::uint64_t number) {
        TRY(const FilePtr file, files_.open(segment_name(number), OpenMode::read));
        TRY(const std::uint64_t size, file->size());
        RecordReader reader(*file, size, identity_of(number), fold_.next_sequence());
        TRY(const Tail tail, reader.inspect_tail(fold_.next_sequence()));
        CHECK_OK(check_witness(tail, number));
        FileWindow window(*file, size);
        TRY(const ByteView header, window.view(0, file_header_bytes));
        const bool is_unused = header.find_first_not_of('\0') == ByteView::npos &&
                               tail.end == std::min(size, reader.offset());
        (is_unused ? found_.unused_segments : found_.torn_segments).push_back(number);
        return {};
    }

    FileIdentity identity_of(std::uint64_t number) const {
        return {FileKind::segment, found_.manifest.store, number};
    }

    // Error if the first record that is missing was durable once.
    Result<> check_witness(const Tail& tail, std::uint64_t number) {
        if (!tail.witness_offset) {
            return {};
        }
        return meet_damage(
            segment_name(found_.segment) + ": offset " + std::to_string(found_.offset) +
            ": damaged: record " + std::to_string(fold_.next_sequence()) +
            " was once complete, as " + segment_name(number) + " shows at offset " +
            std::to_string(*tail.witness_offset) + "; the last good decision ends with record " +
            std::to_string(found_.last_sequence)
        );
    }

    FileSystem& files_;
    Recovered& found_;
    OnDamage on_damage_;
    Fold fold_;
};

// The places where reading can begin, the best one first. Without a usable MANIFEST: what it must
// have said; none if there never was a store.
class Beginnings {
  public:
    Beginnings(FileSystem& files, const StoreFiles& present) : files_(files), present_(present) {}

    Result<std::vector<StoreManifest>> find(const std::optional<StoreManifest>& manifest) {
        std::uint64_t below = std::numeric_limits<std::uint64_t>::max();
        if (manifest) {
            all_.push_back(*manifest);
            if (!manifest->manifest.snapshot) {
                return std::move(all_);
            }
            below = *manifest->manifest.snapshot;
        }
        for (auto number = present_.snapshots.rbegin(); number != present_.snapshots.rend();
             ++number) {
            if (*number < below) {
                CHECK_OK(add(snapshot_name(*number), *number));
            }
        }
        if (!present_.segments.empty()) {
            CHECK_OK(add(segment_name(present_.segments.front()), std::nullopt));
        }
        return std::move(all_);
    }

  private:
    Result<> add(const std::string& name, std::optional<std::uint64_t> snapshot) {
        TRY(const std::optional<FileHeader> header, read_header(files_, name));
        const bool is_beginning = header && header->first_sequence == 1 &&
                                  (all_.empty() || header->identity.store == all_.front().store);
        if (is_beginning) {
            StoreManifest one{header->identity.store, {snapshot, header->identity.number, {}}};
            if (!all_.empty()) {
                one.manifest.imported = all_.front().manifest.imported;
            }
            all_.push_back(std::move(one));
        }
        return {};
    }

    FileSystem& files_;
    const StoreFiles& present_;
    std::vector<StoreManifest> all_;
};

Result<> load_snapshot(FileSystem& files, EnvironmentPool& pool, Recovered& found) {
    if (!found.manifest.manifest.snapshot) {
        return {};
    }
    TRY(SnapshotReader reader,
        SnapshotReader::open(files, found.manifest.store, *found.manifest.manifest.snapshot, pool));
    bool goes_on = true;
    while (goes_on) {
        TRY(goes_on, reader.advance(everything));
    }
    found.state = std::move(reader.state());
    found.last_sequence = reader.last_sequence();
    found.snapshot_bytes = reader.file_size();
    return {};
}

bool is_damage(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::not_found;
}

// Tries one beginning after the other. Error: what is wrong with the last one.
Result<Recovered> read_from(
    FileSystem& files,
    EnvironmentPool& pool,
    const std::vector<StoreManifest>& beginnings,
    const StoreFiles& present,
    OnDamage on_damage
) {
    std::optional<Error> damage;
    std::vector<std::uint64_t> damaged;
    for (const StoreManifest& beginning : beginnings) {
        Recovered found;
        found.manifest = beginning;
        const Result<> loaded = load_snapshot(files, pool, found);
        if (loaded.has_error() && !is_damage(loaded.error())) {
            return loaded.error();
        }
        if (loaded.has_error()) {
            damage = damage ? damage : loaded.error();
            damaged.push_back(*beginning.manifest.snapshot);
            continue;
        }
        CHECK_OK(Replay(files, pool, found, on_damage).run(present.segments));
        // What followed the damaged snapshot must follow what was read in its place.
        if (damage && found.segment < damaged.front()) {
            if (on_damage == OnDamage::refuse) {
                break;
            }
            found.damage = damage->text;
        }
        if (damage) {
            found.damaged_snapshots = std::move(damaged);
            found.warnings.push_back(damage->text + ". The one before it is used");
        }
        return found;
    }
    return invalid(damage->text + way_out);
}

Result<> sync_file(FileSystem& files, const std::string& name) {
    TRY(const FilePtr file, files.open(name, OpenMode::update));
    return file->sync();
}

}  // namespace

Result<std::optional<Recovered>> recover(
    FileSystem& files, EnvironmentPool& environments, OnDamage on_damage
) {
    const std::optional<Recovered> none;
    TRY(const StoreFiles present, list_store(files));
    TRY(const std::optional<StoreManifest> manifest, read_manifest(files));
    TRY(const std::vector<StoreManifest> beginnings, Beginnings(files, present).find(manifest));
    if (beginnings.empty()) {
        const bool was_complete =
            present.has_manifest || present.segments.size() > 1 || !present.snapshots.empty();
        return was_complete ? Result<std::optional<Recovered>>(invalid(
                                  "journal: MANIFEST is damaged, and so is where the log begins" +
                                  std::string(way_out)
                              ))
                            : none;
    }
    TRY(Recovered found, read_from(files, environments, beginnings, present, on_damage));
    if (found.last_sequence == 0) {
        // The first decision is written before the MANIFEST.
        return !manifest && !present.has_manifest
                   ? Result<std::optional<Recovered>>(none)
                   : invalid(
                         segment_name(found.segment) + ": its first decision is damaged" + way_out
                     );
    }
    if (!manifest) {
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
    TRY(const StoreFiles present, list_store(files));
    for (const std::uint64_t number : found.damaged_snapshots) {
        if (std::binary_search(present.snapshots.begin(), present.snapshots.end(), number)) {
            TRY(std::string name, set_aside(files, snapshot_name(number)));
            aside.push_back(std::move(name));
        }
    }
    for (const std::uint64_t number : found.unused_segments) {
        CHECK_OK(files.remove(segment_name(number)));
    }
    // A killed daemon leaves writes that no sync has covered. They are about to be shown.
    for (std::uint64_t n = found.manifest.manifest.first_segment; n <= found.segment; ++n) {
        CHECK_OK(sync_file(files, segment_name(n)));
    }
    CHECK_OK(files.sync_directory(store_directory));
    return aside;
}

}  // namespace pueue::journal
