#include "protocol/config/yaml_reader.hpp"

#include "protocol/base/upstream_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

namespace pueue::config {

namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_null(const YamlEvent& event) {
    return event.kind == YamlEvent::Kind::scalar && event.plain &&
           is_one_of(event.value, {"", "~", "null", "Null", "NULL"});
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (is_one_of(text, {"true", "True", "TRUE"})) {
        return true;
    }
    if (is_one_of(text, {"false", "False", "FALSE"})) {
        return false;
    }
    return std::nullopt;
}

bool all_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A number with a leading zero is a string to YAML's users (a mode, a postcode).
bool has_leading_zero(std::string_view digits) {
    return digits.size() > 1 && digits.front() == '0' && all_digits(digits);
}

// Digits after an optional 0x, 0o or 0b.
std::optional<std::uint64_t> parse_magnitude(std::string_view text) {
    int base = 10;
    if (text.size() > 2 && text[0] == '0') {
        base = text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : text[1] == 'b' ? 2 : 10;
    }
    if (base != 10) {
        text.remove_prefix(2);
    } else if (has_leading_zero(text)) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    return parse_magnitude(text);
}

// "integer `5`", for numbers of up to 128 bits; empty if the text is no integer.
std::string describe_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (const auto small = parse_magnitude(text)) {
        const bool fits = !negative || *small <= (std::uint64_t{1} << 63);
        const std::string sign = negative && *small != 0 ? "-" : "";
        return "integer `" + sign + std::to_string(*small) + (fits ? "`" : "` as i128");
    }
    const std::string_view largest = negative ? "170141183460469231731687303715884105728"
                                              : "340282366920938463463374607431768211455";
    const bool fits =
        all_digits(text) && !has_leading_zero(text) &&
        (text.size() < largest.size() || (text.size() == largest.size() && text <= largest));
    if (!fits) {
        return "";
    }
    return "integer `" + std::string(negative ? "-" : "") + std::string(text) +
           (negative ? "` as i128" : "` as u128");
}

std::string describe_float(std::string_view text) {
    if (is_one_of(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) {
        return "floating point `inf`";
    }
    if (is_one_of(text, {"-.inf", "-.Inf", "-.INF"})) {
        return "floating point `-inf`";
    }
    if (is_one_of(text, {".nan", ".NaN", ".NAN"})) {
        return "floating point `NaN`";
    }
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        return "";
    }
    std::array<char, 400> buffer{};
    const auto written = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific
    );
    // The shortest digits that identify the number, then written out without an exponent.
    std::string digits(buffer.data(), written.ptr);
    const std::size_t e = digits.find('e');
    const int exponent = std::stoi(digits.substr(e + 1));
    const std::string sign = digits.front() == '-' ? "-" : "";
    std::string mantissa;
    for (const char c : digits.substr(0, e)) {
        if (c >= '0' && c <= '9') {
            mantissa += c;
        }
    }
    std::string out;
    if (exponent < 0) {
        out = "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + mantissa;
    } else {
        const auto whole = static_cast<std::size_t>(exponent) + 1;
        if (mantissa.size() < whole) {
            mantissa.append(whole - mantissa.size(), '0');
        }
        out = mantissa.substr(0, whole) + "." +
              (mantissa.size() > whole ? mantissa.substr(whole) : "0");
    }
    return "floating point `" + sign + out + "`";
}

std::string describe(const YamlEvent& event) {
    switch (event.kind) {
        case YamlEvent::Kind::sequence_start:
        case YamlEvent::Kind::sequence_end:
            return "sequence";
        case YamlEvent::Kind::mapping_start:
        case YamlEvent::Kind::mapping_end:
            return "map";
        case YamlEvent::Kind::scalar:
        case YamlEvent::Kind::alias:
        case YamlEvent::Kind::broken:
            break;
    }
    if (is_null(event)) {
        return "unit value";
    }
    const bool untyped_text = !event.plain && event.tag.empty();
    const std::string_view digits = event.value.starts_with('+') || event.value.starts_with('-')
                                        ? std::string_view(event.value).substr(1)
                                        : std::string_view(event.value);
    if (!untyped_text) {
        if (const auto boolean = parse_boolean(event.value)) {
            return std::string("boolean `") + (*boolean ? "true`" : "false`");
        }
        if (std::string integer = describe_integer(event.value); !integer.empty()) {
            return integer;
        }
        if (!has_leading_zero(digits)) {
            if (std::string real = describe_float(event.value); !real.empty()) {
                return real;
            }
        }
    }
    return "string " + quoted(event.value);
}

}  // namespace

void YamlReader::node(const std::function<void(const YamlEvent&)>& read) {
    if (stopped()) {
        return;
    }
    const YamlEvent& event = document_.events[at_];
    if (event.kind == Kind::broken) {
        error_ = event.value;
    } else if (event.kind == Kind::alias) {
        const std::size_t behind = at_ + 1;
        at_ = event.target;
        read(document_.events[at_]);
        at_ = behind;
    } else {
        read(event);
    }
}

void YamlReader::skip_node() {
    std::size_t depth = 0;
    do {
        const YamlEvent& event = document_.events[at_];
        if (event.kind == Kind::broken) {
            error_ = event.value;
            return;
        }
        if (event.kind == Kind::sequence_start || event.kind == Kind::mapping_start) {
            ++depth;
        } else if (event.kind == Kind::sequence_end || event.kind == Kind::mapping_end) {
            --depth;
        }
        ++at_;
    } while (depth > 0);
}

void YamlReader::entries(
    std::string_view expected_key, const std::function<void(const std::string& key)>& read_value
) {
    ++at_;
    while (!stopped() && document_.events[at_].kind != Kind::mapping_end) {
        std::string key;
        node([&](const YamlEvent& event) {
            if (event.kind != Kind::scalar) {
                wrong_type(event, expected_key);
                return;
            }
            key = event.value;
            ++at_;
        });
        if (!stopped()) {
            read_value(key);
        }
    }
    ++at_;
}

void YamlReader::at_path(const std::string& step, const std::function<void()>& read) {
    const std::size_t before = path_.size();
    if (before != 0 && !step.starts_with('[')) {
        path_ += '.';
    }
    path_ += step;
    read();
    path_.resize(before);
}

void YamlReader::structure(std::string_view name, const std::vector<Field>& fields) {
    if (document_.events.empty()) {
        return;
    }
    node([&](const YamlEvent& start) {
        if (start.kind == Kind::scalar && start.plain && start.value.empty()) {
            ++at_;
            return;
        }
        if (start.kind != Kind::mapping_start) {
            wrong_type(start, "struct " + std::string(name));
            return;
        }
        const YamlMark mark = start.mark;
        std::vector<std::string_view> seen;
        entries("field identifier", [&](const std::string& key) {
            const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) {
                return f.name == key;
            });
            if (field == fields.end()) {
                skip_node();
                return;
            }
            if (std::find(seen.begin(), seen.end(), field->name) != seen.end()) {
                fail_at(mark, "duplicate field `" + key + "`");
                return;
            }
            seen.push_back(field->name);
            at_path(key, [&] { field->read(*this); });
        });
    });
}

void YamlReader::map(const std::function<void(YamlReader&, std::string key)>& read_value) {
    if (document_.events.empty()) {
        return;
    }
    node([&](const YamlEvent& start) {
        if (start.kind == Kind::scalar && start.plain && start.value.empty()) {
            ++at_;
            return;
        }
        if (start.kind != Kind::mapping_start) {
            wrong_type(start, "a map");
            return;
        }
        entries("a string", [&](const std::string& key) {
            at_path(key, [&] { read_value(*this, key); });
        });
    });
}

void YamlReader::sequence(const std::function<void(YamlReader&)>& read_item) {
    node([&](const YamlEvent& start) {
        if (start.kind == Kind::scalar && start.plain && start.value.empty()) {
            ++at_;
            return;
        }
        if (start.kind != Kind::sequence_start) {
            wrong_type(start, "a sequence");
            return;
        }
        ++at_;
        for (std::size_t i = 0; !stopped() && document_.events[at_].kind != Kind::sequence_end;
             ++i) {
            at_path("[" + std::to_string(i) + "]", [&] { read_item(*this); });
        }
        ++at_;
    });
}

void YamlReader::boolean(bool& to) {
    node([&](const YamlEvent& event) {
        const auto value =
            event.kind == Kind::scalar && event.plain ? parse_boolean(event.value) : std::nullopt;
        if (!value) {
            wrong_type(event, "a boolean");
            return;
        }
        to = *value;
        ++at_;
    });
}

void YamlReader::text(std::string& to, std::string_view expected) {
    node([&](const YamlEvent& event) {
        if (event.kind != Kind::scalar) {
            wrong_type(event, expected);
            return;
        }
        to = event.value;
        ++at_;
    });
}

void YamlReader::unsigned_integer(std::uint64_t& to) {
    node([&](const YamlEvent& event) {
        const auto value =
            event.kind == Kind::scalar && event.plain ? parse_unsigned(event.value) : std::nullopt;
        if (!value) {
            wrong_type(event, "usize");
            return;
        }
        to = *value;
        ++at_;
    });
}

void YamlReader::unsigned_integer(std::uint32_t& to) {
    node([&](const YamlEvent& event) {
        const auto value =
            event.kind == Kind::scalar && event.plain ? parse_unsigned(event.value) : std::nullopt;
        if (!value) {
            wrong_type(event, "u32");
        } else if (*value > std::numeric_limits<std::uint32_t>::max()) {
            fail_at(
                event.mark, "invalid value: integer `" + std::to_string(*value) + "`, expected u32"
            );
        } else {
            to = static_cast<std::uint32_t>(*value);
            ++at_;
        }
    });
}

void YamlReader::choice(bool& to, std::string_view first, std::string_view second) {
    node([&](const YamlEvent& event) {
        if (event.kind != Kind::scalar) {
            wrong_type(event, "a YAML tag starting with '!'");
            return;
        }
        if (event.value != first && event.value != second) {
            std::string message = "unknown variant `" + event.value + "`, expected `";
            message += std::string(first) + "` or `" + std::string(second) + "`";
            fail_at(event.mark, message);
            return;
        }
        to = event.value == second;
        ++at_;
    });
}

bool YamlReader::optional(const std::function<void(YamlReader&)>& read) {
    bool present = false;
    node([&](const YamlEvent& event) {
        if (is_null(event) && event.tag != "tag:yaml.org,2002:str") {
            ++at_;
            return;
        }
        present = true;
        read(*this);
    });
    return present && !stopped();
}

void YamlReader::fail_at(const YamlMark& mark, std::string_view message) {
    if (!stopped()) {
        error_ = (path_.empty() ? "" : path_ + ": ") + std::string(message) + mark.text();
    }
}

void YamlReader::wrong_type(const YamlEvent& event, std::string_view expected) {
    fail_at(event.mark, "invalid type: " + describe(event) + ", expected " + std::string(expected));
}

Result<> YamlReader::finish() const {
    if (error_) {
        return invalid(*error_);
    }
    if (!document_.events.empty() && document_.events.back().kind == Kind::broken) {
        return invalid(document_.events.back().value);
    }
    if (document_.more_follow) {
        return invalid("deserializing from YAML containing more than one document is not supported"
        );
    }
    return {};
}

}  // namespace pueue::config
