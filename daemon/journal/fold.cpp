#include "daemon/journal/fold.hpp"

#include "daemon/core/apply.hpp"
#include "daemon/journal/store.hpp"

#include <string>
#include <utility>
#include <variant>

namespace pueue::journal {

Result<> take_environment(
    EnvironmentDefined defined, EnvironmentTable& environments, EnvironmentPool& pool
) {
    if (defined.number != environments.size()) {
        return invalid("an environment with a number out of turn");
    }
    environments.add(pool.intern(std::move(defined.environment)));
    return {};
}

Fold::Fold(State& state, EnvironmentPool& pool, std::uint64_t last_sequence)
    : state_(state),
      pool_(pool),
      last_sequence_(last_sequence),
      next_sequence_(last_sequence + 1) {}

Result<bool> Fold::enter(FilePtr file, const FileIdentity& identity) {
    TRY(const std::uint64_t size, file->size());
    FileWindow window(*file, size);
    TRY(const ByteView bytes, window.view(0, file_header_bytes));
    const Result<FileHeader> header = decode_file_header(bytes);
    if (header.has_error() && header.error().kind == ErrorKind::refused) {
        return header.error().in(segment_name(identity.number));
    }
    if (header.has_error() || header.value() != FileHeader{identity, next_sequence_}) {
        return false;
    }
    identity_ = identity;
    file_ = std::move(file);
    reader_.emplace(*file_, size, identity, next_sequence_);
    offset_ = file_header_bytes;
    environments_ = EnvironmentTable();
    whole_environments_ = 0;
    decision_.clear();
    return true;
}

Result<bool> Fold::advance(std::size_t bytes) {
    const std::uint64_t end = reader_->offset() + bytes;
    while (reader_->offset() < end) {
        TRY(const std::optional<RecordView> record, reader_->next());
        if (!record) {
            environments_.shrink(whole_environments_);
            return false;
        }
        const Result<> taken = take(*record);
        if (taken.has_error()) {
            return taken.error()
                .in("offset " + std::to_string(record->offset))
                .in(segment_name(identity_.number));
        }
    }
    return true;
}

Result<> Fold::take(const RecordView& record) {
    next_sequence_ = reader_->sequence();
    const EntryKind kind{record.header.type, record.header.version};
    TRY(Entry entry, decode_entry(kind, record.payload, environments_));
    if (auto* one = std::get_if<core::Record>(&entry)) {
        decision_.push_back(std::move(*one));
    } else if (auto* defined = std::get_if<EnvironmentDefined>(&entry)) {
        CHECK_OK(take_environment(std::move(*defined), environments_, pool_));
    } else {
        return invalid("a record that cannot be in a segment");
    }
    return record.header.ends_decision ? apply_all(record.header.sequence) : Result<>();
}

Result<> Fold::apply_all(std::uint64_t sequence) {
    for (const core::Record& record : decision_) {
        if (!core::applicable(state_, record)) {
            return invalid("a record of this decision does not fit what is before it");
        }
        core::apply(state_, record);
    }
    decision_.clear();
    whole_environments_ = environments_.size();
    last_sequence_ = sequence;
    offset_ = reader_->offset();
    return {};
}

}  // namespace pueue::journal
