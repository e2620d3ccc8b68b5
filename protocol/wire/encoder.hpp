// Writes any described type (shape.hpp) as the original's derived encoders do: all fields, in their
// order, definite lengths. Private to the codec.
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
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace pueue::wire {

class Encoder {
  public:
    /// Appends to `to`, which outlives the encoder.
    explicit Encoder(Bytes& to) : out_(to) {}

    // For what is put together by hand.
    void map(std::size_t count) { out_.map(count); }
    template <class T>
    void member(std::string_view name, const T& value) {
        out_.text(name);
        (*this)(value);
    }
    void octets_member(std::string_view name, const std::optional<ByteView>& octets);
    /// Requires: the content of the variant is written next.
    void begin_variant(std::string_view name);

    void operator()(bool value) { out_.boolean(value); }
    void operator()(std::uint64_t value) { out_.u64(value); }
    void operator()(std::int32_t value) { out_.i64(value); }
    void operator()(const std::string& value) { out_.text(value); }
    void operator()(TaskId value) { out_.u64(value.value); }
    void operator()(const WallTime& value);
    void operator()(const EnvironmentPtr& value);
    void operator()(const Task& value);
    void operator()(const TaskStatus& value);

    template <class T>
    void operator()(const std::optional<T>& value) {
        if (value) {
            (*this)(*value);
        } else {
            out_.null();
        }
    }

    template <class T>
    void operator()(const std::shared_ptr<const T>& value) {
        (*this)(*value);
    }

    template <class T>
    void operator()(const std::vector<T>& value) {
        out_.array(value.size());
        for (const T& item : value) {
            (*this)(item);
        }
    }

    template <class Key, class T, class Less>
    void operator()(const std::map<Key, T, Less>& value) {
        out_.map(value.size());
        for (const auto& [key, item] : value) {
            (*this)(key);
            (*this)(item);
        }
    }

    template <class T>
    void operator()(const T& value) {
        shaped(value, shape::of<T>);
    }

  private:
    template <class T, class Member>
    void shaped(const T& value, const shape::Newtype<T, Member>& newtype) {
        (*this)(value.*newtype.member);
    }

    template <class T, class Other>
    void shaped(const T& value, const shape::Converted<T, Other>& converted) {
        (*this)(converted.to_other(value));
    }

    template <class Enum, std::size_t Count>
    void shaped(Enum value, const shape::Names<Count>& names) {
        out_.text(names.names[static_cast<std::size_t>(value)]);
    }

    template <class... Alternatives>
    void shaped(
        const std::variant<Alternatives...>& value,
        const shape::Choice<sizeof...(Alternatives)>& choice
    ) {
        const std::string_view name = choice.names[value.index()];
        std::visit(
            [&]<class T>(const T& content) {
                if constexpr (std::is_same_v<decltype(shape::of<T>), const shape::Unit>) {
                    out_.text(name);
                } else {
                    begin_variant(name);
                    (*this)(content);
                }
            },
            value
        );
    }

    template <class T, class... Fields>
    void shaped(const T& value, const shape::Record<Fields...>& record) {
        const std::size_t extras = std::apply(
            [&](const auto&... fields) { return (std::size_t{0} + ... + count(value, fields)); },
            record.fields
        );
        out_.map(record.size + extras);
        std::apply(
            [&](const auto&... fields) { (write_member(value, fields), ...); }, record.fields
        );
    }

    template <class T, class Member>
    void write_member(const T& value, const shape::Field<T, Member>& field) {
        member(field.name, value.*field.member);
    }

    template <class T, class Member>
    void write_member(const T& value, const shape::Extra<T, Member>& extra) {
        if (value.*extra.member) {
            member(extra.name, value.*extra.member);
        }
    }
    template <class T, class Member>
    static std::size_t count(const T& value, const shape::Extra<T, Member>& extra) {
        return (value.*extra.member).has_value() ? 1 : 0;
    }
    template <class T, class Field>
    static std::size_t count(const T& /*value*/, const Field& /*always*/) {
        return 0;
    }

    template <class T>
    void write_member(const T& value, const shape::OctetsField<T>& field) {
        octets_member(field.name, value.*field.member);
    }

    void write_shown_environment(const TaskSpec& spec, WorkerId worker);

    /// An environment in which two variables are about to be replaced: the stretches of its encoded
    /// form that stay, of neighbouring tasks' mostly the same.
    struct Trimmed {
        const Environment* of = nullptr;
        std::uint64_t size = 0;
        std::array<ByteView, 3> stretches;
    };
    [[nodiscard]] const Trimmed& trim(const Environment& environment);

    Writer out_;
    LocalOffset local_;
    std::string time_text_;
    Trimmed trimmed_;
};

}  // namespace pueue::wire
