// Any packet as each of the messages between daemon and keeper: refused, or one that is the same
// when it is sent on and read again. The same for records of the spool.
#include "daemon/keeper/messages.hpp"
#include "daemon/keeper/spool.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <vector>

using namespace pueue;
using namespace pueue::keeper;

namespace {

template <class Message>
void read_as(ByteView packet) {
    Message message;
    if (!decode(packet.data(), packet.size(), message)) {
        return;
    }
    std::vector<char> sent(message_bytes_max);
    const std::size_t size = encode(message, 7, sent.data(), sent.size());
    PUEUE_CHECK(size >= header_bytes && size <= std::max(packet.size(), header_bytes));
    Header header;
    PUEUE_CHECK(decode_header(sent.data(), size, header));
    PUEUE_CHECK(header.type == Message::type && header.request == 7);
    Message again;
    PUEUE_CHECK(decode(sent.data(), size, again));
    std::vector<char> resent(message_bytes_max);
    PUEUE_CHECK(encode(again, 7, resent.data(), resent.size()) == size && resent == sent);
}

void read_record(ByteView bytes) {
    SpoolRecord record;
    const std::size_t size = decode_record(bytes.data(), bytes.size(), record);
    PUEUE_CHECK(size <= bytes.size());
    if (size > 0) {
        char written[record_bytes_max];
        SpoolRecord again;
        PUEUE_CHECK(decode_record(written, encode_record(record, written), again) > 0);
        PUEUE_CHECK(again.key == record.key && again.sequence == record.sequence);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = fuzz::view_of(data, std::min(size, message_bytes_max));
    read_record(input);
    Header header;
    static_cast<void>(decode_header(input.data(), input.size(), header));
    if (input.size() < header_bytes) {
        return 0;
    }
    read_as<Hello>(input);
    read_as<Inventory>(input);
    read_as<Start>(input);
    read_as<Signal>(input);
    read_as<Acknowledge>(input);
    read_as<Stop>(input);
    read_as<Ping>(input);
    read_as<Welcome>(input);
    read_as<Entry>(input);
    read_as<InventoryEnd>(input);
    read_as<Started>(input);
    read_as<StartFailed>(input);
    read_as<Exited>(input);
    read_as<DoneAnswer>(input);
    read_as<Pong>(input);
    read_as<ErrorAnswer>(input);
    return 0;
}
