// The tools for people: what they say, and that a salvage keeps what is before the damage.
#include "daemon/journal/inspect.hpp"

#include "daemon/journal/payload_text.hpp"
#include "daemon/journal/store.hpp"
#include "tests/journal/sample_history.hpp"
#include "tests/journal/store_fixture.hpp"
#include "tests/support/mem_file_system.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace pueue::journal {
namespace inspect_test {

std::unique_ptr<support::MemFileSystem> store(Compacts compacts) {
    auto files = std::make_unique<support::MemFileSystem>();
    Life life(compacts);
    PUEUE_CHECK(life.live(*files));
    return files;
}

void flip(support::MemFileSystem& files, const std::string& name, std::size_t byte) {
    Bytes content = files.content(name);
    content[byte] = static_cast<char>(content[byte] ^ 1);
    files.put(name, std::move(content));
}

TEST(CheckStore, SaysWhatIsThereAndChangesNothing) {
    const auto files = store(Compacts::never);
    const auto before = files->all("journal");
    const std::string text = check_store(*files).value();
    EXPECT_EQ(text, "19 records in 1 segments: whole, 2 tasks in 1 groups");
    EXPECT_EQ(files->all("journal"), before);
    EXPECT_NE(check_store(*store(Compacts::often))->find("journal/snapshot-"), std::string::npos);
}

TEST(CheckStore, SaysWhatIsDamagedAlsoInASnapshotThatIsNotInUse) {
    const auto files = store(Compacts::never);
    flip(*files, segment_name(1), 200);
    EXPECT_NE(
        check_store(*files).error().text.find("journal/segment-0000000001: offset "),
        std::string::npos
    );
    const auto compacted = store(Compacts::often);
    const StoreFiles present = list_store(*compacted).value();
    for (const std::uint64_t number : present.snapshots) {
        const auto image = compacted->after_kill();
        flip(*image, snapshot_name(number), 100);
        EXPECT_NE(check_store(*image).error().text.find(snapshot_name(number)), std::string::npos);
    }
    support::MemFileSystem empty;
    EXPECT_EQ(check_store(empty).error().kind, ErrorKind::not_found);
}

TEST(DumpStore, GivesALineForEachRecord) {
    const auto files = store(Compacts::never);
    std::vector<std::string> lines;
    ASSERT_TRUE(dump_store(*files, [&](const std::string& line) { lines.push_back(line); }));
    ASSERT_GT(lines.size(), 18U);
    EXPECT_EQ(
        lines.front(),
        R"({"file":"journal/segment-0000000001","offset":64,"sequence":1,"type":"GroupAdded",)"
        R"("version":1,"ends_decision":true,"fields":["default",1]})"
    );
    for (const std::string& line : lines) {
        EXPECT_EQ(line.find("unknown"), std::string::npos) << line;
        EXPECT_EQ(line.find("/root"), std::string::npos) << "a variable: " << line;
    }
}

TEST(DumpStore, KnowsTheNameOfEachType) {
    const EnvironmentPtr environment = Environment::empty();
    EnvironmentTable table;
    table.add(environment);
    for (const core::Record& record : sample::every_kind(environment)) {
        Bytes payload;
        const EntryKind kind = encode_entry(payload, record, table);
        EXPECT_NE(name_of_type(kind.type), "unknown") << kind.type;
    }
}

TEST(DumpStore, ShowsAnyBytes) {
    for (int first = 0; first < 256; ++first) {
        const Bytes payload{static_cast<char>(first), '\x83', '\xff'};
        EXPECT_FALSE(payload_text(1, payload).empty());
        EXPECT_FALSE(payload_text(64, payload).empty());
    }
    EXPECT_EQ(payload_text(1, "\x82\x20\xf6"), "[-1,null]");
    EXPECT_EQ(payload_text(1, Bytes("\x81\x41\x00", 3)), "[\"0x00\"]");
}

TEST(SalvageStore, KeepsAPrefixWhateverByteIsDamaged) {
    for (const Compacts compacts : {Compacts::never, Compacts::often}) {
        const auto whole = store(compacts);
        std::size_t salvaged = 0;
        for (const auto& [name, content] : whole->all("journal")) {
            for (std::size_t byte = 0; byte < content.size(); byte += 3) {
                SCOPED_TRACE(name + ":" + std::to_string(byte));
                const auto files = whole->after_kill();
                flip(*files, name, byte);
                ManualDisk disk;
                if (open_journal(*files->after_kill(), disk).has_value()) {
                    EXPECT_EQ(salvage_store(*files).error().kind, ErrorKind::refused);
                    continue;
                }
                const Result<std::string> done = salvage_store(*files);
                if (done.has_error()) {
                    continue;  // not even a beginning is left
                }
                ++salvaged;
                EXPECT_TRUE(decisions_in(state_in(*files->after_power_cut(0))).has_value());
                EXPECT_TRUE(
                    files->exists("journal/aside/segment-0000000001") || compacts == Compacts::often
                );
                EXPECT_TRUE(check_store(*files).has_value());
            }
        }
        EXPECT_GT(salvaged, 20U);
    }
}

}  // namespace inspect_test
}  // namespace pueue::journal
