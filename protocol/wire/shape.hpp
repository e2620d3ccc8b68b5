// The vocabulary in which the codec describes messages. Each struct is described once, and both
// directions follow from it (decoder.hpp, encoder.hpp); the texts of errors come from it too.
// Private to the codec.
#pragma once

#include "protocol/base/bytes.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>

namespace pueue::wire::shape {

/// The default: the decoder and the encoder know the type themselves, or it does not compile.
struct Plain {};

/// A variant without content.
struct Unit {};

/// Appears as its only member.
template <class T, class Member>
struct Newtype {
    Member T::*member;
};

template <class T, class Member>
struct Field {
    std::string_view name;
    Member T::*member;
};

/// Bytes, which appear as an array of integers.
template <class T>
struct OctetsField {
    std::string_view name;
    std::optional<Bytes> T::*member;
};

/// A field that the original does not have: written only if it has a value, and never part of a
/// record that comes as an array. Behind all others.
template <class T, class Member>
struct Extra {
    std::string_view name;
    std::optional<Member> T::*member;
};

template <class Field>
inline constexpr bool is_extra = false;
template <class T, class Member>
inline constexpr bool is_extra<Extra<T, Member>> = true;

/// A map from names to fields. A variant's fields may also come as an array.
template <class... Fields>
struct Record {
    std::string_view expecting;  ///< what errors call it
    bool is_variant = false;
    std::tuple<Fields...> fields;

    /// Of the fields that are always there.
    static constexpr std::size_t size = (std::size_t{0} + ... + (is_extra<Fields> ? 0 : 1));
};

/// An enum: its enumerators are numbered as these names.
template <std::size_t Count>
struct Names {
    std::array<std::string_view, Count> names;
};

/// A std::variant: a name for each of its alternatives, in their order.
template <std::size_t Count>
struct Choice {
    std::array<std::string_view, Count> names;
};

/// Appears as another type.
template <class T, class Other>
struct Converted {
    Other (*to_other)(const T&);
    T (*from_other)(Other);
};

template <class T, class Member>
constexpr Newtype<T, Member> newtype(Member T::*member) {
    return {member};
}

template <class T, class Member>
constexpr Field<T, Member> field(std::string_view name, Member T::*member) {
    return {name, member};
}

template <class T>
constexpr OctetsField<T> octets(std::string_view name, std::optional<Bytes> T::*member) {
    return {name, member};
}

template <class T, class Member>
constexpr Extra<T, Member> extra(std::string_view name, std::optional<Member> T::*member) {
    return {name, member};
}

template <class... Fields>
constexpr Record<Fields...> record(std::string_view expecting, Fields... fields) {
    return {expecting, false, std::tuple(fields...)};
}

template <class... Fields>
constexpr Record<Fields...> variant_record(std::string_view expecting, Fields... fields) {
    return {expecting, true, std::tuple(fields...)};
}

template <class... Texts>
constexpr Names<sizeof...(Texts)> names(Texts... texts) {
    return {{texts...}};
}

template <class... Texts>
constexpr Choice<sizeof...(Texts)> choice(Texts... texts) {
    return {{texts...}};
}

template <class T, class Other>
constexpr Converted<T, Other> converted(Other (*to_other)(const T&), T (*from_other)(Other)) {
    return {to_other, from_other};
}

/// Specialised for every type that is not Plain, before anything reads or writes it.
template <class T>
inline constexpr Plain of{};

}  // namespace pueue::wire::shape
