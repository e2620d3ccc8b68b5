// The fields of each kind of entry in the order of its payload, listed once, and the two ways to go
// through such a list. Private to the record codec.
//
// A list of fields is a CBOR array; a struct inside is an array of its own; a string or an id of
// bytes is a byte string; an optional is the value or null; a variant is [index, fields], so the
// order of the alternatives of TaskStatus and TaskResult is on disk, too.
#pragma once

#include "daemon/core/record.hpp"
#include "daemon/journal/record_codec.hpp"
#include "protocol/wire/cbor.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace pueue::journal::codec {

// The enums inside entries are their numbers, which never change; here are the highest ones.
constexpr GroupStatus last_of(GroupStatus /*kind*/) {
    return GroupStatus::reset;
}
template <class Policy>
constexpr Policy last_of(Policy kind) {
    return words_of(kind).back().second;
}

/// A field that mostly has the value of another one before it; then it is written as null.
template <class Field>
struct Repeats {
    Field& field;
    Field& earlier;
};
template <class Field>
Repeats(Field&, Field&) -> Repeats<Field>;

/// A field that payloads of lower versions end before; they leave its value as it is by default.
template <class Field>
struct Since {
    std::uint8_t version;
    Field& field;
};
template <class Field>
Since(std::uint8_t, Field&) -> Since<Field>;

template <class Value, class T>
concept Is = std::same_as<std::remove_const_t<Value>, T>;

// --- values inside entries

void fields(auto& go, Is<WallTime> auto& v) {
    go(v.seconds, v.nanoseconds);
}
void fields(auto& go, Is<TaskSpec> auto& v) {
    const Repeats command{v.command, v.original_command};
    go(v.original_command,
       command,
       v.path,
       v.environment,
       v.group,
       v.dependencies,
       v.priority,
       v.label);
}
void fields(auto& go, Is<EditableFields> auto& v) {
    const Repeats command{v.command, v.original_command};
    go(v.original_command, command, v.path, v.label, v.priority);
}
void fields(auto& go, Is<Success> auto&) {
    go();
}
void fields(auto& go, Is<Failed> auto& v) {
    go(v.exit_code);
}
void fields(auto& go, Is<FailedToSpawn> auto& v) {
    go(v.reason);
}
void fields(auto& go, Is<Killed> auto&) {
    go();
}
void fields(auto& go, Is<Errored> auto&) {
    go();
}
void fields(auto& go, Is<DependencyFailed> auto&) {
    go();
}

void fields(auto& go, Is<Locked> auto& v) {
    go(v.previous_status);
}
void fields(auto& go, Is<Stashed> auto& v) {
    go(v.enqueue_at);
}
void fields(auto& go, Is<Queued> auto& v) {
    go(v.enqueued_at);
}
void fields(auto& go, Is<Running> auto& v) {
    go(v.enqueued_at, v.start);
}
void fields(auto& go, Is<Paused> auto& v) {
    go(v.enqueued_at, v.start);
}
void fields(auto& go, Is<Done> auto& v) {
    go(v.enqueued_at, v.start, v.end, v.result);
}
void fields(auto& go, Is<Attempt> auto& v) {
    go(v.worker, v.keeper, v.was_paused);
}
void fields(auto& go, Is<TaskOptions> auto& v) {
    go(v.restart, v.id_conflict_policy, v.id_reuse_policy, v.on_reject);
}
void fields(auto& go, Is<EndedAttempt> auto& v) {
    go(v.number, v.start, v.end, v.result);
}
void fields(auto& go, Is<ClosedRun> auto& v) {
    go(v.task, v.group, v.label, v.command, v.path, v.attempts, v.start, v.end, v.result);
}
void fields(auto& go, Is<Task> auto& v) {
    const Since options{2, v.options};
    const Since forgiven{2, v.forgiven};
    const Since earlier{2, v.earlier};
    go(v.id,
       v.run,
       v.created_at,
       v.spec,
       v.status,
       v.attempts,
       v.attempt,
       v.worker,
       options,
       forgiven,
       earlier);
}
void fields(auto& go, Is<Group> auto& v) {
    go(v.status, v.parallel_tasks);
}

// --- records of the core

void fields(auto& go, Is<core::GroupAdded> auto& v) {
    go(v.name, v.parallel_tasks);
}
void fields(auto& go, Is<core::GroupRemoved> auto& v) {
    go(v.name);
}
void fields(auto& go, Is<core::GroupStatusSet> auto& v) {
    go(v.name, v.status);
}
void fields(auto& go, Is<core::ParallelSet> auto& v) {
    go(v.group, v.parallel_tasks);
}
void fields(auto& go, Is<core::TaskAdded> auto& v) {
    const Since options{2, v.options};
    go(v.id, v.run, v.created_at, v.spec, v.stashed, v.enqueue_at, options);
}
void fields(auto& go, Is<core::TaskStashed> auto& v) {
    go(v.id, v.enqueue_at);
}
void fields(auto& go, Is<core::TaskEnqueued> auto& v) {
    go(v.id, v.at);
}
void fields(auto& go, Is<core::AttemptStarted> auto& v) {
    go(v.id, v.attempt, v.worker, v.enqueued_at, v.start);
}
void fields(auto& go, Is<core::AttemptWithdrawn> auto& v) {
    go(v.id);
}
void fields(auto& go, Is<core::TaskPaused> auto& v) {
    go(v.id);
}
void fields(auto& go, Is<core::TaskResumed> auto& v) {
    go(v.id);
}
void fields(auto& go, Is<core::TaskFinished> auto& v) {
    go(v.id, v.start, v.end, v.result);
}
void fields(auto& go, Is<core::TasksRemoved> auto& v) {
    go(v.ids);
}
void fields(auto& go, Is<core::TaskLocked> auto& v) {
    go(v.id);
}
void fields(auto& go, Is<core::TaskUnlocked> auto& v) {
    go(v.id);
}
void fields(auto& go, Is<core::TaskEdited> auto& v) {
    go(v.id, v.fields);
}
void fields(auto& go, Is<core::TaskRestarted> auto& v) {
    go(v.id, v.fields, v.at, v.stashed);
}
void fields(auto& go, Is<core::VariableSet> auto& v) {
    go(v.id, v.name, v.value);
}
void fields(auto& go, Is<core::VariableUnset> auto& v) {
    go(v.id, v.name);
}
void fields(auto& go, Is<core::TasksSwitched> auto& v) {
    go(v.first, v.second);
}
void fields(auto& go, Is<core::FullResetSet> auto& v) {
    go(v.active);
}
void fields(auto& go, Is<core::IdsRestarted> auto&) {
    go();
}
void fields(auto& go, Is<core::KeeperAdopted> auto& v) {
    go(v.keeper);
}
void fields(auto& go, Is<core::StateReplaced> auto&) {
    go();
}
void fields(auto& go, Is<core::TaskImported> auto& v) {
    go(v.id, v.run, v.created_at, v.spec, v.status);
}

void fields(auto& go, Is<core::AttemptsForgiven> auto& v) {
    go(v.id);
}
void fields(auto& go, Is<core::HistoryForgotten> auto& v) {
    go(v.runs);
}

// --- entries of the store itself (an environment's own form is in record_codec.cpp)

void fields(auto& go, Is<ImportedFile> auto& v) {
    go(v.digest, v.size);
}
void fields(auto& go, Is<Manifest> auto& v) {
    go(v.snapshot, v.first_segment, v.imported);
}
void fields(auto& go, Is<SnapshotHead> auto& v) {
    go(v.last_sequence, v.next_task_id, v.keeper, v.resetting_everything);
}
void fields(auto& go, Is<SnapshotGroup> auto& v) {
    go(v.name, v.group);
}
void fields(auto& go, Is<SnapshotTask> auto& v) {
    go(v.task);
}
void fields(auto& go, Is<SnapshotRun> auto& v) {
    go(v.run, v.closed);
}
void fields(auto& go, Is<SnapshotEnd> auto& v) {
    go(v.entries);
}

/// Writes lists of fields.
class FieldWriter {
  public:
    FieldWriter(Bytes& to, const EnvironmentTable& environments)
        : out_(to), environments_(environments) {}

    template <class... Fields>
    void operator()(const Fields&... all) {
        out_.array(sizeof...(all));
        (put(all), ...);
    }

  private:
    void put(bool value) { out_.boolean(value); }
    void put(std::uint64_t value) { out_.u64(value); }
    void put(std::uint32_t value) { out_.u64(value); }
    void put(std::int64_t value) { out_.i64(value); }
    void put(std::int32_t value) { out_.i64(value); }
    void put(const std::string& value) { out_.bytes(value); }
    template <class Enum>
        requires std::is_enum_v<Enum>
    void put(const Enum& value) {
        out_.u64(static_cast<std::uint64_t>(value));
    }
    template <class T>
    void put(const Since<T>& since) {
        put(since.field);
    }
    template <std::size_t Size>
    void put(const std::array<std::uint8_t, Size>& value) {
        out_.bytes(Bytes(value.begin(), value.end()));
    }
    template <class Tag, class Rep>
    void put(const StrongId<Tag, Rep>& id) {
        put(id.value);
    }
    template <class T>
    void put(const std::optional<T>& value) {
        value ? put(*value) : out_.null();
    }
    template <class T>
    void put(const Repeats<T>& value) {
        value.field == value.earlier ? out_.null() : put(value.field);
    }
    template <class T>
    void put(const std::vector<T>& values) {
        out_.array(values.size());
        for (const T& value : values) {
            put(value);
        }
    }
    template <class... Alternatives>
    void put(const std::variant<Alternatives...>& value) {
        out_.array(2);
        out_.u64(value.index());
        std::visit([this](const auto& alternative) { this->put(alternative); }, value);
    }
    void put(const TaskStatus& status) { put(static_cast<const TaskStatus::variant&>(status)); }
    void put(const EnvironmentPtr& environment) {
        const std::optional<std::uint64_t> number = environments_.find(*environment);
        PUEUE_CHECK(number.has_value());
        out_.u64(*number);
    }
    template <class T>
    void put(const std::shared_ptr<const T>& value) {
        put(*value);
    }
    template <class Struct>
    void put(const Struct& value) {
        fields(*this, value);
    }

    wire::Writer out_;
    const EnvironmentTable& environments_;
};

/// Reads lists of fields from any bytes. What it read is worth something if `finish` succeeds.
class FieldReader {
  public:
    FieldReader(ByteView payload, std::uint8_t version, const EnvironmentTable& environments)
        : in_(payload), version_(version), environments_(environments) {}

    template <class... Fields>
    void operator()(Fields&... all) {
        wire::Reader::Nested items = in_.array();
        (get_next(items, all), ...);
        if (items.next()) {
            in_.fail("more fields than known");
        }
    }

    [[nodiscard]] Result<> finish() const {
        if (in_.failed()) {
            return in_.error();
        }
        return in_.rest().empty() ? Result<>() : invalid("bytes behind the fields");
    }

  private:
    template <class Field>
    void get_next(wire::Reader::Nested& items, const Since<Field>& since) {
        if (version_ >= since.version) {
            get_next(items, since.field);
        }
    }
    template <class Field>
    void get_next(wire::Reader::Nested& items, Field& field) {
        if (!items.next()) {
            in_.fail("a field is missing");
            return;
        }
        get(field);
    }

    void get(bool& value) { value = in_.boolean(); }
    void get(std::uint64_t& value) { value = in_.u64(); }
    void get(std::uint32_t& value) { value = in_range<std::uint32_t>(in_.u64()); }
    void get(std::int64_t& value) { value = in_.i64(); }
    void get(std::int32_t& value) { value = in_range<std::int32_t>(in_.i64()); }
    void get(std::string& value) { value = in_.bytes(); }
    template <class Enum>
        requires std::is_enum_v<Enum>
    void get(Enum& value) {
        const std::uint64_t number = in_.u64();
        if (number > static_cast<std::uint64_t>(last_of(value))) {
            in_.fail("unknown alternative");
            return;
        }
        value = static_cast<Enum>(number);
    }
    template <std::size_t Size>
    void get(std::array<std::uint8_t, Size>& value) {
        const ByteView bytes = in_.bytes();
        if (bytes.size() != value.size()) {
            in_.fail("an id of another length");
            return;
        }
        std::copy(bytes.begin(), bytes.end(), value.begin());
    }
    template <class Tag, class Rep>
    void get(StrongId<Tag, Rep>& id) {
        get(id.value);
    }
    template <class T>
    void get(std::optional<T>& value) {
        if (!in_.take_null()) {
            get(value.emplace());
        }
    }
    template <class T>
    void get(const Repeats<T>& value) {
        if (in_.take_null()) {
            value.field = value.earlier;
        } else {
            get(value.field);
        }
    }
    template <class T>
    void get(std::vector<T>& values) {
        for (wire::Reader::Nested items = in_.array(); items.next();) {
            get(values.emplace_back());
        }
    }
    template <class... Alternatives>
    void get(std::variant<Alternatives...>& value) {
        wire::Reader::Nested items = in_.array();
        std::uint64_t index = 0;
        get_next(items, index);
        if (!items.next() || !get_alternative(value, index) || items.next()) {
            in_.fail("not one of the alternatives");
        }
    }
    template <std::size_t I = 0, class... Alternatives>
    bool get_alternative(std::variant<Alternatives...>& value, std::uint64_t index) {
        if constexpr (I < sizeof...(Alternatives)) {
            if (index != I) {
                return get_alternative<I + 1>(value, index);
            }
            get(value.template emplace<I>());
            return true;
        }
        return false;
    }
    void get(TaskStatus& status) { get(static_cast<TaskStatus::variant&>(status)); }
    void get(EnvironmentPtr& environment) {
        environment = environments_.at(in_.u64());
        if (!environment) {
            in_.fail("unknown environment");
        }
    }
    template <class T>
    void get(std::shared_ptr<const T>& value) {
        auto read = std::make_shared<T>();
        get(*read);
        value = std::move(read);
    }
    template <class Struct>
    void get(Struct& value) {
        fields(*this, value);
    }

    template <class Narrow, class Wide>
    Narrow in_range(Wide value) {
        if (!std::in_range<Narrow>(value)) {
            in_.fail("a number out of range");
            return {};
        }
        return static_cast<Narrow>(value);
    }

    wire::Reader in_;
    std::uint8_t version_;
    const EnvironmentTable& environments_;
};

}  // namespace pueue::journal::codec
