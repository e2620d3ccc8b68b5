// Shapes that requests and responses have in common. Private to the codec.
#pragma once

#include "protocol/wire/message.hpp"
#include "protocol/wire/shape.hpp"

namespace pueue::wire {

template <>
inline constexpr auto shape::of<EditableTask> = shape::record(
    "struct EditableTask",
    shape::field("id", &EditableTask::id),
    shape::field("command", &EditableTask::original_command),
    shape::field("path", &EditableTask::path),
    shape::field("label", &EditableTask::label),
    shape::field("priority", &EditableTask::priority)
);

}  // namespace pueue::wire
