#include "tests/wire/golden.hpp"

#include "tests/support/golden.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

namespace pueue::wire::golden {

namespace {

std::ifstream open(const std::string& file) {
    std::ifstream stream(support::golden_path(file));
    if (!stream) {
        throw std::runtime_error("no such golden file: " + file);
    }
    return stream;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    char escape[8];
                    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
                    out += escape;
                } else {
                    out += c;
                }
        }
    }
    return out + '"';
}

/// Walks over one item and makes its two other forms.
class Walker {
  public:
    Walker(ByteView item, Envs envs) : rest_(item), envs_(envs) {}

    struct Forms {
        std::string text;
        Bytes bytes;
    };

    Forms item(bool is_envs = false) {
        const ByteView start = rest_;
        const auto first = static_cast<unsigned char>(rest_.at(0));
        const unsigned major = first >> 5;
        const std::uint64_t value = argument(first & 0x1fU);
        const Bytes head(start.substr(0, start.size() - rest_.size()));
        switch (major) {
            case 0:
                return {std::to_string(value), head};
            case 1:
                return {std::to_string(-1 - static_cast<std::int64_t>(value)), head};
            case 3: {
                const ByteView text = rest_.substr(0, value);
                rest_.remove_prefix(value);
                return {json_string(text), head + Bytes(text)};
            }
            case 4:
                return sequence(head, value);
            case 5:
                return pairs(head, value, is_envs);
            case 7:
                return {value == 20 ? "false" : value == 21 ? "true" : "null", head};
            default:
                throw std::runtime_error("an item that the original does not write");
        }
    }

    [[nodiscard]] ByteView rest() const { return rest_; }

  private:
    std::uint64_t argument(unsigned info) {
        rest_.remove_prefix(1);
        if (info < 24) {
            return info;
        }
        std::uint64_t value = 0;
        for (std::size_t i = std::size_t{1} << (info - 24); i > 0; --i) {
            value = value << 8 | static_cast<unsigned char>(rest_.at(0));
            rest_.remove_prefix(1);
        }
        return value;
    }

    Forms sequence(const Bytes& head, std::uint64_t count) {
        Forms all{"[", head};
        for (std::uint64_t i = 0; i < count; ++i) {
            const Forms one = item();
            all.text += (i == 0 ? "" : ", ") + one.text;
            all.bytes += one.bytes;
        }
        all.text += "]";
        return all;
    }

    Forms pairs(const Bytes& head, std::uint64_t count, bool is_envs) {
        std::vector<std::pair<Forms, Forms>> all;
        for (std::uint64_t i = 0; i < count; ++i) {
            Forms key = item();
            Forms value = item(key.text == "\"envs\"");
            all.emplace_back(std::move(key), std::move(value));
        }
        if (is_envs && envs_ == Envs::sorted) {
            std::ranges::sort(all, {}, [](const auto& pair) { return pair.first.text; });
        }
        Forms joined{"{", head};
        for (const auto& [key, value] : all) {
            joined.text += (joined.text.size() == 1 ? "" : ", ") + key.text + ": " + value.text;
            joined.bytes += key.bytes + value.bytes;
        }
        joined.text += "}";
        return joined;
    }

    ByteView rest_;
    Envs envs_;
};

}  // namespace

Bytes unhex(std::string_view hex) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

std::vector<std::vector<std::string>> table(const std::string& file) {
    std::ifstream stream = open(file);
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with('#')) {
            continue;
        }
        std::vector<std::string>& row = rows.emplace_back();
        std::size_t begin = 0;
        for (std::size_t end = line.find('\t'); end != std::string::npos;
             end = line.find('\t', begin)) {
            row.push_back(line.substr(begin, end - begin));
            begin = end + 1;
        }
        row.push_back(line.substr(begin));
    }
    return rows;
}

Bytes payload(const std::string& file) {
    std::ifstream stream = open("wire/" + file);
    std::string hex;
    std::getline(stream, hex);
    return unhex(hex);
}

std::vector<Recorded> recorded(std::string_view direction) {
    std::vector<Recorded> all;
    std::set<std::string> seen{"-"};
    for (const auto& row : table("wire/index.tsv")) {
        const bool is_message = !row.at(2).starts_with("handshake") && !row.at(2).starts_with("(");
        if (row.at(1) == direction && is_message && seen.insert(row.at(0)).second) {
            all.push_back({row[0], row[2], payload(row[0]), row.at(5)});
        }
    }
    return all;
}

std::string diagnostic(ByteView item, Envs envs) {
    return Walker(item, envs).item().text;
}

Bytes with_sorted_envs(ByteView item) {
    return Walker(item, Envs::sorted).item().bytes;
}

const char* zone_of(ByteView payload) {
    const bool is_ahead =
        payload.find("+01:00") != ByteView::npos || payload.find("+02:00") != ByteView::npos;
    return is_ahead ? "Europe/Berlin" : "UTC";
}

}  // namespace pueue::wire::golden
