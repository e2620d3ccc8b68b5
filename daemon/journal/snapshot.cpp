#include "daemon/journal/snapshot.hpp"

#include "daemon/journal/fold.hpp"
#include "daemon/journal/store.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace pueue::journal {

namespace {

// What the code that uses a State relies on.
bool can_be(const Task& task, const State& state) {
    const auto* locked = task.status.get_if<Locked>();
    const TaskStatus* previous = locked == nullptr ? nullptr : locked->previous_status.get();
    return task.id < state.next_task_id && state.group(task.spec->group) != nullptr &&
           has_process(task) == task.attempt.has_value() &&
           (locked == nullptr || previous->is<Queued>() || previous->is<Stashed>());
}

}  // namespace

SnapshotEncoder::SnapshotEncoder(
    const StoreId& store, std::uint64_t number, std::uint64_t last_sequence
)
    : identity_{FileKind::snapshot, store, number},
      writer_(identity_),
      last_sequence_(last_sequence) {}

bool SnapshotEncoder::advance(const State& state, Bytes& to, std::size_t bytes) {
    const std::size_t end = to.size() + bytes;
    if (entries_ == 0) {
        begin(state, to);
    }
    auto next = state.tasks.lower_bound(next_task_);
    for (; next != state.tasks.end() && to.size() < end; ++next) {
        append_task(to, next->second);
        next_task_ = TaskId{next->first.value + 1};
    }
    if (next != state.tasks.end()) {
        return true;
    }
    auto run = state.history.upper_bound(last_run_);
    for (; run != state.history.end() && to.size() < end; ++run) {
        append(to, SnapshotRun{run->first, run->second});
        last_run_ = run->first;
    }
    if (run != state.history.end()) {
        return true;
    }
    append(to, SnapshotEnd{entries_});
    return false;
}

void SnapshotEncoder::begin(const State& state, Bytes& to) {
    to += encode_file_header({identity_, 1});
    const SnapshotHead head{
        last_sequence_, state.next_task_id, state.keeper, state.resetting_everything};
    append(to, head);
    for (const auto& [name, group] : state.groups) {
        append(to, SnapshotGroup{name, group});
    }
}

void SnapshotEncoder::append_task(Bytes& to, const Task& task) {
    const EnvironmentPtr& environment = task.spec->environment;
    if (!environments_.find(*environment)) {
        append(to, EnvironmentDefined{environments_.size(), environment});
        environments_.add(environment);
    }
    append(to, SnapshotTask{task}, environments_);
}

template <class... Arguments>
void SnapshotEncoder::append(Bytes& to, const Arguments&... entry) {
    payload_.clear();
    const EntryKind kind = encode_entry(payload_, entry...);
    const RecordHeader header{
        .sequence = ++entries_, .type = kind.type, .version = kind.version, .ends_decision = true};
    writer_.append(to, header, payload_);
}

SnapshotReader::SnapshotReader(
    FilePtr file, std::uint64_t size, const FileIdentity& identity, EnvironmentPool& pool
)
    : file_(std::move(file)),
      size_(size),
      number_(identity.number),
      pool_(&pool),
      reader_(*file_, size, identity, 1) {}

Result<SnapshotReader> SnapshotReader::open(
    FileSystem& files, const StoreId& store, std::uint64_t number, EnvironmentPool& pool
) {
    const std::string name = snapshot_name(number);
    TRY(FilePtr file, files.open(name, OpenMode::read));
    TRY(const std::uint64_t size, file->size());
    FileWindow window(*file, size);
    TRY(const ByteView bytes, window.view(0, file_header_bytes));
    const Result<FileHeader> header = decode_file_header(bytes);
    if (header.has_error()) {
        return header.error().in(name);
    }
    const FileIdentity identity{FileKind::snapshot, store, number};
    if (header->identity != identity || header->first_sequence != 1) {
        return invalid(name + ": the header of another file");
    }
    return SnapshotReader(std::move(file), size, identity, pool);
}

Result<bool> SnapshotReader::advance(std::size_t bytes) {
    const std::uint64_t end = reader_.offset() + bytes;
    while (reader_.offset() < end && !is_complete_) {
        const std::string where =
            snapshot_name(number_) + ": offset " + std::to_string(reader_.offset());
        TRY(const std::optional<RecordView> record, reader_.next());
        if (!record) {
            return invalid(where + ": damaged");
        }
        const EntryKind kind{record->header.type, record->header.version};
        Result<Entry> entry = decode_entry(kind, record->payload, environments_);
        if (entry.has_error()) {
            return entry.error().in(where);
        }
        const Result<> taken = take(std::move(entry).value());
        if (taken.has_error()) {
            return taken.error().in(where);
        }
        ++entries_;
    }
    return !is_complete_;
}

Result<> SnapshotReader::take(Entry entry) {
    const auto* head = std::get_if<SnapshotHead>(&entry);
    if ((head != nullptr) != (entries_ == 0)) {
        return invalid("a head anywhere but at the beginning");
    }
    if (head != nullptr) {
        last_sequence_ = head->last_sequence;
        state_.next_task_id = head->next_task_id;
        state_.keeper = head->keeper;
        state_.resetting_everything = head->resetting_everything;
        return {};
    }
    if (auto* group = std::get_if<SnapshotGroup>(&entry)) {
        state_.groups.insert_or_assign(std::move(group->name), group->group);
        return {};
    }
    if (auto* defined = std::get_if<EnvironmentDefined>(&entry)) {
        return take_environment(std::move(*defined), environments_, *pool_);
    }
    if (auto* task = std::get_if<SnapshotTask>(&entry)) {
        return take_task(std::move(task->task));
    }
    if (auto* run = std::get_if<SnapshotRun>(&entry)) {
        state_.history.insert_or_assign(run->run, std::move(run->closed));
        return {};
    }
    const auto* end = std::get_if<SnapshotEnd>(&entry);
    if (end == nullptr || end->entries != entries_) {
        return invalid("a record that cannot be in a snapshot");
    }
    is_complete_ = true;
    return {};
}

Result<> SnapshotReader::take_task(Task task) {
    const bool is_next = state_.tasks.empty() || state_.tasks.rbegin()->first < task.id;
    if (!is_next || !can_be(task, state_)) {
        return invalid("a task that cannot be");
    }
    const TaskId id = task.id;
    state_.tasks.emplace_hint(state_.tasks.end(), id, std::move(task));
    return {};
}

}  // namespace pueue::journal
