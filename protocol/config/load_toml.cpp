// The only user of toml++ here; its exceptions end in this file.
#include "protocol/base/fd.hpp"
#include "protocol/config/extensions.hpp"
#include "protocol/config/toml.hpp"

#include <filesystem>
#include <sstream>
#include <utility>

namespace pueue::config {

namespace {

constexpr std::size_t file_bytes_max = std::size_t{1} << 20;

Error at(const toml::source_region& where, const std::string& what) {
    return invalid(
        "line " + std::to_string(where.begin.line) + ", column " +
        std::to_string(where.begin.column) + ": " + what
    );
}

Result<Compat> compat_of(const toml::node& value) {
    const std::optional<std::string> text = value.value<std::string>();
    if (text == "default") {
        return Compat::standard;
    }
    if (text == "strict") {
        return Compat::strict;
    }
    return at(value.source(), "compat must be \"default\" or \"strict\"");
}

Result<Extensions> from_table(const toml::table& table) {
    Extensions extensions;
    for (const auto& [key, value] : table) {
        if (key.str() != "compat") {
            const std::string name(key.str());
            return at(key.source(), "unknown key `" + name + "`; the only one is `compat`");
        }
        TRY(extensions.compat, compat_of(value));
    }
    return extensions;
}

}  // namespace

Result<Extensions> parse_extensions(std::string_view toml) {
    try {
        return from_table(toml::parse(toml));
    } catch (const toml::parse_error& error) {
        return at(error.source(), std::string(error.description()));
    }
}

Result<Extensions> load_extensions(const std::optional<std::string>& config_file) {
    if (!config_file) {
        return Extensions{};
    }
    const std::string path = std::filesystem::path(*config_file).parent_path() / "pueue.toml";
    const Result<Bytes> text = read_file(path, file_bytes_max);
    if (text.has_error()) {
        if (text.error().kind == ErrorKind::not_found) {
            return Extensions{};
        }
        return text.error();
    }
    Result<Extensions> extensions = parse_extensions(text.value());
    if (extensions.has_error()) {
        return extensions.error().in(path);
    }
    return extensions;
}

}  // namespace pueue::config
