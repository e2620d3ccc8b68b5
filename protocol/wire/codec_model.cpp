// What both requests and responses are made of, and the tasks themselves.
#include "protocol/base/text.hpp"
#include "protocol/wire/decoder.hpp"
#include "protocol/wire/encoder.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

namespace pueue::wire {

namespace {

constexpr std::size_t known_environments_max = 8;

// A task as it appears. Its spec is made when all of it is there.
struct FlatTask {
    TaskId id;
    WallTime created_at;
    std::string original_command;
    std::string command;
    std::string path;
    EnvironmentPtr envs;
    std::string group;
    std::vector<TaskId> dependencies;
    std::int32_t priority = 0;
    std::optional<std::string> label;
    TaskStatus status = Stashed{};
};

using StatusVariant = TaskStatus::variant;

// serde's list of what would have been right.
std::string one_of(std::span<const std::string_view> names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view joint = names.size() == 2 ? " or " : ", ";
        text.append(i == 0 ? std::string_view() : joint);
        text.append("`").append(names[i]).append("`");
    }
    return names.size() > 2 ? "one of " + text : text;
}

}  // namespace

template <>
inline constexpr auto shape::of<FlatTask> = shape::record(
    "struct Task",
    shape::field("id", &FlatTask::id),
    shape::field("created_at", &FlatTask::created_at),
    shape::field("original_command", &FlatTask::original_command),
    shape::field("command", &FlatTask::command),
    shape::field("path", &FlatTask::path),
    shape::field("envs", &FlatTask::envs),
    shape::field("group", &FlatTask::group),
    shape::field("dependencies", &FlatTask::dependencies),
    shape::field("priority", &FlatTask::priority),
    shape::field("label", &FlatTask::label),
    shape::field("status", &FlatTask::status)
);

template <>
inline constexpr auto shape::of<StatusVariant> =
    shape::choice("Locked", "Stashed", "Queued", "Running", "Paused", "Done");
template <>
inline constexpr auto shape::of<Locked> = shape::variant_record(
    "struct variant TaskStatus::Locked", shape::field("previous_status", &Locked::previous_status)
);
template <>
inline constexpr auto shape::of<Stashed> = shape::variant_record(
    "struct variant TaskStatus::Stashed", shape::field("enqueue_at", &Stashed::enqueue_at)
);
template <>
inline constexpr auto shape::of<Queued> = shape::variant_record(
    "struct variant TaskStatus::Queued", shape::field("enqueued_at", &Queued::enqueued_at)
);
template <>
inline constexpr auto shape::of<Running> = shape::variant_record(
    "struct variant TaskStatus::Running",
    shape::field("enqueued_at", &Running::enqueued_at),
    shape::field("start", &Running::start)
);
template <>
inline constexpr auto shape::of<Paused> = shape::variant_record(
    "struct variant TaskStatus::Paused",
    shape::field("enqueued_at", &Paused::enqueued_at),
    shape::field("start", &Paused::start)
);
template <>
inline constexpr auto shape::of<Done> = shape::variant_record(
    "struct variant TaskStatus::Done",
    shape::field("enqueued_at", &Done::enqueued_at),
    shape::field("start", &Done::start),
    shape::field("end", &Done::end),
    shape::field("result", &Done::result)
);

template <>
inline constexpr auto shape::of<TaskResult> =
    shape::choice("Success", "Failed", "FailedToSpawn", "Killed", "Errored", "DependencyFailed");
template <>
inline constexpr auto shape::of<Success> = shape::Unit();
template <>
inline constexpr auto shape::of<Failed> = shape::newtype(&Failed::exit_code);
template <>
inline constexpr auto shape::of<FailedToSpawn> = shape::newtype(&FailedToSpawn::reason);
template <>
inline constexpr auto shape::of<Killed> = shape::Unit();
template <>
inline constexpr auto shape::of<Errored> = shape::Unit();
template <>
inline constexpr auto shape::of<DependencyFailed> = shape::Unit();

void Decoder::operator()(std::int32_t& to) {
    const std::int64_t value = in_.i64();
    if (value < std::numeric_limits<std::int32_t>::min() ||
        value > std::numeric_limits<std::int32_t>::max()) {
        in_.fail("invalid value: integer `" + std::to_string(value) + "`, expected i32");
        return;
    }
    to = static_cast<std::int32_t>(value);
}

void Decoder::operator()(WallTime& to) {
    const std::string_view text = in_.short_text();
    if (in_.failed()) {
        return;
    }
    const Result<WallTime> time = from_rfc3339(text);
    if (time.has_error()) {
        in_.fail(time.error().text);
        return;
    }
    to = time.value();
}

void Decoder::operator()(EnvironmentPtr& to) {
    for (const KnownEnvironment& known : known_) {
        if (in_.take_same(known.encoded)) {
            to = known.environment;
            return;
        }
    }
    const ByteView rest = in_.rest();
    std::vector<Environment::Variable> variables;
    for (Reader::Nested pairs = in_.map(); pairs.next();) {
        Environment::Variable& variable = variables.emplace_back();
        variable.first = in_.text();
        variable.second = in_.text();
    }
    if (in_.failed()) {
        return;
    }
    to = Environment::of(std::move(variables));
    if (pool_ != nullptr) {
        to = pool_->intern(std::move(to));
    }
    const KnownEnvironment known{rest.substr(0, rest.size() - in_.rest().size()), to};
    if (known_.size() < known_environments_max) {
        known_.push_back(known);
    } else {
        known_[next_forgotten_] = known;
        next_forgotten_ = (next_forgotten_ + 1) % known_environments_max;
    }
}

void Decoder::operator()(Task& to) {
    FlatTask flat;
    (*this)(flat);
    to = Task();
    to.id = flat.id;
    to.created_at = flat.created_at;
    to.status = std::move(flat.status);
    to.spec = std::make_shared<const TaskSpec>(TaskSpec{
        std::move(flat.original_command),
        std::move(flat.command),
        std::move(flat.path),
        std::move(flat.envs),
        std::move(flat.group),
        std::move(flat.dependencies),
        flat.priority,
        std::move(flat.label)});
}

void Decoder::operator()(TaskStatus& to) {
    (*this)(static_cast<StatusVariant&>(to));
}

void Decoder::read_octets(Bytes& to) {
    Reader::Nested items = in_.array();
    // At least a byte each in the input, so this is no promise that the input does not keep.
    to.reserve(std::min<std::uint64_t>(items.announced(), in_.rest().size()));
    while (items.next()) {
        const std::uint64_t value = in_.u64();
        if (value > 0xff) {
            in_.fail("invalid value: integer `" + std::to_string(value) + "`, expected u8");
            return;
        }
        to.push_back(static_cast<char>(value));
    }
}

std::size_t Decoder::find_field(
    std::span<const std::string_view> names, std::string_view name, std::size_t expected
) {
    if (expected < names.size() && names[expected] == name) {
        return expected;
    }
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

std::size_t Decoder::find_variant(std::span<const std::string_view> names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found != names.end()) {
        return static_cast<std::size_t>(found - names.begin());
    }
    if (!in_.failed()) {
        in_.fail("unknown variant `" + to_utf8_lossy(name) + "`, expected " + one_of(names));
    }
    return 0;
}

void Decoder::fail_field(std::string_view how, std::string_view name) {
    in_.fail(std::string(how) + " field `" + std::string(name) + "`");
}

void Decoder::fail_length(std::size_t found, std::string_view expecting, std::size_t wanted) {
    in_.fail(
        "invalid length " + std::to_string(found) + ", expected " + std::string(expecting) +
        " with " + std::to_string(wanted) + (wanted == 1 ? " element" : " elements")
    );
}

void Encoder::begin_variant(std::string_view name) {
    out_.map(1);
    out_.text(name);
}

void Encoder::octets_member(std::string_view name, const std::optional<ByteView>& octets) {
    out_.text(name);
    if (octets) {
        out_.array_of_octets(*octets);
    } else {
        out_.null();
    }
}

void Encoder::operator()(const WallTime& value) {
    time_text_.clear();
    append_rfc3339(time_text_, value, local_);
    out_.text(time_text_);
}

void Encoder::operator()(const EnvironmentPtr& value) {
    const Environment& environment = value ? *value : *Environment::empty();
    out_.map(environment.size());
    out_.raw(environment.encoded());
}

void Encoder::operator()(const TaskStatus& value) {
    (*this)(static_cast<const StatusVariant&>(value));
}

const Encoder::Trimmed& Encoder::trim(const Environment& environment) {
    if (trimmed_.of == &environment) {
        return trimmed_;
    }
    trimmed_ = {&environment, environment.size(), {}};
    const ByteView encoded = environment.encoded();
    Reader in(encoded);
    std::size_t stretch = 0;
    std::size_t stretch_begin = 0;
    for (std::size_t i = 0; i < environment.size(); ++i) {
        const std::size_t begin = encoded.size() - in.rest().size();
        const std::string_view name = in.text();
        in.skip();
        if (name == group_variable || name == worker_variable) {
            trimmed_.stretches.at(stretch++) = encoded.substr(stretch_begin, begin - stretch_begin);
            stretch_begin = encoded.size() - in.rest().size();
            --trimmed_.size;
        }
    }
    trimmed_.stretches.at(stretch) = encoded.substr(stretch_begin);
    return trimmed_;
}

void Encoder::write_shown_environment(const TaskSpec& spec, WorkerId worker) {
    const Environment& submitted = spec.environment ? *spec.environment : *Environment::empty();
    const Trimmed& trimmed = trim(submitted);
    out_.map(trimmed.size + 2);
    for (const ByteView stretch : trimmed.stretches) {
        out_.raw(stretch);
    }
    out_.text(group_variable);
    out_.text(spec.group);
    out_.text(worker_variable);
    out_.text(std::to_string(worker.value));
}

void Encoder::operator()(const Task& value) {
    const TaskSpec& spec = *value.spec;
    out_.map(decltype(shape::of<FlatTask>)::size);
    member("id", value.id);
    member("created_at", value.created_at);
    member("original_command", spec.original_command);
    member("command", spec.command);
    member("path", spec.path);
    if (const std::optional<WorkerId> worker = visible_worker(value)) {
        out_.text("envs");
        write_shown_environment(spec, *worker);
    } else {
        member("envs", spec.environment);
    }
    member("group", spec.group);
    member("dependencies", spec.dependencies);
    member("priority", spec.priority);
    member("label", spec.label);
    member("status", value.status);
}

}  // namespace pueue::wire
