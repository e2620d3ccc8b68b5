// A YAML document as a flat list of events, as libyaml reports them. No tree is built: the settings
// are read with one pass of a cursor.
//
// libyaml and not another parser, because the original's parser is a translation of it: what is
// accepted, where, and the text of each complaint are then the same by construction.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pueue::config {

/// Where an event begins, counted from 0.
struct YamlMark {
    std::size_t line = 0;
    std::size_t column = 0;

    /// ` at line 2 column 14`, and nothing for the very beginning, as the original has it.
    [[nodiscard]] std::string text() const;
};

struct YamlEvent {
    enum class Kind {
        scalar,
        sequence_start,
        sequence_end,
        mapping_start,
        mapping_end,
        alias,   ///< `target` is the index of the event it stands for
        broken,  ///< the text is not YAML from here on; `value` is the whole complaint
    };
    Kind kind = Kind::broken;
    bool plain = false;    ///< a scalar without quotes
    bool literal = false;  ///< a scalar after `|`
    std::string value;
    std::string tag;
    std::size_t target = 0;
    YamlMark mark;
};

struct YamlDocument {
    std::vector<YamlEvent> events;  ///< empty: nothing but blanks and comments
    bool more_follow = false;       ///< the text goes on with another document
};

/// The first document. Never fails: a syntax error is the last event.
[[nodiscard]] YamlDocument parse_yaml(std::string_view text);

}  // namespace pueue::config
