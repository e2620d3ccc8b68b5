// Typed reading of a YAML document: a cursor over its events with one function per kind of value.
// The complaints are the original's, word for word: key path, what was found, what was wanted,
// where. The first one ends the reading; every function does nothing afterwards.
#pragma once

#include "protocol/base/result.hpp"
#include "protocol/config/yaml_events.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pueue::config {

class YamlReader {
  public:
    explicit YamlReader(std::string_view text) : document_(parse_yaml(text)) {}

    /// One key of a struct: reads the value at the cursor into its field.
    struct Field {
        std::string_view name;
        std::function<void(YamlReader&)> read;
    };

    /// A map with known keys. Unknown ones are skipped, a repeated one is an error. `name` is how
    /// messages call it.
    void structure(std::string_view name, const std::vector<Field>& fields);
    /// A map with any keys.
    void map(const std::function<void(YamlReader&, std::string key)>& read_value);
    void sequence(const std::function<void(YamlReader&)>& read_item);

    void boolean(bool& to);
    void text(std::string& to, std::string_view expected = "a string");
    void unsigned_integer(std::uint64_t& to);
    void unsigned_integer(std::uint32_t& to);
    /// One of two words; `to` becomes true for the second.
    void choice(bool& to, std::string_view first, std::string_view second);
    /// Reads with `read` unless the value is null; tells which.
    [[nodiscard]] bool optional(const std::function<void(YamlReader&)>& read);

    /// What stopped the reading: the complaint about a value, else a syntax error anywhere, else a
    /// second document.
    [[nodiscard]] Result<> finish() const;

  private:
    using Kind = YamlEvent::Kind;

    // Calls `read` with the node at the cursor, an alias followed, and leaves the cursor behind it.
    // Not called after an error, nor when the text is broken here: then that is the error.
    void node(const std::function<void(const YamlEvent&)>& read);
    void skip_node();
    // The entries of the map whose start is under the cursor.
    void entries(
        std::string_view expected_key, const std::function<void(const std::string& key)>& read_value
    );
    void at_path(const std::string& step, const std::function<void()>& read);
    void fail_at(const YamlMark& mark, std::string_view message);
    void wrong_type(const YamlEvent& event, std::string_view expected);
    [[nodiscard]] bool stopped() const { return error_.has_value(); }

    YamlDocument document_;
    std::size_t at_ = 0;
    std::string path_;
    std::optional<std::string> error_;
};

}  // namespace pueue::config
