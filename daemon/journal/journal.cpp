#include "daemon/journal/journal.hpp"

#include "daemon/journal/compaction.hpp"
#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/recovery.hpp"
#include "daemon/journal/segment.hpp"
#include "daemon/journal/store.hpp"

#include <algorithm>
#include <utility>

namespace pueue::journal {

namespace {

// A segment without a header yet. Until it has one, it is space and nothing else.
Result<FilePtr> make_segment(FileSystem& files, const std::string& name, std::uint64_t bytes) {
    TRY(FilePtr file, files.open(name, OpenMode::replace));
    CHECK_OK(file->allocate(0, bytes));
    CHECK_OK(files.sync_directory(store_directory));
    return file;
}

}  // namespace

// Sequence numbers, in order: everything up to `synced` is durable, up to `written` with the
// kernel, up to `appended` decided.
struct Journal::Parts {
    FileSystem& files;
    JournalOptions options;
    StoreManifest manifest;

    // The segment that is written to. The disk thread may be syncing the same file.
    std::uint64_t segment = 0;
    FilePtr file;
    std::uint64_t end = 0;        ///< where the buffer goes
    std::uint64_t allocated = 0;  ///< the file's size
    EnvironmentTable environments;

    Bytes buffer;  ///< records of appended, not yet written decisions
    Bytes payload;
    std::uint64_t appended = 0;
    std::uint64_t written = 0;
    std::uint64_t synced = 0;

    bool sync_is_running = false;
    bool sync_is_wanted = false;
    std::optional<Error> failure;
    std::function<void(const Result<Lsn>&)> listener;

    // Compaction: a new segment is made ready; the log goes on in it; the old one is synced; the
    // rest is folded. One at a time.
    bool is_compacting = false;
    FilePtr next;    ///< ready to be gone on in
    FilePtr sealed;  ///< the segment before the present one, until it is synced
    std::uint64_t sealed_sequence = 0;
    std::uint64_t sealed_bytes = 0;    ///< of all segments since the snapshot but the present one
    std::uint64_t snapshot_bytes = 0;  ///< of the newest snapshot
    std::uint64_t compact_at = 0;      ///< bytes in segments

    Parts(FileSystem& files_of_store, JournalOptions chosen, const Recovered& found)
        : files(files_of_store),
          options(std::move(chosen)),
          manifest(found.manifest),
          segment(found.segment),
          end(found.offset),
          environments(found.environments),
          appended(found.last_sequence),
          written(found.last_sequence),
          synced(found.last_sequence),
          listener([](const Result<Lsn>&) {}),
          sealed_bytes(found.log_bytes - found.offset),
          snapshot_bytes(found.snapshot_bytes) {
        set_threshold();
    }

    FileIdentity identity() const { return {FileKind::segment, manifest.store, segment}; }

    const Error& fail(const Error& error) {
        // What nobody will ever write takes no memory.
        buffer = Bytes();
        return failure.emplace(error.in(segment_name(segment)));
    }

    template <class... Arguments>
    void append_entry(bool ends_decision, const Arguments&... entry) {
        payload.clear();
        const EntryKind kind = encode_entry(payload, entry...);
        ++appended;
        const std::uint64_t unsynced = appended - synced;
        const RecordHeader header{
            .sequence = appended,
            .type = kind.type,
            .version = kind.version,
            .ends_decision = ends_decision,
            .unsynced = unsynced < unsynced_unknown ? static_cast<std::uint32_t>(unsynced)
                                                    : unsynced_unknown};
        RecordWriter(identity()).append(buffer, header, payload);
    }

    void append_record(const core::Record& record, bool ends_decision) {
        const EnvironmentPtr* environment = environment_of(record);
        if (environment != nullptr && !environments.find(**environment)) {
            const EnvironmentDefined defined{environments.size(), *environment};
            append_entry(false, defined);
            environments.add(*environment);
        }
        append_entry(ends_decision, record, environments);
    }

    // Space is taken in large chunks: a sync of a file that does not grow is much faster.
    Result<> make_room() {
        if (end + buffer.size() <= allocated) {
            return {};
        }
        const std::uint64_t chunk = options.chunk_bytes;
        const std::uint64_t target = (end + buffer.size() + chunk - 1) / chunk * chunk;
        CHECK_OK(file->allocate(allocated, target - allocated));
        allocated = target;
        return {};
    }

    Result<> write() {
        CHECK_OK(make_room());
        CHECK_OK(file->write_at(buffer, end));
        end += buffer.size();
        buffer.clear();
        written = appended;
        return {};
    }

    void start_sync() {
        sync_is_running = true;
        sync_is_wanted = false;
        const std::uint64_t target = written;
        options.run_on_disk(
            Urgency::sync,
            [this, target, before = sealed, present = file]() -> Completion {
                Result<> result = before ? before->sync() : Result<>();
                if (result.has_value()) {
                    result = present->sync();
                }
                return [this, target, before, result] { finish_sync(target, before, result); };
            }
        );
    }

    void finish_sync(std::uint64_t target, const FilePtr& before, const Result<>& result) {
        sync_is_running = false;
        if (result.has_error() && failure) {
            return;  // known already, to whoever wrote
        }
        if (result.has_error()) {
            listener(fail(result.error()));
            return;
        }
        synced = std::max(synced, target);
        if (sealed && before == sealed) {
            sealed = nullptr;
            fold_sealed();
        }
        if (sync_is_wanted && !failure && (written > synced || sealed)) {
            start_sync();
        }
        listener(durable());
    }

    Lsn durable() const { return {options.durability == Durability::sync ? synced : written}; }

    // Compaction.

    void set_threshold() { compact_at = std::max(options.compact_from_bytes, snapshot_bytes); }

    // Requires: the buffer is empty. The sync that covers the rest of the old segment covers the
    // header of the new one: the snapshot that follows needs both.
    Result<> go_on_in_next() {
        sealed = std::exchange(file, std::exchange(next, nullptr));
        sealed_sequence = written;
        sealed_bytes += end;
        ++segment;
        end = file_header_bytes;
        allocated = options.chunk_bytes;
        environments = EnvironmentTable();
        CHECK_OK(file->write_at(encode_file_header({identity(), appended + 1}), 0));
        if (sync_is_running) {
            sync_is_wanted = true;
        } else {
            start_sync();
        }
        return {};
    }

    Result<> maintain() {
        if (next && buffer.empty()) {
            return go_on_in_next();
        }
        if (!is_compacting && sealed_bytes + end >= compact_at) {
            is_compacting = true;
            make_next_ready();
        }
        return {};
    }

    void make_next_ready() {
        options.run_on_disk(
            Urgency::slow,
            [this, &files = files, name = segment_name(segment + 1), bytes = options.chunk_bytes](
            ) -> Completion {
                const Result<FilePtr> made = make_segment(files, name, bytes);
                return [this, made] { take_next(made); };
            }
        );
    }

    void take_next(const Result<FilePtr>& made) {
        if (made.has_error() || failure) {
            finish_compaction(made.has_error() ? made.error() : *failure);
            return;
        }
        next = *made;
        if (const Result<> result = maintain(); result.has_error()) {
            listener(fail(result.error()));
        }
    }

    void fold_sealed() {
        const CompactionPlan plan{manifest, segment - 1, sealed_sequence};
        const std::uint64_t log_bytes = std::exchange(sealed_bytes, 0);
        compact(options.run_on_disk, files, plan, [this, log_bytes](const auto& folded) {
            if (folded.has_error()) {
                sealed_bytes += log_bytes;
                finish_compaction(folded.error());
                return;
            }
            manifest = folded->manifest;
            snapshot_bytes = folded->snapshot_bytes;
            finish_compaction(Compacted{log_bytes, snapshot_bytes});
        });
    }

    void finish_compaction(const Result<Compacted>& result) {
        is_compacting = false;
        set_threshold();
        if (result.has_error()) {
            // Whatever is in the way, it is not asked again with every write.
            compact_at += sealed_bytes + end;
        }
        if (options.when_compacted) {
            options.when_compacted(result);
        }
    }
};

namespace {

// Makes the files of a new store. Until the MANIFEST is there, it does not exist.
Result<> create_store(FileSystem& files, const StoreId& store, std::vector<std::string>& aside) {
    CHECK_OK(files.make_directory(store_directory));
    CHECK_OK(files.sync_directory("."));
    TRY(const StoreFiles left_over, list_store(files));
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
    return write_manifest(files, manifest);
}

}  // namespace

Result<Journal::Opened> Journal::open(
    FileSystem& files, EnvironmentPool& environments, JournalOptions options
) {
    RecoveryReport report;
    TRY(std::optional<Recovered> found, recover(files, environments));
    if (!found) {
        report.created = true;
        CHECK_OK(create_store(files, options.random, report.set_aside));
        TRY(found, recover(files, environments));
        PUEUE_CHECK(found.has_value());
    }
    TRY(std::vector<std::string> aside, repair(files, *found));
    if (!found->warnings.empty()) {
        CHECK_OK(write_manifest(files, found->manifest));
    }

    auto parts = std::make_unique<Parts>(files, std::move(options), *found);
    TRY(parts->file, files.open(segment_name(found->segment), OpenMode::update));
    TRY(parts->allocated, parts->file->size());

    report.records = found->records;
    report.bytes_cut = found->torn_end - found->offset;
    report.warnings = std::move(found->warnings);
    std::move(aside.begin(), aside.end(), std::back_inserter(report.set_aside));
    Opened opened;
    opened.journal.reset(new Journal(std::move(parts)));
    opened.state = std::move(found->state);
    opened.report = std::move(report);
    return opened;
}

Journal::Journal(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Journal::~Journal() = default;

Lsn Journal::append(const std::vector<core::Record>& decision) {
    if (parts_->failure) {
        parts_->appended += decision.size();
        return {parts_->appended};
    }
    for (std::size_t i = 0; i < decision.size(); ++i) {
        parts_->append_record(decision[i], i + 1 == decision.size());
    }
    return {parts_->appended};
}

Result<> Journal::write() {
    if (parts_->failure) {
        return *parts_->failure;
    }
    if (parts_->buffer.empty()) {
        return {};
    }
    Result<> result = parts_->write();
    if (result.has_value()) {
        result = parts_->maintain();
    }
    return result.has_error() ? parts_->fail(result.error()) : result;
}

void Journal::request_sync() {
    if (parts_->failure || !has_unsynced()) {
        return;
    }
    if (parts_->sync_is_running) {
        parts_->sync_is_wanted = true;
    } else {
        parts_->start_sync();
    }
}

Result<> Journal::write_through() {
    CHECK_OK(write());
    if (const Result<> synced = parts_->file->sync(); synced.has_error()) {
        return parts_->fail(synced.error());
    }
    parts_->synced = parts_->written;
    return {};
}

const std::array<std::uint8_t, 16>& Journal::store() const noexcept {
    return parts_->manifest.store;
}

Lsn Journal::written() const noexcept {
    return {parts_->written};
}
Lsn Journal::durable() const noexcept {
    return parts_->durable();
}
bool Journal::has_unsynced() const noexcept {
    return parts_->synced < parts_->written;
}

void Journal::when_synced(std::function<void(const Result<Lsn>&)> listener) {
    parts_->listener = std::move(listener);
}

Result<> Journal::close() {
    CHECK_OK(write());
    Result<> closed = parts_->sealed ? parts_->sealed->sync() : Result<>();
    if (closed.has_value()) {
        closed = parts_->file->truncate(parts_->end);
    }
    if (closed.has_value()) {
        closed = parts_->file->sync();
    }
    const Error is_closed{ErrorKind::refused, 0, "the journal is closed"};
    parts_->fail(closed.has_error() ? closed.error() : is_closed);
    return closed;
}

}  // namespace pueue::journal
