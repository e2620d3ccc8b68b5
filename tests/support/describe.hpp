// The core's values as text, for failing tests and the simulator's trace. One line each, times in
// seconds since `describe_epoch`; environments are never printed.
#pragma once

#include "daemon/core/action.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/record.hpp"
#include "protocol/model/state.hpp"

#include <concepts>
#include <ostream>
#include <string>
#include <variant>

namespace pueue {

/// Where tests let the wall clock begin.
inline constexpr WallTime describe_epoch{1'700'000'000, 0};

[[nodiscard]] std::string describe(const WallTime& time);
[[nodiscard]] std::string describe(const AttemptKey& key);
[[nodiscard]] std::string describe(const TaskResult& result);
[[nodiscard]] std::string describe(const TaskStatus& status);
[[nodiscard]] std::string describe(const Task& task);

}  // namespace pueue

namespace pueue::core {

[[nodiscard]] std::string describe(const Record& record);
[[nodiscard]] std::string describe(const Answer& answer);
[[nodiscard]] std::string describe(const Action& action);
[[nodiscard]] std::string describe(const Command& command);
[[nodiscard]] std::string describe(const Event& event);

template <class T, class Variant>
inline constexpr bool is_alternative = false;
template <class T, class... Ts>
inline constexpr bool is_alternative<T, std::variant<Ts...>> = (std::same_as<T, Ts> || ...);

// GoogleTest prints what is inside a variant; these are found for it.
template <class T>
    requires is_alternative<T, Record>
void PrintTo(const T& record, std::ostream* out) {
    *out << describe(Record(record));
}
template <class T>
    requires is_alternative<T, Action>
void PrintTo(const T& action, std::ostream* out) {
    *out << describe(Action(action));
}
template <class T>
    requires is_alternative<T, Answer>
void PrintTo(const T& answer, std::ostream* out) {
    *out << describe(Answer(answer));
}

}  // namespace pueue::core
