#include "daemon/journal/compaction.hpp"

#include <malloc.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace pueue::journal {

namespace {

// A slice takes a millisecond or two, of processor or of disk.
constexpr std::size_t slice_bytes = std::size_t{128} * 1024;

StoreManifest manifest_after(const CompactionPlan& plan) {
    StoreManifest after = plan.before;
    after.manifest.snapshot = plan.last_segment + 1;
    after.manifest.first_segment = plan.last_segment + 1;
    return after;
}

}  // namespace

Compaction::Compaction(FileSystem& files, CompactionPlan plan)
    : files_(files),
      plan_(std::move(plan)),
      after_(manifest_after(plan_)),
      encoder_(after_.store, *after_.manifest.snapshot, plan_.last_sequence) {}

Result<bool> Compaction::advance() {
    Result<Phase> next = step();
    if (next.has_error()) {
        state_ = State();
        std::ignore = files_.remove(snapshot_draft_name());  // it may be space that is missed
        return next.error();
    }
    phase_ = *next;
    return phase_ != Phase::done;
}

Result<Compaction::Phase> Compaction::step() {
    switch (phase_) {
        case Phase::begin:
            return begin();
        case Phase::read_snapshot:
            return read_snapshot();
        case Phase::read_segments:
            return read_segments();
        case Phase::write:
            return write();
        case Phase::done:
            break;
    }
    return Phase::done;
}

Result<Compaction::Phase> Compaction::begin() {
    const Manifest& before = plan_.before.manifest;
    segment_ = before.first_segment;
    if (before.snapshot) {
        TRY(SnapshotReader reader,
            SnapshotReader::open(files_, plan_.before.store, *before.snapshot, pool_));
        snapshot_.emplace(std::move(reader));
        return Phase::read_snapshot;
    }
    fold_.emplace(state_, pool_, 0);
    CHECK_OK(enter_segment());
    return Phase::read_segments;
}

Result<Compaction::Phase> Compaction::read_snapshot() {
    TRY(const bool goes_on, snapshot_->advance(slice_bytes));
    if (goes_on) {
        return Phase::read_snapshot;
    }
    state_ = std::move(snapshot_->state());
    fold_.emplace(state_, pool_, snapshot_->last_sequence());
    snapshot_.reset();
    CHECK_OK(enter_segment());
    return Phase::read_segments;
}

Result<> Compaction::enter_segment() {
    const FileIdentity identity{FileKind::segment, plan_.before.store, segment_};
    TRY(FilePtr file, files_.open(segment_name(segment_), OpenMode::read));
    TRY(const bool continues, fold_->enter(std::move(file), identity));
    return continues ? Result<>() : invalid(segment_name(segment_) + ": does not go on");
}

Result<Compaction::Phase> Compaction::read_segments() {
    TRY(const bool goes_on, fold_->advance(slice_bytes));
    if (goes_on) {
        return Phase::read_segments;
    }
    if (segment_ < plan_.last_segment) {
        ++segment_;
        CHECK_OK(enter_segment());
        return Phase::read_segments;
    }
    if (fold_->last_sequence() != plan_.last_sequence) {
        return invalid(
            segment_name(segment_) + ": ends with record " +
            std::to_string(fold_->last_sequence()) + " and not with " +
            std::to_string(plan_.last_sequence)
        );
    }
    fold_.reset();
    TRY(file_, files_.open(snapshot_draft_name(), OpenMode::replace));
    return Phase::write;
}

Result<Compaction::Phase> Compaction::write() {
    buffer_.clear();
    const bool goes_on = encoder_.advance(state_, buffer_, slice_bytes);
    const auto kept = state_.tasks.lower_bound(encoder_.encoded_up_to());
    state_.tasks.erase(state_.tasks.begin(), kept);
    CHECK_OK(file_->write_at(buffer_, written_));
    CHECK_OK(file_->sync());
    written_ += buffer_.size();
    if (goes_on) {
        return Phase::write;
    }
    file_.reset();
    CHECK_OK(publish());
    return Phase::done;
}

Result<> Compaction::publish() {
    CHECK_OK(files_.rename(snapshot_draft_name(), snapshot_name(*after_.manifest.snapshot)));
    CHECK_OK(files_.sync_directory(store_directory));
    CHECK_OK(write_manifest(files_, after_));
    // A file that cannot be removed is in nobody's way; the next compaction tries again.
    std::ignore = remove_old_generations();
    buffer_ = Bytes();
    pool_ = EnvironmentPool();
    ::malloc_trim(0);  // a second state has just gone
    return {};
}

Result<> Compaction::remove_old_generations() {
    const Manifest& previous = plan_.before.manifest;
    TRY(const StoreFiles present, list_store(files_));
    for (const std::uint64_t number : present.segments) {
        if (number < previous.first_segment) {
            CHECK_OK(files_.remove(segment_name(number)));
        }
    }
    for (const std::uint64_t number : present.snapshots) {
        if (number < previous.snapshot.value_or(0)) {
            CHECK_OK(files_.remove(snapshot_name(number)));
        }
    }
    return files_.sync_directory(store_directory);
}

namespace {

using Done = std::function<void(const Result<NewGeneration>&)>;

void run_slice(
    const RunOnDisk& run_on_disk, const std::shared_ptr<Compaction>& compaction, const Done& done
) {
    run_on_disk(Urgency::slow, [run_on_disk, compaction, done]() -> Completion {
        const Result<bool> goes_on = compaction->advance();
        if (goes_on.has_value() && *goes_on) {
            run_slice(run_on_disk, compaction, done);
            return {};
        }
        // The compaction itself ends here, and not on the loop thread.
        const Result<NewGeneration> result =
            goes_on.has_error() ? Result<NewGeneration>(goes_on.error()) : compaction->result();
        return [done, result] { done(result); };
    });
}

}  // namespace

void compact(RunOnDisk run_on_disk, FileSystem& files, CompactionPlan plan, Done done) {
    run_slice(run_on_disk, std::make_shared<Compaction>(files, std::move(plan)), done);
}

}  // namespace pueue::journal
