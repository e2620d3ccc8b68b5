#include "client/cbor_dump.hpp"

#include "client/text/utf8.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/wire/bounds.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace pueue::client {

namespace {

enum Major : unsigned {
    unsigned_integer = 0,
    negative_integer = 1,
    byte_string = 2,
    text_string = 3,
    array = 4,
    map = 5,
    tag = 6,
    simple = 7,
};

constexpr unsigned indefinite = 31;

class Dumper {
  public:
    explicit Dumper(ByteView input) : in_(input) {}

    std::string run() {
        value(0);
        return std::move(out_);
    }

  private:
    struct Head {
        unsigned major = simple;
        unsigned info = 0;
        std::uint64_t argument = 0;
    };

    unsigned take() {
        if (in_.empty()) {
            return 0;
        }
        const auto byte = static_cast<unsigned char>(in_.front());
        in_.remove_prefix(1);
        return byte;
    }

    Head head() {
        const unsigned first = take();
        Head head{first >> 5U, first & 31U, first & 31U};
        if (head.info >= 24 && head.info <= 27) {
            head.argument = 0;
            for (unsigned bytes = 1U << (head.info - 24U); bytes > 0; --bytes) {
                head.argument = (head.argument << 8U) | take();
            }
        }
        return head;
    }

    void line(std::size_t depth, std::string_view text) {
        out_ += std::string(depth * 4, ' ');
        out_ += text;
    }

    void wrapped(std::size_t depth, std::string_view name, std::string_view content) {
        out_ += std::string(name) + "(\n";
        line(depth + 1, content);
        out_ += ",\n";
        line(depth, ")");
    }

    void integer(std::size_t depth, const std::string& digits) {
        out_ += "Integer(\n";
        line(depth + 1, "Integer(\n");
        line(depth + 2, digits + ",\n");
        line(depth + 1, "),\n");
        line(depth, ")");
    }

    std::string string(const Head& head) {
        std::string text;
        if (head.info != indefinite) {
            const std::size_t size = std::min<std::uint64_t>(head.argument, in_.size());
            text = in_.substr(0, size);
            in_.remove_prefix(size);
            return text;
        }
        while (!in_.empty() && !at_break()) {
            text += string(this->head());
        }
        take_break();
        return text;
    }

    [[nodiscard]] bool at_break() const {
        return in_.empty() || static_cast<unsigned char>(in_.front()) == 0xffU;
    }
    void take_break() { std::ignore = take(); }

    template <class Item>
    void items(std::size_t depth, const Head& head, std::string_view name, const Item& item) {
        const bool open = head.info == indefinite;
        out_ += std::string(name) + "(\n";
        line(depth + 1, "[");
        std::uint64_t count = 0;
        while (!in_.empty() && (open ? !at_break() : count < head.argument)) {
            out_ += count == 0 ? "\n" : "";
            ++count;
            item();
            out_ += ",\n";
        }
        if (open) {
            take_break();
        }
        if (count > 0) {
            line(depth + 1, "]");
        } else {
            out_ += "]";
        }
        out_ += ",\n";
        line(depth, ")");
    }

    void pair(std::size_t depth) {
        line(depth, "(\n");
        line(depth + 1, "");
        value(depth + 1);
        out_ += ",\n";
        line(depth + 1, "");
        value(depth + 1);
        out_ += ",\n";
        line(depth, ")");
    }

    void value(std::size_t depth) {
        if (depth > std::size_t{2} * wire::nesting_max) {
            return;
        }
        const Head next = head();
        switch (next.major) {
            case unsigned_integer:
                integer(depth, std::to_string(next.argument));
                break;
            case negative_integer:
                // -1 - n, which 64 bits may not hold: the digits of n + 1 do the same.
                integer(
                    depth,
                    next.argument == ~std::uint64_t{0} ? "-18446744073709551616"
                                                       : "-" + std::to_string(next.argument + 1)
                );
                break;
            case byte_string:
                bytes(depth, string(next));
                break;
            case text_string:
                wrapped(depth, "Text", quoted(string(next)));
                break;
            case array:
                items(depth, next, "Array", [&] {
                    line(depth + 2, "");
                    value(depth + 2);
                });
                break;
            case map:
                items(depth, next, "Map", [&] { pair(depth + 2); });
                break;
            case tag:
                out_ += "Tag(\n";
                line(depth + 1, std::to_string(next.argument) + ",\n");
                line(depth + 1, "");
                value(depth + 1);
                out_ += ",\n";
                line(depth, ")");
                break;
            default:
                simple_value(depth, next);
        }
    }

    void bytes(std::size_t depth, std::string_view content) {
        out_ += "Bytes(\n";
        line(depth + 1, "[");
        for (const char c : content) {
            out_ += "\n";
            line(depth + 2, std::to_string(static_cast<unsigned char>(c)) + ",");
        }
        if (!content.empty()) {
            out_ += "\n";
            line(depth + 1, "");
        }
        out_ += "],\n";
        line(depth, ")");
    }

    void simple_value(std::size_t depth, const Head& next) {
        if (next.info == 20 || next.info == 21) {
            wrapped(depth, "Bool", next.info == 21 ? "true" : "false");
        } else {
            out_ += "Null";
        }
    }

    ByteView in_;
    std::string out_;
};

}  // namespace

std::string dump_cbor(ByteView cbor) {
    return Dumper(cbor).run();
}

}  // namespace pueue::client
