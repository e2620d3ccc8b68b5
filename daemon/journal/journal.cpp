#include "daemon/journal/journal.hpp"

#include "daemon/journal/record_codec.hpp"
#include "daemon/journal/recovery.hpp"
#include "daemon/journal/segment.hpp"
#include "daemon/journal/store.hpp"

#include <algorithm>
#include <utility>

namespace pueue::journal {

// Sequence numbers, in order: everything up to `synced` is durable, up to `written` with the
// kernel, up to `appended` decided.
struct Journal::Parts {
    JournalOptions options;
    StoreId store{};

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

    FileIdentity identity() const { return {FileKind::segment, store, segment}; }

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
        options.run_on_disk(Urgency::sync, [this, target, synced_file = file]() -> Completion {
            const Result<> result = synced_file->sync();
            return [this, target, result] { finish_sync(target, result); };
        });
    }

    void finish_sync(std::uint64_t target, const Result<>& result) {
        sync_is_running = false;
        if (result.has_error() && failure) {
            return;  // known already, to whoever wrote
        }
        if (result.has_error()) {
            listener(fail(result.error()));
            return;
        }
        synced = std::max(synced, target);
        if (sync_is_wanted && !failure && written > synced) {
            start_sync();
        }
        listener(durable());
    }

    Lsn durable() const { return {options.durability == Durability::sync ? synced : written}; }
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

    auto parts = std::make_unique<Parts>();
    parts->options = std::move(options);
    parts->store = found->manifest.store;
    parts->segment = found->segment;
    TRY(parts->file, files.open(segment_name(found->segment), OpenMode::update));
    TRY(parts->allocated, parts->file->size());
    parts->end = found->offset;
    parts->environments = std::move(found->environments);
    parts->appended = parts->written = parts->synced = found->last_sequence;
    parts->listener = [](const Result<Lsn>&) {};

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
    const Result<> result = parts_->write();
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
    Result<> closed = parts_->file->truncate(parts_->end);
    if (closed.has_value()) {
        closed = parts_->file->sync();
    }
    const Error is_closed{ErrorKind::refused, 0, "the journal is closed"};
    parts_->fail(closed.has_error() ? closed.error() : is_closed);
    return closed;
}

}  // namespace pueue::journal
