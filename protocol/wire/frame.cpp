#include "protocol/wire/frame.hpp"

#include "protocol/wire/bounds.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace pueue::wire {

namespace {

// One read takes in most requests whole; a payload that lacks more than this gets reads of its own.
constexpr std::size_t input_bytes = std::size_t{16} * 1024;
constexpr std::size_t first_growth_bytes = std::size_t{64} * 1024;

}  // namespace

std::array<char, 8> frame_header(std::size_t payload_bytes) {
    Bytes encoded;
    append_u64_be(encoded, payload_bytes);
    std::array<char, frame_header_bytes> header{};
    std::copy(encoded.begin(), encoded.end(), header.begin());
    return header;
}

Bytes frame(ByteView payload) {
    Bytes framed;
    framed.reserve(frame_header_bytes + payload.size());
    append_u64_be(framed, payload.size());
    framed.append(payload);
    return framed;
}

bool FrameReader::reads_payload_directly() const {
    return in_payload_ && begin_ == end_ && missing() > input_bytes &&
           announced_ <= kept_bytes_max_;
}

// Doubling keeps the copying linear in what has arrived.
void FrameReader::grow_payload(std::size_t wanted) {
    if (payload_.size() < wanted) {
        const std::size_t doubled = std::max(payload_.size() * 2, first_growth_bytes);
        payload_.resize(std::min<std::uint64_t>(std::max(doubled, wanted), announced_));
    }
}

std::span<char> FrameReader::room() {
    if (reads_payload_directly()) {
        grow_payload(arrived_ + 1);
        return std::span(payload_).subspan(arrived_);
    }
    input_.erase(0, begin_);
    end_ -= begin_;
    begin_ = 0;
    input_.resize(end_ + input_bytes);
    return std::span(input_).subspan(end_);
}

void FrameReader::filled(std::size_t bytes) {
    if (reads_payload_directly()) {
        PUEUE_CHECK(bytes <= payload_.size() - arrived_);
        arrived_ += bytes;
    } else {
        PUEUE_CHECK(bytes <= input_.size() - end_);
        end_ += bytes;
    }
}

void FrameReader::feed(ByteView bytes) {
    while (!bytes.empty()) {
        const std::span<char> to = room();
        const std::size_t part = std::min(to.size(), bytes.size());
        std::memcpy(to.data(), bytes.data(), part);
        filled(part);
        bytes.remove_prefix(part);
    }
}

void FrameReader::take_from_input() {
    const std::size_t part = std::min<std::uint64_t>(missing(), end_ - begin_);
    const std::size_t kept = std::min<std::uint64_t>(arrived_, kept_bytes_max_);
    const std::size_t keep = std::min(part, kept_bytes_max_ - kept);
    if (keep > 0) {
        grow_payload(kept + keep);
        std::memcpy(payload_.data() + kept, input_.data() + begin_, keep);
    }
    arrived_ += part;
    begin_ += part;
}

Result<std::optional<Bytes>> FrameReader::next() {
    if (!in_payload_) {
        if (end_ - begin_ < frame_header_bytes) {
            return std::optional<Bytes>();
        }
        announced_ = load_u64_be(input_.data() + begin_);
        if (announced_ > payload_bytes_max_) {
            return Error{
                ErrorKind::too_large,
                0,
                "Client requested message size of " + std::to_string(announced_) + ", but only " +
                    std::to_string(payload_bytes_max_) + " is allowed."};
        }
        begin_ += frame_header_bytes;
        arrived_ = 0;
        in_payload_ = true;
    }
    take_from_input();
    if (missing() > 0) {
        return std::optional<Bytes>();
    }
    in_payload_ = false;
    payload_.resize(std::min<std::uint64_t>(announced_, kept_bytes_max_));
    return std::optional<Bytes>(std::exchange(payload_, Bytes()));
}

}  // namespace pueue::wire
