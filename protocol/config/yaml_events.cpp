#include "protocol/config/yaml_events.hpp"

#include <yaml.h>

#include <map>

namespace pueue::config {

namespace {

YamlMark to_mark(const yaml_mark_t& mark) {
    return {mark.line, mark.column};
}

std::string to_string(const yaml_char_t* text) {
    return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

// libyaml's complaint in the original's words: the problem, where, and in the middle of what.
std::string complaint(const yaml_parser_t& parser) {
    std::string text = parser.problem == nullptr ? "unknown problem" : parser.problem;
    const YamlMark where = to_mark(parser.problem_mark);
    if (const std::string at = where.text(); !at.empty()) {
        text += at;
    } else if (parser.problem_offset != 0) {
        text += " at position " + std::to_string(parser.problem_offset);
    }
    if (parser.context != nullptr) {
        text += ", ";
        text += parser.context;
        const YamlMark context = to_mark(parser.context_mark);
        if (context.line != where.line || context.column != where.column) {
            text += context.text();
        }
    }
    return text;
}

// Owns the two structs of libyaml that need freeing, and the names of the anchors.
class EventReader {
  public:
    explicit EventReader(std::string_view text) {
        yaml_parser_initialize(&parser_);
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        const char* begin = text.empty() ? "" : text.data();  // libyaml takes no null pointer
        yaml_parser_set_input_string(
            &parser_, reinterpret_cast<const unsigned char*>(begin), text.size()
        );
    }
    EventReader(const EventReader&) = delete;
    EventReader& operator=(const EventReader&) = delete;
    ~EventReader() { yaml_parser_delete(&parser_); }

    YamlDocument read() {
        YamlDocument document;
        while (take(document)) {
        }
        return document;
    }

  private:
    // False when the document is over.
    bool take(YamlDocument& document) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser_, &event) == 0) {
            if (in_document_ || document.events.empty()) {
                document.events.push_back(broken(complaint(parser_)));
            } else {
                document.more_follow = true;
            }
            return false;
        }
        const bool more = add(document, event);
        yaml_event_delete(&event);
        return more;
    }

    bool add(YamlDocument& document, const yaml_event_t& event) {
        switch (event.type) {
            case YAML_STREAM_END_EVENT:
                return false;
            case YAML_DOCUMENT_START_EVENT:
                if (seen_document_) {
                    document.more_follow = true;
                    return false;
                }
                seen_document_ = in_document_ = true;
                return true;
            case YAML_DOCUMENT_END_EVENT:
                in_document_ = false;
                return true;
            case YAML_NO_EVENT:
            case YAML_STREAM_START_EVENT:
                return true;
            case YAML_ALIAS_EVENT:
            case YAML_SCALAR_EVENT:
            case YAML_SEQUENCE_START_EVENT:
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_START_EVENT:
            case YAML_MAPPING_END_EVENT:
                break;
        }
        return add_node(document, event);
    }

    bool add_node(YamlDocument& document, const yaml_event_t& event) {
        YamlEvent out;
        out.mark = to_mark(event.start_mark);
        if (event.type == YAML_ALIAS_EVENT) {
            const auto known = anchors_.find(to_string(event.data.alias.anchor));
            if (known == anchors_.end()) {
                document.events.push_back(broken("unknown anchor" + out.mark.text()));
                return false;
            }
            out.kind = YamlEvent::Kind::alias;
            out.target = known->second;
        } else if (event.type == YAML_SCALAR_EVENT) {
            const auto& scalar = event.data.scalar;
            out.kind = YamlEvent::Kind::scalar;
            out.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
            out.literal = scalar.style == YAML_LITERAL_SCALAR_STYLE;
            out.value.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
            name(scalar.anchor, document.events.size());
            out.tag = to_string(scalar.tag);
        } else if (event.type == YAML_SEQUENCE_START_EVENT) {
            out.kind = YamlEvent::Kind::sequence_start;
            name(event.data.sequence_start.anchor, document.events.size());
        } else if (event.type == YAML_MAPPING_START_EVENT) {
            out.kind = YamlEvent::Kind::mapping_start;
            name(event.data.mapping_start.anchor, document.events.size());
        } else if (event.type == YAML_SEQUENCE_END_EVENT) {
            out.kind = YamlEvent::Kind::sequence_end;
        } else {
            out.kind = YamlEvent::Kind::mapping_end;
        }
        document.events.push_back(std::move(out));
        return true;
    }

    void name(const yaml_char_t* anchor, std::size_t index) {
        if (anchor != nullptr) {
            anchors_[to_string(anchor)] = index;
        }
    }

    static YamlEvent broken(std::string text) {
        YamlEvent event;
        event.value = std::move(text);
        return event;
    }

    yaml_parser_t parser_{};
    std::map<std::string, std::size_t> anchors_;
    bool seen_document_ = false;
    bool in_document_ = false;
};

}  // namespace

std::string YamlMark::text() const {
    if (line == 0 && column == 0) {
        return "";
    }
    return " at line " + std::to_string(line + 1) + " column " + std::to_string(column + 1);
}

YamlDocument parse_yaml(std::string_view text) {
    return EventReader(text).read();
}

}  // namespace pueue::config
