#include "protocol/config/aliases.hpp"

#include "protocol/base/fd.hpp"
#include "protocol/config/yaml_reader.hpp"

#include <algorithm>
#include <array>

namespace pueue::config {

namespace {

constexpr std::size_t alias_file_bytes_max = std::size_t{16} << 20;

// Unicode's white space, as UTF-8.
constexpr std::array<std::string_view, 25> white_space = {
    " ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085", "\u00a0", "\u1680",
    "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
    "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

/// Bytes of the white space that `text` begins with; 0 if it begins with something else.
std::size_t leading_white_space(std::string_view text) {
    const auto found =
        std::find_if(white_space.begin(), white_space.end(), [&](std::string_view space) {
            return text.starts_with(space);
        });
    return found == white_space.end() ? 0 : found->size();
}

}  // namespace

Result<Aliases> parse_aliases(std::string_view yaml) {
    Aliases aliases;
    YamlReader reader(yaml);
    reader.map([&](YamlReader& y, const std::string& word) {
        std::string replacement;
        y.text(replacement);
        aliases[word] = std::move(replacement);
    });
    CHECK_OK(reader.finish());
    return aliases;
}

Result<Aliases> load_aliases(const std::string& path) {
    TRY(const std::string text, read_file(path, alias_file_bytes_max));
    return parse_aliases(text);
}

std::string expand_alias(std::string_view command, const Aliases& aliases) {
    std::size_t begin = 0;
    while (const std::size_t space = leading_white_space(command.substr(begin))) {
        begin += space;
    }
    std::size_t end = begin;
    while (end < command.size() && leading_white_space(command.substr(end)) == 0) {
        ++end;
    }
    const auto found = aliases.find(command.substr(begin, end - begin));
    if (begin == end || found == aliases.end()) {
        return std::string(command);
    }
    std::string expanded(command.substr(0, begin));
    expanded += found->second;
    expanded += command.substr(end);
    return expanded;
}

}  // namespace pueue::config
