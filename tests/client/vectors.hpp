// Recorded vectors as rows of fields, for the table-driven tests of this folder.
#pragma once

#include "tests/support/golden.hpp"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace pueue::client::test {

inline std::string golden_path(const std::string& name) {
    return support::golden_path("client/" + name);
}

inline std::string read_golden(const std::string& name) {
    return support::read_golden("client/" + name);
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

inline std::vector<std::string> fields_of(std::string_view line, char separator = '\t') {
    std::vector<std::string> fields;
    for (;;) {
        const std::size_t end = line.find(separator);
        fields.emplace_back(line.substr(0, end));
        if (end == std::string_view::npos) {
            return fields;
        }
        line.remove_prefix(end + 1);
    }
}

/// The rows of a .tsv file without its comments.
inline std::vector<std::vector<std::string>> golden_rows(const std::string& name) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& line : lines_of(read_golden(name))) {
        if (!line.starts_with('#')) {
            rows.push_back(fields_of(line));
        }
    }
    return rows;
}

/// `\n`, `\t`, `\\`, `\e`, `\xNN`.
inline std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c == 'x') {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'e' ? '\x1b' : c == 'r' ? '\r' : c;
        }
    }
    return out;
}

/// Sets TZ for as long as it lives.
class InZone {
  public:
    explicit InZone(const std::string& name) {
        if (const char* old = ::getenv("TZ")) {
            old_ = old;
        }
        ::setenv("TZ", name.c_str(), 1);
        ::tzset();
    }
    ~InZone() {
        if (old_) {
            ::setenv("TZ", old_->c_str(), 1);
        } else {
            ::unsetenv("TZ");
        }
        ::tzset();
    }
    InZone(const InZone&) = delete;
    InZone& operator=(const InZone&) = delete;

  private:
    std::optional<std::string> old_;
};

}  // namespace pueue::client::test
