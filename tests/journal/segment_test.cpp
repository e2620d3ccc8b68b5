#include "daemon/journal/segment.hpp"

#include "tests/support/mem_file_system.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace pueue::journal {
namespace segment_test {

const FileIdentity this_file{FileKind::segment, StoreId{1, 2, 3}, 7};

RecordHeader header(std::uint64_t sequence, std::uint32_t unsynced) {
    return {
        .sequence = sequence, .type = 5, .version = 1, .ends_decision = true, .unsynced = unsynced};
}

// A file with a header and records of these sequence numbers, each three not yet synced.
Bytes file_of(
    const std::vector<std::uint64_t>& sequences, const FileIdentity& identity = this_file
) {
    Bytes bytes = encode_file_header({identity, 1});
    const RecordWriter writer(identity);
    for (const std::uint64_t sequence : sequences) {
        writer.append(bytes, header(sequence, 3), "payload " + std::to_string(sequence));
    }
    return bytes;
}

struct Read {
    std::vector<std::uint64_t> sequences;
    std::uint64_t offset = 0;
    Tail tail;
};

// What the reader makes of a file, asked about the first record that does not verify.
Read read(const Bytes& bytes) {
    support::MemFileSystem files;
    files.put("f", bytes);
    const FilePtr file = files.open("f", OpenMode::read).value();
    RecordReader reader(*file, bytes.size(), this_file, 1);
    Read result;
    for (;;) {
        const auto record = reader.next().value();
        if (!record) {
            break;
        }
        EXPECT_EQ(record->payload, "payload " + std::to_string(record->header.sequence));
        result.sequences.push_back(record->header.sequence);
    }
    result.offset = reader.offset();
    result.tail = reader.inspect_tail(reader.sequence()).value();
    return result;
}

using Sequences = std::vector<std::uint64_t>;

TEST(FileHeader, ComesBackAsWritten) {
    const FileHeader written{{FileKind::snapshot, StoreId{9, 8, 7}, 1234567890123}, 42};
    const Bytes bytes = encode_file_header(written);
    EXPECT_EQ(bytes.size(), file_header_bytes);
    EXPECT_EQ(decode_file_header(bytes).value(), written);
}

TEST(FileHeader, IsRefusedWithAnyBitFlippedOrAnyByteMissing) {
    const Bytes good = encode_file_header({this_file, 42});
    for (std::size_t byte = 0; byte < 52; ++byte) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes bad = good;
            bad[byte] = static_cast<char>(bad[byte] ^ (1 << bit));
            EXPECT_TRUE(decode_file_header(bad).has_error()) << byte << ":" << bit;
        }
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_TRUE(decode_file_header(ByteView(good).substr(0, size)).has_error());
    }
}

// The worked example of docs/journal.md.
TEST(RecordWriter, WritesTheBytesThatAreDocumented) {
    FileIdentity identity{FileKind::segment, {}, 1};
    std::iota(identity.store.begin(), identity.store.end(), std::uint8_t{0xa0});
    const Bytes header_bytes = encode_file_header({identity, 1});
    EXPECT_EQ(header_bytes.substr(48, 4), Bytes("\x62\xaa\x9a\x34"));
    Bytes record;
    const RecordHeader first{
        .sequence = 1, .type = 1, .version = 1, .ends_decision = true, .unsynced = 1};
    RecordWriter(identity).append(
        record,
        first,
        "\x82\x47"
        "default\x01"
    );
    const Bytes documented(
        "\x0a\0\0\0\xc9\xe1\xd6\x43\1\0\0\0\0\0\0\0"
        "\1\0\1\1\1\0\0\0\x82\x47\x64\x65\x66\x61\x75\x6c\x74\1\0\0\0\0\0\0",
        40
    );
    EXPECT_EQ(record, documented);
}

TEST(RecordReader, ReturnsEveryRecordInOrder) {
    const Read all = read(file_of({1, 2, 3}));
    EXPECT_EQ(all.sequences, Sequences({1, 2, 3}));
    EXPECT_EQ(all.tail.end, all.offset);
}

TEST(RecordReader, ReturnsRecordsLargerThanItsWindow) {
    const Bytes large(1'000'000, 'x');
    Bytes bytes = encode_file_header({this_file, 1});
    RecordWriter(this_file).append(bytes, header(1, 1), large);
    RecordWriter(this_file).append(bytes, header(2, 1), large);
    support::MemFileSystem files;
    files.put("f", bytes);
    const FilePtr file = files.open("f", OpenMode::read).value();
    RecordReader reader(*file, bytes.size(), this_file, 1);
    EXPECT_EQ(reader.next().value()->payload, large);
    EXPECT_EQ(reader.next().value()->payload, large);
    EXPECT_FALSE(reader.next().value());
}

TEST(RecordReader, TakesUnusedSpaceForACleanEnd) {
    const Read all = read(file_of({1, 2}) + Bytes(10'000, '\0'));
    EXPECT_EQ(all.sequences, Sequences({1, 2}));
    EXPECT_EQ(all.tail.end, all.offset);
}

TEST(RecordReader, StopsAtTheLastWholeRecordWhereverTheFileIsCut) {
    const Bytes whole = file_of({1, 2, 3});
    const std::size_t end_of_2 = file_of({1, 2}).size();
    for (std::size_t size = end_of_2; size < whole.size(); ++size) {
        const Read cut = read(whole.substr(0, size));
        // The padding behind a payload says nothing.
        if (cut.sequences.size() == 3) {
            EXPECT_GT(size + record_alignment, whole.size());
            continue;
        }
        EXPECT_EQ(cut.sequences, Sequences({1, 2})) << size;
        EXPECT_EQ(cut.offset, end_of_2);
        EXPECT_FALSE(cut.tail.witness_offset);
    }
}

TEST(RecordReader, NeverReturnsARecordWithAFlippedBit) {
    const Bytes whole = file_of({1, 2, 3});
    const std::size_t begin_of_2 = file_of({1}).size();
    const std::size_t end_of_2 = file_of({1, 2}).size() - record_alignment;  // padding is unread
    for (std::size_t byte = begin_of_2; byte < end_of_2; ++byte) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes bad = whole;
            bad[byte] = static_cast<char>(bad[byte] ^ (1 << bit));
            EXPECT_EQ(read(bad).sequences, Sequences({1})) << byte << ":" << bit;
        }
    }
}

// Record 6 of these files claims that 3 was durable, and that 4 was not.
TEST(RecordReader, FindsTheWitnessOfADurableRecordThatIsDamaged) {
    Bytes bytes = file_of({1, 2, 3, 4, 5, 6});
    const std::size_t in_3 = file_of({1, 2}).size() + record_header_bytes;
    bytes[in_3] = static_cast<char>(bytes[in_3] ^ 1);
    const Read damaged = read(bytes);
    EXPECT_EQ(damaged.sequences, Sequences({1, 2}));
    EXPECT_EQ(damaged.tail.witness_offset, file_of({1, 2, 3, 4, 5}).size());
}

TEST(RecordReader, FindsNoWitnessWhereAPowerCutLostTheFirstOfSeveralUnsyncedRecords) {
    Bytes bytes = file_of({1, 2, 3, 4, 5, 6});
    const std::size_t begin_of_4 = file_of({1, 2, 3}).size();
    const std::size_t end_of_4 = file_of({1, 2, 3, 4}).size();
    bytes.replace(begin_of_4, end_of_4 - begin_of_4, end_of_4 - begin_of_4, '\0');
    const Read torn = read(bytes);
    EXPECT_EQ(torn.sequences, Sequences({1, 2, 3}));
    EXPECT_GT(torn.tail.end, torn.offset);
    EXPECT_FALSE(torn.tail.witness_offset);
}

TEST(RecordReader, IgnoresRecordsOfAnotherFileOrStore) {
    FileIdentity other_number = this_file;
    other_number.number = 6;
    FileIdentity other_store = this_file;
    other_store.store[15] = 1;
    for (const FileIdentity& other : {other_number, other_store}) {
        // A recycled file: our records over older ones that reach further.
        Bytes recycled = file_of({1, 2, 3, 4, 5, 6, 7, 8, 9}, other);
        const Bytes ours = file_of({1, 2});
        recycled.replace(0, ours.size(), ours);
        const Read result = read(recycled);
        EXPECT_EQ(result.sequences, Sequences({1, 2}));
        EXPECT_FALSE(result.tail.witness_offset);
    }
}

TEST(RecordReader, IgnoresADuplicatedTail) {
    const Bytes once = file_of({1, 2, 3, 4, 5});
    const std::size_t begin_of_4 = file_of({1, 2, 3}).size();
    const Read result = read(once + once.substr(begin_of_4));
    EXPECT_EQ(result.sequences, Sequences({1, 2, 3, 4, 5}));
    EXPECT_EQ(result.offset, once.size());
    EXPECT_GT(result.tail.end, result.offset);
    EXPECT_FALSE(result.tail.witness_offset);
}

TEST(RecordReader, DoesNotBelieveALengthThatTheFileDoesNotHave) {
    Bytes bytes = file_of({1});
    append_le(bytes, std::uint32_t{payload_bytes_max});
    bytes.append(record_header_bytes, '\1');
    EXPECT_EQ(read(bytes).sequences, Sequences({1}));
}

}  // namespace segment_test
}  // namespace pueue::journal
