#include "daemon/journal/record_codec.hpp"

#include "daemon/journal/record_fields.hpp"

#include <string>
#include <tuple>
#include <utility>

namespace pueue::journal {

namespace {

template <class T, std::uint16_t Type, std::uint8_t NewestVersion>
struct Kind {
    using Value = T;
    static constexpr EntryKind newest{Type, NewestVersion};
};

// On disk for ever: a number is never given to another kind, a version never to other fields.
using Kinds = std::tuple<
    Kind<core::GroupAdded, 1, 1>,
    Kind<core::GroupRemoved, 2, 1>,
    Kind<core::GroupStatusSet, 3, 1>,
    Kind<core::ParallelSet, 4, 1>,
    Kind<core::TaskAdded, 5, 2>,
    Kind<core::TaskStashed, 6, 1>,
    Kind<core::TaskEnqueued, 7, 1>,
    Kind<core::AttemptStarted, 8, 1>,
    Kind<core::AttemptWithdrawn, 9, 1>,
    Kind<core::TaskPaused, 10, 1>,
    Kind<core::TaskResumed, 11, 1>,
    Kind<core::TaskFinished, 12, 1>,
    Kind<core::TasksRemoved, 13, 1>,
    Kind<core::TaskLocked, 14, 1>,
    Kind<core::TaskUnlocked, 15, 1>,
    Kind<core::TaskEdited, 16, 1>,
    Kind<core::TaskRestarted, 17, 1>,
    Kind<core::VariableSet, 18, 1>,
    Kind<core::VariableUnset, 19, 1>,
    Kind<core::TasksSwitched, 20, 1>,
    Kind<core::FullResetSet, 21, 1>,
    Kind<core::IdsRestarted, 22, 1>,
    Kind<core::KeeperAdopted, 23, 1>,
    Kind<core::AttemptsForgiven, 30, 1>,
    Kind<core::HistoryForgotten, 31, 1>,
    Kind<core::StateReplaced, 32, 1>,
    Kind<core::TaskImported, 33, 1>,
    Kind<EnvironmentDefined, 64, 1>,
    Kind<Manifest, 65, 1>,
    Kind<SnapshotHead, 66, 1>,
    Kind<SnapshotGroup, 67, 1>,
    Kind<SnapshotTask, 68, 2>,
    Kind<SnapshotEnd, 69, 1>,
    Kind<SnapshotRun, 70, 1>>;

template <class T, class... All>
constexpr EntryKind kind_in(const std::tuple<All...>*) {
    EntryKind found;
    ((std::is_same_v<T, typename All::Value> ? static_cast<void>(found = All::newest) : void()),
     ...);
    return found;
}

// The kind of a T; type 0 if there is none.
template <class T>
constexpr EntryKind kind_of = kind_in<T>(static_cast<const Kinds*>(nullptr));

template <class... Records>
constexpr bool have_kinds(const std::variant<Records...>*) {
    return ((kind_of<Records>.type != 0) && ...);
}
static_assert(have_kinds(static_cast<const core::Record*>(nullptr)));

template <class... All>
constexpr bool have_unique_types(const std::tuple<All...>*) {
    std::array types{All::newest.type...};
    std::sort(types.begin(), types.end());
    return std::adjacent_find(types.begin(), types.end()) == types.end();
}
static_assert(have_unique_types(static_cast<const Kinds*>(nullptr)));

template <class T>
EntryKind encode_fields(Bytes& to, const T& value, const EnvironmentTable& environments) {
    codec::FieldWriter writer(to, environments);
    codec::fields(writer, value);
    return kind_of<T>;
}

template <class T>
Result<Entry> decode_as(
    ByteView payload, std::uint8_t version, const EnvironmentTable& environments
) {
    T value;
    codec::FieldReader reader(payload, version, environments);
    codec::fields(reader, value);
    CHECK_OK(reader.finish());
    return Entry(std::move(value));
}

template <>
Result<Entry> decode_as<EnvironmentDefined>(
    ByteView payload, std::uint8_t /*version*/, const EnvironmentTable& /*environments*/
) {
    wire::Reader in(payload);
    EnvironmentDefined defined;
    ByteView encoded;
    {
        wire::Reader::Nested items = in.array();
        defined.number = items.next() ? in.u64() : 0;
        encoded = items.next() ? in.bytes() : ByteView();
        if (items.next()) {
            in.fail("more fields than known");
        }
    }
    if (in.failed()) {
        return in.error();
    }
    defined.environment = Environment::from_encoded(encoded);
    if (!defined.environment) {
        return invalid("not an environment");
    }
    return Entry(std::move(defined));
}

using Decode = Result<Entry> (*)(ByteView, std::uint8_t, const EnvironmentTable&);

struct Known {
    EntryKind newest;
    Decode decode = nullptr;
};

template <class... All>
Known find_known(const std::tuple<All...>*, std::uint16_t type) {
    Known known;
    ((All::newest.type == type
          ? static_cast<void>(known = {All::newest, decode_as<typename All::Value>})
          : void()),
     ...);
    return known;
}

Error made_by_newer(std::string_view what, unsigned number) {
    return {
        ErrorKind::refused,
        0,
        std::string(what) + " " + std::to_string(number) +
            " is unknown: written by a newer version of this program"};
}

}  // namespace

std::optional<std::uint64_t> EnvironmentTable::find(const Environment& environment) const {
    const auto [begin, end] = by_hash_.equal_range(environment.hash());
    for (auto candidate = begin; candidate != end; ++candidate) {
        const Environment& known = *by_number_[candidate->second];
        if (&known == &environment || known == environment) {
            return candidate->second;
        }
    }
    return std::nullopt;
}

void EnvironmentTable::add(EnvironmentPtr environment) {
    by_hash_.emplace(environment->hash(), by_number_.size());
    by_number_.push_back(std::move(environment));
}

EnvironmentPtr EnvironmentTable::at(std::uint64_t number) const {
    return number < by_number_.size() ? by_number_[number] : nullptr;
}

void EnvironmentTable::shrink(std::uint64_t size) {
    std::erase_if(by_hash_, [&](const auto& entry) { return entry.second >= size; });
    by_number_.resize(size);
}

const EnvironmentPtr* environment_of(const core::Record& record) {
    if (const auto* added = std::get_if<core::TaskAdded>(&record)) {
        return &added->spec->environment;
    }
    const auto* imported = std::get_if<core::TaskImported>(&record);
    return imported == nullptr ? nullptr : &imported->spec->environment;
}

EntryKind encode_entry(
    Bytes& to, const core::Record& record, const EnvironmentTable& environments
) {
    return std::visit(
        [&](const auto& one) { return encode_fields(to, one, environments); }, record
    );
}

EntryKind encode_entry(Bytes& to, const Manifest& manifest) {
    return encode_fields(to, manifest, {});
}
EntryKind encode_entry(Bytes& to, const SnapshotHead& head) {
    return encode_fields(to, head, {});
}
EntryKind encode_entry(Bytes& to, const SnapshotGroup& group) {
    return encode_fields(to, group, {});
}
EntryKind encode_entry(Bytes& to, const SnapshotTask& task, const EnvironmentTable& environments) {
    return encode_fields(to, task, environments);
}
EntryKind encode_entry(Bytes& to, const SnapshotRun& run) {
    return encode_fields(to, run, {});
}
EntryKind encode_entry(Bytes& to, const SnapshotEnd& end) {
    return encode_fields(to, end, {});
}

EntryKind encode_entry(Bytes& to, const EnvironmentDefined& defined) {
    wire::Writer out(to);
    out.array(2);
    out.u64(defined.number);
    out.bytes(defined.environment->encoded());
    return kind_of<EnvironmentDefined>;
}

Result<Entry> decode_entry(EntryKind kind, ByteView payload, const EnvironmentTable& environments) {
    const Known known = find_known(static_cast<const Kinds*>(nullptr), kind.type);
    if (known.decode == nullptr) {
        return made_by_newer("record type", kind.type);
    }
    if (kind.version == 0 || kind.version > known.newest.version) {
        return made_by_newer(
            "version of record type " + std::to_string(kind.type) + ":", kind.version
        );
    }
    return known.decode(payload, kind.version, environments);
}

}  // namespace pueue::journal
