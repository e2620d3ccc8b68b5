// Any bytes as the only segment of a store, as they are, and once more with the checksums and
// numbers of the records made right, so that the payloads are looked at, too: a state that is the
// same when it is read again, or a refusal that changes nothing.
#include "daemon/journal/journal.hpp"

#include "daemon/journal/recovery.hpp"
#include "daemon/journal/segment.hpp"
#include "daemon/journal/segment_layout.hpp"
#include "daemon/journal/store.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/mem_file_system.hpp"

#include <algorithm>

using namespace pueue;
using namespace pueue::journal;

namespace {

constexpr StoreId store{0xaa, 0xbb, 0xcc};  // that of the seeds
const FileIdentity identity{FileKind::segment, store, 1};

// The records that begin at each multiple of 8, with whatever length, type and flags they have.
Bytes with_right_checksums(ByteView input) {
    Bytes made = encode_file_header({identity, 1});
    const RecordWriter writer(identity);
    std::uint64_t sequence = 1;
    std::size_t at = std::min(input.size(), file_header_bytes);
    while (input.size() - at >= record_header_bytes) {
        const char* header = input.data() + at;
        const std::size_t left = input.size() - at - record_header_bytes;
        const auto length = std::min<std::size_t>(load_le<std::uint32_t>(header), left);
        const RecordHeader repaired{
            .sequence = sequence++,
            .type = load_le<std::uint16_t>(header + layout::type_at),
            .version = load_le<std::uint8_t>(header + layout::version_at),
            .ends_decision = (load_le<std::uint8_t>(header + layout::flags_at) & 1U) != 0,
            .unsynced = load_le<std::uint32_t>(header + layout::unsynced_at)};
        writer.append(made, repaired, input.substr(at + record_header_bytes, length));
        at += std::min(left, length + layout::padding_of(length)) + record_header_bytes;
    }
    return made;
}

void read(ByteView segment) {
    support::MemFileSystem files;
    PUEUE_CHECK(files.make_directory(store_directory).has_value());
    PUEUE_CHECK(write_manifest(files, {store, {}}).has_value());
    files.put(segment_name(1), Bytes(segment));
    const auto before = files.all(store_directory);

    EnvironmentPool environments;
    const Result<std::optional<Recovered>> found = recover(files, environments);
    PUEUE_CHECK(files.all(store_directory) == before);
    if (found.has_error()) {
        PUEUE_CHECK(found.error().kind != ErrorKind::io);
        return;
    }
    PUEUE_CHECK(found->has_value());
    PUEUE_CHECK(repair(files, **found).has_value());
    const Result<std::optional<Recovered>> again = recover(files, environments);
    PUEUE_CHECK(again.has_value());
    PUEUE_CHECK((*again)->state == (*found)->state);
    PUEUE_CHECK((*again)->torn_end == (*again)->offset);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = fuzz::view_of(data, size);
    read(input);
    read(with_right_checksums(input));
    return 0;
}
