// A journal on a file system in memory, whose disk thread is a queue that the test runs.
#pragma once

#include "daemon/journal/journal.hpp"
#include "tests/journal/sample_history.hpp"
#include "tests/support/mem_file_system.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace pueue::journal {

/// Small, so that images of whole files are cheap; a multiple of a sector all the same.
inline constexpr std::uint64_t test_chunk_bytes = 2048;

/// Whether a store of the tests is compacted now and then, or never.
enum class Compacts { never, often };
inline constexpr std::uint64_t test_compact_from_bytes = 500;

class ManualDisk {
  public:
    RunOnDisk runner() {
        return
            [this](Urgency urgency, Work work) { queue_.emplace_back(urgency, std::move(work)); };
    }
    [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
    /// Requires: something is waiting.
    [[nodiscard]] bool next_is_slow() const { return queue_.front().first == Urgency::slow; }
    /// False: nothing is waiting.
    bool run_one() {
        if (queue_.empty()) {
            return false;
        }
        const Work work = std::move(queue_.front().second);
        queue_.pop_front();
        if (const Completion completion = work()) {
            completion();
        }
        return true;
    }
    /// What is waiting, and what that asks for; completions at once.
    void run() {
        while (run_one()) {
        }
    }

  private:
    std::deque<std::pair<Urgency, Work>> queue_;
};

inline JournalOptions options_on(ManualDisk& disk, Compacts compacts = Compacts::never) {
    JournalOptions options;
    if (compacts == Compacts::often) {
        options.compact_from_bytes = test_compact_from_bytes;
    }
    options.random = {0xaa, 0xbb, 0xcc};
    options.run_on_disk = disk.runner();
    options.chunk_bytes = test_chunk_bytes;
    return options;
}

/// Opens a store and says what it found.
inline Result<Journal::Opened> open_journal(FileSystem& files, ManualDisk& disk) {
    EnvironmentPool environments;
    return Journal::open(files, environments, options_on(disk));
}

/// The State a new daemon finds; the test fails if it finds none.
inline State state_in(FileSystem& files) {
    ManualDisk disk;
    Result<Journal::Opened> opened = open_journal(files, disk);
    PUEUE_CHECK(opened.has_value());
    return std::move(opened->state);
}

/// How many decisions of the history made this state; none if no number did.
inline std::optional<std::size_t> decisions_in(const State& state) {
    static const std::vector<State> all = sample::states();
    const auto found = std::find(all.begin(), all.end(), state);
    return found == all.end() ? std::nullopt : std::optional<std::size_t>(found - all.begin());
}

/// Lives through the history, decision by decision, each written and then synced; stops at the
/// first failure.
class Life {
  public:
    explicit Life(Compacts compacts = Compacts::never) : compacts_(compacts) {}

    /// Result: whether everything went well.
    bool live(FileSystem& files) {
        EnvironmentPool environments;
        Result<Journal::Opened> opened =
            Journal::open(files, environments, options_on(disk_, compacts_));
        if (opened.has_error()) {
            return false;
        }
        Journal& journal = *opened->journal;
        for (const sample::Decision& decision : sample::history()) {
            const Lsn lsn = journal.append(decision);
            if (journal.write().has_error()) {
                return false;
            }
            written_ = written_ + 1;
            journal.request_sync();
            disk_.run();
            if (journal.durable() < lsn) {
                return false;
            }
            acknowledged_ = written_;
        }
        return journal.close().has_value();
    }

    /// Decisions that are known to be durable, or written, so far.
    [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] std::size_t written() const { return written_; }

  private:
    Compacts compacts_;
    ManualDisk disk_;
    std::size_t written_ = 0;
    std::size_t acknowledged_ = 0;
};

}  // namespace pueue::journal
