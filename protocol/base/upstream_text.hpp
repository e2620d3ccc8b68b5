// How the original writes operating system errors and quoted text, because its messages are ours.
// Pure functions; the only state they look at is the C library's table of error texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pueue {

/// `No such file or directory (os error 2)`.
[[nodiscard]] std::string os_text(int number);

/// A text in double quotes, with `"`, `\` and whatever cannot be printed escaped: `"a\nb"`,
/// `"\u{7}"`. Bytes that are not UTF-8 become `\xFF`.
[[nodiscard]] std::string quoted(std::string_view text);

/// The message of a failed file operation:
/// `I/O error at path "⟨path⟩" while ⟨doing⟩:`, newline, os_text.
[[nodiscard]] std::string file_error_text(
    std::string_view path, std::string_view doing, int number
);

/// How the original's programs report why they end: messages from the outermost inwards in a frame.
/// Its colours do not depend on anything; its position names `program` instead of a file of the
/// original's build machine.
[[nodiscard]] std::string error_report(
    const std::vector<std::string>& messages, std::string_view program
);

}  // namespace pueue
