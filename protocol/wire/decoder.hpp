// Reads any described type (shape.hpp) from CBOR, in the steps of the original's derived decoders:
// the same things are tolerated, the same thing is found wrong first. Failures are the reader's.
// Private to the codec.
#pragma once

#include "protocol/base/clock.hpp"
#include "protocol/model/environment.hpp"
#include "protocol/model/task.hpp"
#include "protocol/wire/cbor.hpp"
#include "protocol/wire/shape.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace pueue::wire {

class Decoder {
  public:
    /// `pool` may be null. Both outlive the decoder.
    Decoder(Reader& in, EnvironmentPool* pool) : in_(in), pool_(pool) {}

    void operator()(bool& to) { to = in_.boolean(); }
    void operator()(std::uint64_t& to) { to = in_.u64(); }
    void operator()(std::int32_t& to);
    void operator()(std::string& to) { to = in_.text(); }
    void operator()(TaskId& to) { to.value = in_.u64(); }
    void operator()(WallTime& to);
    void operator()(EnvironmentPtr& to);
    void operator()(Task& to);
    void operator()(TaskStatus& to);

    template <class T>
    void operator()(std::optional<T>& to) {
        to.reset();
        if (!in_.take_null()) {
            (*this)(to.emplace());
        }
    }

    template <class T>
    void operator()(std::shared_ptr<const T>& to) {
        auto made = std::make_shared<T>();
        (*this)(*made);
        to = std::move(made);
    }

    template <class T>
    void operator()(std::vector<T>& to) {
        for (Reader::Nested items = in_.array(); items.next();) {
            (*this)(to.emplace_back());
        }
    }

    template <class Key, class T, class Less>
    void operator()(std::map<Key, T, Less>& to) {
        for (Reader::Nested pairs = in_.map(); pairs.next();) {
            Key key{};
            (*this)(key);
            T value{};
            (*this)(value);
            to.insert_or_assign(to.end(), std::move(key), std::move(value));
        }
    }

    template <class T>
    void operator()(T& to) {
        shaped(to, shape::of<T>);
    }

  private:
    template <class T, class Member>
    void shaped(T& to, const shape::Newtype<T, Member>& newtype) {
        (*this)(to.*newtype.member);
    }

    template <class T, class Other>
    void shaped(T& to, const shape::Converted<T, Other>& converted) {
        Other other{};
        (*this)(other);
        to = converted.from_other(std::move(other));
    }

    template <class Enum, std::size_t Count>
    void shaped(Enum& to, const shape::Names<Count>& names) {
        std::string_view name;
        const Reader::Nested inside = in_.variant(name);
        to = static_cast<Enum>(find_variant(names.names, name));
    }

    template <class... Alternatives>
    void shaped(
        std::variant<Alternatives...>& to, const shape::Choice<sizeof...(Alternatives)>& choice
    ) {
        std::string_view name;
        const Reader::Nested inside = in_.variant(name);
        const std::size_t index = find_variant(choice.names, name);
        if (!in_.failed()) {
            read_alternative(to, index, std::index_sequence_for<Alternatives...>());
        }
    }

    template <class Variant, std::size_t... Index>
    void read_alternative(Variant& to, std::size_t wanted, std::index_sequence<Index...>) {
        (void)((Index == wanted && (read_content(to.template emplace<Index>()), true)) || ...);
    }

    template <class T>
    void read_content(T& to) {
        // The original does not look at what a map gives a variant without content.
        if constexpr (!std::is_same_v<decltype(shape::of<T>), const shape::Unit>) {
            (*this)(to);
        }
    }

    template <class T, class... Fields>
    void shaped(T& to, const shape::Record<Fields...>& record) {
        Reader::Nested inside =
            record.is_variant ? in_.variant_fields(record.expecting) : in_.map();
        if (inside.is_map()) {
            read_named(to, record, inside);
        } else {
            read_ordered(to, record, inside);
        }
    }

    template <class T, class... Fields>
    void read_named(T& to, const shape::Record<Fields...>& record, Reader::Nested& pairs) {
        static constexpr std::size_t count = sizeof...(Fields);
        const auto names = std::apply(
            [](const auto&... fields) {
                return std::array<std::string_view, count>{fields.name...};
            },
            record.fields
        );
        std::uint32_t seen = 0;
        for (std::size_t expected = 0; pairs.next(); ++expected) {
            const std::size_t index = find_field(names, in_.name(), expected);
            if (index == count) {
                in_.skip();
                continue;
            }
            if ((seen >> index & 1U) != 0) {
                fail_field("duplicate", names[index]);
                return;
            }
            seen |= 1U << index;
            expected = index;
            read_field(to, record, index, std::index_sequence_for<Fields...>());
        }
        check_complete(record, seen, std::index_sequence_for<Fields...>());
    }

    template <class T, class... Fields>
    void read_ordered(T& to, const shape::Record<Fields...>& record, Reader::Nested& items) {
        for (std::size_t index = 0; index < record.size; ++index) {
            if (!items.next()) {
                fail_length(index, record.expecting, record.size);
                return;
            }
            read_field(to, record, index, std::index_sequence_for<Fields...>());
        }
    }

    template <class T, class Record, std::size_t... Index>
    void
    read_field(T& to, const Record& record, std::size_t wanted, std::index_sequence<Index...>) {
        (void)((Index == wanted && (read_member(to, std::get<Index>(record.fields)), true)) || ...);
    }

    template <class T, class Member>
    void read_member(T& to, const shape::Field<T, Member>& field) {
        (*this)(to.*field.member);
    }

    template <class T, class Member>
    void read_member(T& to, const shape::Extra<T, Member>& extra) {
        (*this)(to.*extra.member);
    }

    template <class T>
    void read_member(T& to, const shape::OctetsField<T>& field) {
        (to.*field.member).reset();
        if (!in_.take_null()) {
            read_octets((to.*field.member).emplace());
        }
    }

    template <class Record, std::size_t... Index>
    void check_complete(const Record& record, std::uint32_t seen, std::index_sequence<Index...>) {
        (check_present(std::get<Index>(record.fields), (seen >> Index & 1U) != 0), ...);
    }

    template <class T, class Member>
    void check_present(const shape::Field<T, Member>& field, bool is_present) {
        if (!is_present) {
            fail_field("missing", field.name);
        }
    }
    template <class T, class Value>
    void check_present(const shape::Field<T, std::optional<Value>>&, bool) {}
    template <class T, class Member>
    void check_present(const shape::Extra<T, Member>&, bool) {}
    template <class T>
    void check_present(const shape::OctetsField<T>&, bool) {}

    void read_octets(Bytes& to);
    /// Fields mostly come in their order, so the one at `expected` is tried first.
    [[nodiscard]] static std::size_t find_field(
        std::span<const std::string_view> names, std::string_view name, std::size_t expected
    );
    /// 0 and failed if there is no such name.
    [[nodiscard]] std::size_t find_variant(
        std::span<const std::string_view> names, std::string_view name
    );
    void fail_field(std::string_view how, std::string_view name);
    void fail_length(std::size_t found, std::string_view expecting, std::size_t wanted);

    Reader& in_;
    EnvironmentPool* pool_;

    // Environments as they were in the input. Tasks of one response share a few.
    struct KnownEnvironment {
        ByteView encoded;
        EnvironmentPtr environment;
    };
    std::vector<KnownEnvironment> known_;
    std::size_t next_forgotten_ = 0;
};

}  // namespace pueue::wire
