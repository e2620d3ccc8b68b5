#include "daemon/journal/journal.hpp"

#include "daemon/journal/compaction.hpp"
#include "daemon/journal/generation.hpp"
#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/recovery.hpp"
#include "daemon/journal/segment.hpp"
#include "daemon/journal/store.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace pueue::journal {

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
    bool room_is_missing = false;    ///< and nothing worse: what is appended stays in the buffer
    bool is_beginning_anew = false;  ///< what is appended meanwhile is for the new segment
    bool is_busy_with_way_out = false;
    std::function<void(const Result<Lsn>&)> listener;

    // Compaction: a new segment is made ready; the log goes on in it; the old one is synced; the
    // rest is folded. One at a time.
    enum class Compacting { no, between_jobs, in_a_job } compacting = Compacting::no;
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

    // Nothing of what the segment should hold is lost; there is only no room for more.
    const Error& run_out_of_room(const Error& error) {
        room_is_missing = true;
        return failure.emplace(error);
    }

    // What the segment holds is unknown. What nobody will ever write takes no memory.
    const Error& fail(const Error& error) {
        room_is_missing = false;
        buffer = Bytes();
        next = sealed = nullptr;
        compacting = compacting == Compacting::between_jobs ? Compacting::no : compacting;
        return failure.emplace(error);
    }

    bool is_unknown() const { return failure && !room_is_missing; }

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
        const std::uint64_t target = room_needed();
        if (target > allocated) {
            CHECK_OK(file->allocate(allocated, target - allocated));
            allocated = target;
        }
        return {};
    }

    std::uint64_t room_needed() const {
        const std::uint64_t chunk = options.chunk_bytes;
        return (end + buffer.size() + chunk - 1) / chunk * chunk;
    }

    Result<> write() {
        if (const Result<> room = make_room(); room.has_error()) {
            return run_out_of_room(room.error());
        }
        if (const Result<> result = file->write_at(buffer, end); result.has_error()) {
            return fail(result.error());
        }
        end += buffer.size();
        buffer.clear();
        written = appended;
        if (const Result<> result = maintain(); result.has_error()) {
            return fail(result.error());
        }
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
        if (result.has_error()) {
            if (!is_unknown()) {  // else known already, to whoever wrote
                listener(fail(result.error()));
            }
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
        if (compacting == Compacting::no && sealed_bytes + end >= compact_at) {
            compacting = Compacting::in_a_job;
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
        compacting = Compacting::between_jobs;
        if (const Result<> result = maintain(); result.has_error()) {
            listener(fail(result.error()));
        }
    }

    void fold_sealed() {
        compacting = Compacting::in_a_job;
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
        compacting = Compacting::no;
        set_threshold();
        if (result.has_error()) {
            // Whatever is in the way, it is not asked again with every write.
            compact_at += sealed_bytes + end;
        }
        if (options.when_compacted) {
            options.when_compacted(result);
        }
    }

    // The ways out of a failure.

    void ask_for_room() {
        const std::uint64_t target = std::max(allocated, room_needed());
        options.run_on_disk(
            Urgency::slow,
            [this, present = file, from = allocated, target]() -> Completion {
                const Result<> made = present->allocate(from, target - from);
                return [this, target, made] { take_room(target, made); };
            }
        );
    }

    void take_room(std::uint64_t target, const Result<>& made) {
        is_busy_with_way_out = false;
        if (is_unknown()) {
            return;  // meanwhile something worse was found, and told
        }
        if (made.has_error()) {
            listener(run_out_of_room(made.error()));
            return;
        }
        allocated = target;
        room_is_missing = false;
        failure.reset();
        listener(durable());
    }

    bool begin_anew(const State& state) {
        if (compacting == Compacting::in_a_job) {
            return false;
        }
        is_busy_with_way_out = is_beginning_anew = true;
        // Each attempt has a number of its own: of the one before, anything may be on the disk.
        ++segment;
        environments = EnvironmentTable();
        end = file_header_bytes;
        Generation generation{segment, appended, {}, options.chunk_bytes};
        std::ignore =
            SnapshotEncoder(manifest.store, segment, appended)
                .advance(state, generation.snapshot, std::numeric_limits<std::size_t>::max() / 2);
        StoreManifest after = manifest;
        after.manifest.snapshot = after.manifest.first_segment = segment;
        options.run_on_disk(
            Urgency::slow,
            [this, &files = files, after, work = std::move(generation)]() -> Completion {
                const Result<FilePtr> made = begin_generation(files, after, work);
                const NewGeneration begun{after, work.snapshot.size()};
                return [this, made, begun, sequence = work.last_sequence] {
                    end_beginning_anew(made, begun, sequence);
                };
            }
        );
        return true;
    }

    void end_beginning_anew(
        const Result<FilePtr>& made, const NewGeneration& begun, std::uint64_t last_sequence
    ) {
        is_busy_with_way_out = is_beginning_anew = false;
        if (made.has_error()) {
            listener(fail(made.error()));
            return;
        }
        file = *made;
        allocated = options.chunk_bytes;
        manifest = begun.manifest;
        snapshot_bytes = begun.snapshot_bytes;
        sealed_bytes = 0;
        set_threshold();
        written = synced = last_sequence;
        failure.reset();
        listener(durable());
    }
};

Result<Journal::Opened> Journal::open(
    FileSystem& files, EnvironmentPool& environments, JournalOptions options
) {
    RecoveryReport report;
    TRY(std::optional<Recovered> found, recover(files, environments));
    if (!found) {
        report.created = true;
        TRY(report.set_aside, create_store(files, options.random));
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
    if (parts_->is_unknown() && !parts_->is_beginning_anew) {
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
    return parts_->write();
}

bool Journal::recover_from_failure(const State& state) {
    PUEUE_CHECK(has_failed());
    if (parts_->is_busy_with_way_out) {
        return false;
    }
    if (parts_->room_is_missing) {
        parts_->is_busy_with_way_out = true;
        parts_->ask_for_room();
        return true;
    }
    return parts_->begin_anew(state);
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
bool Journal::has_failed() const noexcept {
    return parts_->failure.has_value();
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
