// What is refused: a store in which something durable is no longer what it was. Whatever the
// damage, the answer is a prefix of the decisions or a refusal, and a refusal changes nothing.
#include "daemon/journal/journal.hpp"
#include "daemon/journal/segment.hpp"
#include "daemon/journal/store.hpp"
#include "protocol/base/hash.hpp"
#include "tests/journal/sample_history.hpp"
#include "tests/journal/store_fixture.hpp"
#include "tests/support/mem_file_system.hpp"

#include <gtest/gtest.h>

namespace pueue::journal {
namespace damage_test {

const std::string segment_1 = "journal/segment-0000000001";
const std::string segment_2 = "journal/segment-0000000002";
const std::string manifest = "journal/MANIFEST";

// A store with the whole history, each decision synced, and closed.
std::unique_ptr<support::MemFileSystem> whole_store() {
    auto files = std::make_unique<support::MemFileSystem>();
    Life life;
    PUEUE_CHECK(life.live(*files));
    return files;
}

enum class Answer { prefix, refusal };

// What the next start makes of the store.
Answer answer(support::MemFileSystem& files) {
    const auto before = files.all("journal");
    ManualDisk disk;
    const Result<Journal::Opened> opened = open_journal(files, disk);
    if (opened.has_error()) {
        EXPECT_EQ(files.all("journal"), before) << "a refusal changes nothing";
        EXPECT_NE(opened.error().kind, ErrorKind::io) << opened.error().text;
        return Answer::refusal;
    }
    EXPECT_TRUE(decisions_in(opened->state).has_value()) << "a state that never was";
    return Answer::prefix;
}

std::string refusal_of(support::MemFileSystem& files) {
    ManualDisk disk;
    const Result<Journal::Opened> opened = open_journal(files, disk);
    return opened.has_error() ? opened.error().text : "";
}

void flip(support::MemFileSystem& files, const std::string& name, std::size_t byte, int bit) {
    Bytes content = files.content(name);
    content[byte] = static_cast<char>(content[byte] ^ (1 << bit));
    files.put(name, std::move(content));
}

void append_to(support::MemFileSystem& files, const std::string& name, const Bytes& more) {
    files.put(name, files.content(name) + more);
}

TEST(Damage, ATruncatedSegmentGivesAPrefixAndWhatIsCutIsSetAside) {
    const Bytes whole = whole_store()->content(segment_1);
    std::size_t previous = 0;
    for (std::size_t size = file_header_bytes; size <= whole.size(); ++size) {
        SCOPED_TRACE(size);
        const auto files = whole_store();
        files->put(segment_1, whole.substr(0, size));
        ManualDisk disk;
        const Result<Journal::Opened> opened = open_journal(*files, disk);
        if (opened.has_error()) {
            // Not even the first decision, without which there never was a store.
            EXPECT_EQ(opened.error().kind, ErrorKind::invalid);
            EXPECT_EQ(previous, 0U);
            continue;
        }
        const std::size_t found = decisions_in(opened->state).value();
        EXPECT_GE(found, previous);
        previous = found;
        const bool is_cut = opened->report.bytes_cut > 0;
        EXPECT_EQ(opened->report.set_aside.size(), is_cut ? 1U : 0U);
        if (is_cut) {
            const Bytes aside = files->content(opened->report.set_aside[0]);
            const std::size_t at = whole.rfind(aside, size - aside.size());
            ASSERT_NE(at, Bytes::npos);
            EXPECT_GE(whole.find_first_not_of('\0', at + aside.size()), size);
            EXPECT_EQ(aside.size(), opened->report.bytes_cut);
        }
    }
    EXPECT_EQ(previous, sample::history().size());
}

TEST(Damage, AnyFlippedBitOfASegmentGivesAPrefixOrARefusal) {
    const auto store = whole_store();
    const std::size_t size = store->content(segment_1).size();
    std::size_t refusals = 0;
    for (std::size_t byte = 0; byte < size; ++byte) {
        for (int bit = 0; bit < 8; ++bit) {
            SCOPED_TRACE(std::to_string(byte) + ":" + std::to_string(bit));
            const auto files = store->after_kill();
            flip(*files, segment_1, byte, bit);
            refusals += answer(*files) == Answer::refusal ? 1U : 0U;
        }
    }
    EXPECT_GT(refusals, size * 8 * 3 / 4)
        << "all but the last decision and padding are vouched for";
}

TEST(Damage, AnyFlippedBitOfTheManifestLosesNothing) {
    const auto store = whole_store();
    const std::size_t size = store->content(manifest).size();
    for (std::size_t byte = 0; byte < size; ++byte) {
        for (int bit = 0; bit < 8; ++bit) {
            const auto files = store->after_kill();
            flip(*files, manifest, byte, bit);
            EXPECT_EQ(decisions_in(state_in(*files)), sample::history().size());
        }
    }
}

TEST(Damage, AMissingManifestIsMadeAgain) {
    const auto files = whole_store();
    const Bytes before = files->content(manifest);
    ASSERT_TRUE(files->remove(manifest).has_value());
    ManualDisk disk;
    const Journal::Opened opened = open_journal(*files, disk).value();
    EXPECT_EQ(decisions_in(opened.state), sample::history().size());
    EXPECT_EQ(opened.report.warnings.size(), 1U);
    EXPECT_EQ(files->content(manifest), before);
}

TEST(Damage, AMissingSegmentIsRefused) {
    const auto files = whole_store();
    ASSERT_TRUE(files->remove(segment_1).has_value());
    EXPECT_EQ(answer(*files), Answer::refusal);
}

TEST(Damage, IsReportedWithFileAndOffsetAndWhatToDo) {
    const auto files = whole_store();
    flip(*files, segment_1, 200, 0);
    const std::string text = refusal_of(*files);
    EXPECT_NE(text.find(segment_1 + ": offset "), std::string::npos) << text;
    EXPECT_NE(text.find("Nothing was changed"), std::string::npos) << text;
}

TEST(Damage, ZerosBehindTheEndAreNoDamage) {
    const auto files = whole_store();
    append_to(*files, segment_1, Bytes(5000, '\0'));
    ManualDisk disk;
    const Journal::Opened opened = open_journal(*files, disk).value();
    EXPECT_EQ(decisions_in(opened.state), sample::history().size());
    EXPECT_EQ(opened.report.bytes_cut, 0U);
}

TEST(Damage, AZeroFilledTailIsCutAtTheLastWholeDecision) {
    const Bytes whole = whole_store()->content(segment_1);
    for (std::size_t zeros = 1; zeros < 200; ++zeros) {
        const auto files = whole_store();
        files->put(segment_1, whole.substr(0, whole.size() - zeros) + Bytes(zeros, '\0'));
        EXPECT_EQ(answer(*files), Answer::prefix) << zeros;
    }
}

TEST(Damage, ADuplicatedTailIsCut) {
    const Bytes whole = whole_store()->content(segment_1);
    for (std::size_t size = 8; size < 400; size += 8) {
        const auto files = whole_store();
        append_to(*files, segment_1, whole.substr(whole.size() - size));
        EXPECT_EQ(decisions_in(state_in(*files)), sample::history().size()) << size;
    }
}

TEST(Damage, StaleBytesOfAnotherFileAreCut) {
    const auto files = whole_store();
    const auto stranger = [&] {
        support::MemFileSystem other;
        ManualDisk disk;
        EnvironmentPool environments;
        JournalOptions options = options_on(disk);
        options.random[0] = 0x11;
        Journal::Opened opened = Journal::open(other, environments, options).value();
        for (int i = 0; i < 60; ++i) {
            std::ignore = opened.journal->append({core::KeeperAdopted{}});
        }
        PUEUE_CHECK(opened.journal->write().has_value());
        return other.content(segment_1);
    }();
    append_to(*files, segment_1, stranger);
    EXPECT_EQ(decisions_in(state_in(*files)), sample::history().size());
}

TEST(Damage, ANewerFormatIsRefusedByName) {
    for (const std::string& name : {segment_1, manifest}) {
        const auto files = whole_store();
        Bytes content = files->content(name);
        content[8] = 2;
        const Bytes checked = content.substr(0, 48);
        Bytes crc;
        append_le(crc, crc32c(checked));
        content.replace(48, 4, crc);
        files->put(name, content);
        EXPECT_NE(refusal_of(*files).find("newer"), std::string::npos) << name;
        EXPECT_EQ(answer(*files), Answer::refusal);
    }
}

// Segments made by hand, as a journal that goes over several files leaves them.
class SeveralSegments : public testing::Test {
  protected:
    static constexpr StoreId store{0xaa, 0xbb, 0xcc};

    // Decisions first..last-1 of the history as segment `number`; `unsynced` in every record.
    Bytes segment(
        std::uint64_t number, std::size_t first, std::size_t last, std::uint32_t unsynced
    ) {
        const FileIdentity identity{FileKind::segment, store, number};
        Bytes content = encode_file_header({identity, next_});
        EnvironmentTable environments;
        const RecordWriter writer(identity);
        const auto add = [&](EntryKind kind, const Bytes& payload, bool ends_decision) {
            writer.append(
                content, {next_++, kind.type, kind.version, ends_decision, unsynced}, payload
            );
        };
        std::vector<sample::Decision> history = sample::history();
        history.insert(history.begin(), {core::GroupAdded{default_group, 1}});
        for (std::size_t i = first; i < last; ++i) {
            for (std::size_t r = 0; r < history[i].size(); ++r) {
                const core::Record& record = history[i][r];
                const EnvironmentPtr* environment = environment_of(record);
                Bytes payload;
                if (environment != nullptr && !environments.find(**environment)) {
                    const EntryKind kind = encode_entry(
                        payload, EnvironmentDefined{environments.size(), *environment}
                    );
                    add(kind, payload, false);
                    environments.add(*environment);
                    payload.clear();
                }
                const EntryKind kind = encode_entry(payload, record, environments);
                add(kind, payload, r + 1 == history[i].size());
            }
        }
        return content;
    }

    // Three segments; the records of the third one vouch for everything before them or for nothing.
    void make(std::uint32_t unsynced) {
        files_ = std::make_unique<support::MemFileSystem>();
        next_ = 1;
        PUEUE_CHECK(files_->make_directory("journal").has_value());
        PUEUE_CHECK(write_manifest(*files_, {store, {}}).has_value());
        files_->put(segment_1, segment(1, 0, 4, 1));
        second_first_ = next_;
        files_->put(segment_2, segment(2, 4, 9, unsynced));
        files_->put(segment_3, segment(3, 9, 13, unsynced));
    }

    const std::string segment_3 = "journal/segment-0000000003";
    std::unique_ptr<support::MemFileSystem> files_;
    std::uint64_t next_ = 1;
    std::uint64_t second_first_ = 0;
};

TEST_F(SeveralSegments, AreOneLog) {
    make(1);
    EXPECT_EQ(decisions_in(state_in(*files_)), sample::history().size());
    EXPECT_EQ(decisions_in(state_in(*files_)), sample::history().size());
}

TEST_F(SeveralSegments, AreRefusedWithAGapThatWasDurable) {
    make(1);
    ASSERT_TRUE(files_->remove(segment_2).has_value());
    EXPECT_EQ(answer(*files_), Answer::refusal);

    make(1);
    ASSERT_TRUE(files_->rename(segment_3, segment_2).has_value()) << "another file's bytes";
    EXPECT_EQ(answer(*files_), Answer::prefix) << "nothing in it verifies, so nothing vouches";
}

TEST_F(SeveralSegments, AreRefusedWhenAnOlderOneIsCut) {
    make(1);
    const Bytes second = files_->content(segment_2);
    for (std::size_t size = 0; size < second.size() - record_alignment; ++size) {
        const auto image = files_->after_kill();
        image->put(segment_2, second.substr(0, size));
        EXPECT_EQ(answer(*image), Answer::refusal) << size;
    }
}

// A power cut can lose the end of one segment and keep the beginning of the next.
TEST_F(SeveralSegments, AreCutWhereNothingVouchesForWhatIsMissing) {
    make(unsynced_unknown);
    const Bytes second = files_->content(segment_2);
    for (std::size_t size = 0; size < second.size() - record_alignment; ++size) {
        SCOPED_TRACE(size);
        const auto image = files_->after_kill();
        image->put(segment_2, second.substr(0, size));
        EXPECT_EQ(answer(*image), Answer::prefix);
        EXPECT_FALSE(image->exists(segment_3)) << "it does not follow any more";
        EXPECT_EQ(decisions_in(state_in(*image)), decisions_in(state_in(*image)));
    }
    ASSERT_TRUE(files_->remove(segment_2).has_value());
    EXPECT_EQ(decisions_in(state_in(*files_)), 3U);
    EXPECT_TRUE(files_->exists("journal/aside/segment-0000000003"));
}

TEST_F(SeveralSegments, GiveAPrefixOrARefusalWithAnyBitFlipped) {
    make(1);
    for (const std::string& name : {segment_1, segment_2, segment_3}) {
        const std::size_t size = files_->content(name).size();
        for (std::size_t byte = 0; byte < size; ++byte) {
            SCOPED_TRACE(name + ":" + std::to_string(byte));
            const auto image = files_->after_kill();
            flip(*image, name, byte, static_cast<int>(byte % 8));
            std::ignore = answer(*image);
        }
    }
}

}  // namespace damage_test
}  // namespace pueue::journal
