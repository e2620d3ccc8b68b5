// Fields of messages and spool records: fixed-width little-endian integers, keys, texts as u32
// length and bytes. A struct names its fields once, in `fields(io, self)`; Writer and Reader are
// the two kinds of `io`. Nothing here allocates or throws; texts that were read are views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace pueue::keeper {

/// Bytes of somebody else.
struct Slice {
    const char* data = nullptr;
    std::size_t size = 0;
};

struct Id16 {
    std::uint8_t bytes[16] = {};

    bool operator==(const Id16& other) const {
        return std::memcmp(bytes, other.bytes, sizeof bytes) == 0;
    }
};

/// What an attempt is known by.
struct Key {
    std::uint64_t task = 0;
    std::uint32_t attempt = 0;
    Id16 run;

    bool operator==(const Key& other) const {
        return task == other.task && attempt == other.attempt && run == other.run;
    }
};

/// Puts fields one behind the other. What does not fit makes it fail; nothing is written past the
/// end.
class Writer {
  public:
    Writer(char* to, std::size_t capacity) : to_(to), capacity_(capacity) {}

    template <class... Field>
    void operator()(const Field&... fields) {
        (put(fields), ...);
    }

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    void raw(const void* from, std::size_t size) {
        if (!ok_ || size > capacity_ - size_) {
            ok_ = false;
            return;
        }
        if (size > 0) {
            std::memcpy(to_ + size_, from, size);
        }
        size_ += size;
    }

    template <class Number>
        requires std::is_integral_v<Number> || std::is_enum_v<Number>
    void put(Number value) {
        raw(&value, sizeof value);
    }
    void put(const Id16& id) { raw(id.bytes, sizeof id.bytes); }
    void put(const Key& key) {
        put(key.task);
        put(key.attempt);
        put(key.run);
    }
    void put(const Slice& text) {
        put(static_cast<std::uint32_t>(text.size));
        raw(text.data, text.size);
    }

    char* to_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    bool ok_ = true;
};

/// The way back. A field that is not there in full makes it fail and is left as it was.
class Reader {
  public:
    Reader(const char* from, std::size_t size) : from_(from), left_(size) {}

    template <class... Field>
    void operator()(Field&... fields) {
        (get(fields), ...);
    }

    [[nodiscard]] bool ok() const { return ok_; }

  private:
    const char* take(std::size_t size) {
        if (!ok_ || size > left_) {
            ok_ = false;
            return nullptr;
        }
        const char* taken = from_;
        from_ += size;
        left_ -= size;
        return taken;
    }

    template <class Number>
        requires std::is_integral_v<Number> || std::is_enum_v<Number>
    void get(Number& value) {
        if (const char* bytes = take(sizeof value)) {
            std::memcpy(&value, bytes, sizeof value);
        }
    }
    void get(Id16& id) {
        if (const char* bytes = take(sizeof id.bytes)) {
            std::memcpy(id.bytes, bytes, sizeof id.bytes);
        }
    }
    void get(Key& key) {
        get(key.task);
        get(key.attempt);
        get(key.run);
    }
    void get(Slice& text) {
        std::uint32_t size = 0;
        get(size);
        if (const char* bytes = take(size)) {
            text = {bytes, size};
        }
    }

    const char* from_;
    std::size_t left_;
    bool ok_ = true;
};

static_assert(
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "Writer and Reader copy integers as they are"
);

}  // namespace pueue::keeper
