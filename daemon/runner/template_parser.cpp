#include "daemon/runner/template_tree.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace pueue::runner {

namespace {

/// Blocks in blocks and calls in calls.
constexpr int depth_max = 100;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_symbol(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

Error parse_error(const std::string& reason) {
    return invalid("Failed to parse template " + reason);
}

/// A piece of the template: text between tags, or one tag.
struct Piece {
    enum class Kind { text, comment, output, open, inverse, close, partial, inline_open };

    Kind kind = Kind::text;
    std::size_t offset = 0;
    std::string text;
    TemplateCall call;
    bool has_call = false;  ///< of inverse: an else-if
    bool trims_before = false;
    bool trims_after = false;
};

/// From bytes to pieces.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    Result<std::vector<Piece>> run() {
        while (at_ < text_.size()) {
            CHECK_OK(take_text());
            if (at_ < text_.size()) {
                CHECK_OK(take_tag());
            }
        }
        return std::move(pieces_);
    }

  private:
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

    [[nodiscard]] Error syntax_error(const std::string& reason) const {
        return parse_error(
            "Template error: invalid handlebars syntax: " + reason + " at " +
            place_in_template(text_, at_)
        );
    }

    bool take(std::string_view word) {
        if (!rest().starts_with(word)) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) {
            ++at_;
        }
    }

    Piece& add(Piece::Kind kind) {
        Piece piece;
        piece.kind = kind;
        piece.offset = at_;
        return pieces_.emplace_back(std::move(piece));
    }

    // Up to the next tag. One backslash before `{{` makes it text; of more, the last one goes.
    Result<> take_text() {
        std::string taken;
        for (;;) {
            const std::size_t open = std::min(text_.find("{{", at_), text_.size());
            taken.append(text_.substr(at_, open - at_));
            at_ = open;
            const std::size_t kept = taken.find_last_not_of('\\') + 1;
            const std::size_t backslashes = open == text_.size() ? 0 : taken.size() - kept;
            if (backslashes > 0) {
                taken.pop_back();
            }
            if (backslashes != 1) {
                break;
            }
            taken.append("{{");
            at_ += 2;
        }
        add(Piece::Kind::text).text = std::move(taken);
        return {};
    }

    Result<> take_tag() {
        if (rest().starts_with("{{{{")) {
            return take_raw_block();
        }
        if (rest().starts_with("{{!")) {
            return take_comment();
        }
        Piece& piece = add(Piece::Kind::output);
        at_ += 2;
        piece.trims_before = take("~");
        const bool is_triple = take("{");
        skip_blanks();
        if (is_triple || take("&")) {
            skip_blanks();
            CHECK_OK(take_call(piece.call));
        } else {
            CHECK_OK(take_inside(piece));
        }
        if (is_triple && !take("}")) {
            return syntax_error("expected '}'");
        }
        piece.trims_after = take("~");
        return take("}}") ? Result<>() : syntax_error("expected '}}'");
    }

    Result<> take_inside(Piece& piece) {
        if (take("#>") || take("@>")) {
            return syntax_error("blocks around partials are not supported");
        }
        if (take("#*")) {
            piece.kind = Piece::Kind::inline_open;
        } else if (take("#")) {
            piece.kind = Piece::Kind::open;
        } else if (take("/")) {
            piece.kind = Piece::Kind::close;
        } else if (take(">")) {
            piece.kind = Piece::Kind::partial;
        } else if (take("^") || take_else()) {
            piece.kind = Piece::Kind::inverse;
        }
        skip_blanks();
        piece.has_call = !rest().starts_with('~') && !rest().starts_with('}');
        const bool needs_call = piece.kind != Piece::Kind::inverse;
        if (piece.has_call || needs_call) {
            CHECK_OK(take_call(piece.call));
        }
        return {};
    }

    bool take_else() {
        const bool is_else =
            rest().starts_with("else") && (rest().size() == 4 || !is_symbol(rest()[4]));
        return is_else && take("else");
    }

    Result<> take_comment() {
        add(Piece::Kind::comment);
        std::string_view end = "--}}";
        if (!rest().starts_with("{{!--") || text_.find(end, at_ + 5) == std::string_view::npos) {
            end = "}}";
        }
        const std::size_t close = text_.find(end, at_ + 3);
        if (close == std::string_view::npos) {
            return syntax_error("a comment that does not end");
        }
        at_ = close + end.size();
        return {};
    }

    // An ordinary block whose body is text. Blanks at the body's beginning go.
    Result<> take_raw_block() {
        Piece open;
        open.kind = Piece::Kind::open;
        open.offset = at_;
        at_ += 4;
        skip_blanks();
        CHECK_OK(take_call(open.call));
        if (!take("}}}}")) {
            return syntax_error("expected '}}}}'");
        }
        const std::string closing = "{{{{/" + open.call.name.text + "}}}}";
        const std::size_t end = text_.find(closing, at_);
        if (end == std::string_view::npos) {
            return syntax_error("a raw block that does not end");
        }
        open.trims_after = true;
        Piece body;
        body.text = text_.substr(at_, end - at_);
        Piece close;
        close.kind = Piece::Kind::close;
        close.call = open.call;
        at_ = end + closing.size();
        for (Piece* piece : {&open, &body, &close}) {
            pieces_.push_back(std::move(*piece));
        }
        return {};
    }

    Result<> take_call(TemplateCall& call) {
        if (++depth_ > depth_max) {
            return syntax_error("calls are nested too deep");
        }
        if (take("(")) {
            CHECK_OK(take_call(call));
            call.in_brackets = true;
            if (!take(")")) {
                return syntax_error("expected ')'");
            }
            skip_blanks();
        } else {
            CHECK_OK(take_path(call.name));
            skip_blanks();
            while (at_ < text_.size() && text_[at_] != ')' && text_[at_] != '}' && text_[at_] != '~'
            ) {
                TRY(TemplateArgument argument, take_argument());
                call.arguments.push_back(std::move(argument));
                skip_blanks();
            }
        }
        --depth_;
        return {};
    }

    Result<TemplateArgument> take_argument() {
        const char first = text_[at_];
        if (first == '(') {
            TemplateCall call;
            CHECK_OK(take_call(call));
            return TemplateArgument{std::move(call)};
        }
        if (first == '"' || first == '\'') {
            TRY(std::string text, take_string());
            return TemplateArgument{TemplateValue(std::move(text))};
        }
        if (const auto word = take_word_literal()) {
            return TemplateArgument{*word};
        }
        if (const std::string_view number = number_here(); !number.empty()) {
            return take_number(number);
        }
        TemplatePath path;
        CHECK_OK(take_path(path));
        return TemplateArgument{std::move(path)};
    }

    std::optional<TemplateValue> take_word_literal() {
        const auto take_whole = [this](std::string_view word) {
            const std::string_view after = rest().substr(std::min(word.size(), rest().size()));
            return (after.empty() || !is_symbol(after.front())) && take(word);
        };
        if (take_whole("true")) {
            return TemplateValue(true);
        }
        if (take_whole("false")) {
            return TemplateValue(false);
        }
        return take_whole("null") ? std::optional(TemplateValue(Null{})) : std::nullopt;
    }

    // Digits that go on as a name are a name.
    [[nodiscard]] std::string_view number_here() const {
        const std::string_view text = rest();
        std::size_t end = text.starts_with('-') ? 1 : 0;
        const std::size_t digits = end;
        const auto skip_digits = [&] {
            while (end < text.size() && is_digit(text[end])) {
                ++end;
            }
        };
        skip_digits();
        if (end == digits) {
            return {};
        }
        if (end < text.size() && text[end] == '.') {
            ++end;
            skip_digits();
        }
        return end < text.size() && is_symbol(text[end]) ? std::string_view{} : text.substr(0, end);
    }

    // JSON's rules: no zero in front, digits behind the point.
    Result<TemplateArgument> take_number(std::string_view number) {
        at_ += number.size();
        const std::string_view digits = number.substr(number.starts_with('-') ? 1 : 0);
        const bool is_odd = number.ends_with('.') ||
                            (digits.size() > 1 && digits.front() == '0' && is_digit(digits[1]));
        if (is_odd) {
            return parse_error("invalid parameter \"" + std::string(number) + "\"");
        }
        std::int64_t whole = 0;
        const char* end = number.data() + number.size();
        const auto read = std::from_chars(number.data(), end, whole);
        if (read.ec == std::errc() && read.ptr == end && number != "-0") {
            return TemplateArgument{TemplateValue(whole)};
        }
        double fraction = 0;
        std::from_chars(number.data(), end, fraction);
        return TemplateArgument{TemplateValue(fraction)};
    }

    Result<std::string> take_string() {
        const char quote = text_[at_++];
        std::string value;
        while (at_ < text_.size() && text_[at_] != quote) {
            const char c = text_[at_++];
            if (static_cast<unsigned char>(c) < 0x20) {
                return parse_error("invalid parameter: a control character in a string");
            }
            if (c != '\\') {
                value.push_back(c);
            } else if (at_ == text_.size() || !take_escape(value)) {
                return syntax_error("not an escape in a string");
            }
        }
        return take(std::string_view(&quote, 1)) ? Result<std::string>(std::move(value))
                                                 : syntax_error("a string that does not end");
    }

    bool take_escape(std::string& value) {
        constexpr std::string_view names = "\"'\\/bfnrt";
        constexpr std::string_view meanings = "\"'\\/\b\f\n\r\t";
        const std::size_t which = names.find(text_[at_++]);
        if (which == std::string_view::npos) {
            return false;
        }
        value.push_back(meanings[which]);
        return true;
    }

    Result<> take_path(TemplatePath& path) {
        const std::size_t begin = at_;
        if (take("@root")) {
            path.base = TemplatePath::Base::root;
            if (!take(".") && !take("/")) {
                path.names.emplace_back();  // by itself it is nothing
            } else {
                CHECK_OK(take_names(path));
            }
        } else if (take("@")) {
            path.base = TemplatePath::Base::loop;
            CHECK_OK(take_names(path));
        } else {
            while (take("../")) {
                ++path.up;
            }
            take("./");
            CHECK_OK(take_names(path));
        }
        path.text = text_.substr(begin, at_ - begin);
        return {};
    }

    Result<> take_names(TemplatePath& path) {
        do {
            std::string name;
            if (take("[")) {
                const std::size_t end = std::min(text_.find(']', at_), text_.size());
                name = text_.substr(at_, end - at_);
                at_ = std::min(end + 1, text_.size());
            } else {
                const std::size_t begin = at_;
                while (at_ < text_.size() && is_symbol(text_[at_])) {
                    ++at_;
                }
                name = text_.substr(begin, at_ - begin);
            }
            if (name.empty()) {
                return syntax_error("expected a name");
            }
            if (name != "this") {
                path.names.push_back(std::move(name));
            }
        } while (take(".") || take("/"));
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::vector<Piece> pieces_;
};

constexpr std::string_view line_blanks = " \t";
constexpr std::string_view all_blanks = " \t\r\n";

void trim_end(std::string& text, std::string_view what) {
    text.erase(text.find_last_not_of(what) + 1);
}

void trim_begin(std::string& text, std::string_view what) {
    text.erase(0, std::min(text.find_first_not_of(what), text.size()));
}

/// Takes the blanks and the line end that belong to tags out of the texts around them.
class Trimmer {
  public:
    explicit Trimmer(std::vector<Piece>& pieces) : pieces_(pieces) {}

    void run() {
        // All of them looked at before any is changed: a line end belongs to two lines.
        std::vector<std::size_t> alone;
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            if (is_alone(i)) {
                alone.push_back(i);
            }
        }
        for (const std::size_t i : alone) {
            take_line(i);
        }
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            if (pieces_[i].trims_before && i > 0) {
                trim_end(pieces_[i - 1].text, all_blanks);
            }
            if (pieces_[i].trims_after && i + 1 < pieces_.size()) {
                trim_begin(pieces_[i + 1].text, all_blanks);
            }
            if (pieces_[i].kind == Piece::Kind::partial) {
                indent(i);
            }
        }
    }

  private:
    // Only blanks before and behind it on its line. Whatever produces text has no such line.
    [[nodiscard]] bool is_alone(std::size_t i) const {
        const Piece::Kind kind = pieces_[i].kind;
        if (kind == Piece::Kind::text || kind == Piece::Kind::output) {
            return false;
        }
        return begins_line(i) && ends_line(i);
    }

    [[nodiscard]] bool begins_line(std::size_t i) const {
        if (i == 0) {
            return true;
        }
        const std::string& before = pieces_[i - 1].text;
        const std::size_t last = before.find_last_not_of(line_blanks);
        if (last == std::string::npos) {
            return i == 1 && pieces_[0].kind == Piece::Kind::text;
        }
        return before[last] == '\n';
    }

    [[nodiscard]] bool ends_line(std::size_t i) const {
        if (i + 1 == pieces_.size()) {
            return true;
        }
        const std::string& after = pieces_[i + 1].text;
        const std::size_t first = after.find_first_not_of(line_blanks);
        if (first == std::string::npos) {
            return i + 2 == pieces_.size() && pieces_[i + 1].kind == Piece::Kind::text;
        }
        return after[first] == '\n' || after.substr(first, 2) == "\r\n";
    }

    void take_line(std::size_t i) {
        if (i > 0 && pieces_[i].kind != Piece::Kind::partial) {
            trim_end(pieces_[i - 1].text, line_blanks);
        }
        if (i + 1 < pieces_.size()) {
            std::string& after = pieces_[i + 1].text;
            trim_begin(after, line_blanks);
            after.erase(0, after.starts_with("\r\n") ? 2 : after.starts_with('\n') ? 1 : 0);
        }
    }

    // The blanks before a partial go before each of its lines.
    void indent(std::size_t i) {
        if (i > 0 && pieces_[i - 1].kind == Piece::Kind::text) {
            std::string& before = pieces_[i - 1].text;
            const std::size_t begin = before.find_last_not_of(line_blanks) + 1;
            pieces_[i].text = before.substr(begin);
            before.erase(begin);
        }
    }

    std::vector<Piece>& pieces_;
};

/// From pieces to the tree.
class Builder {
  public:
    Builder(std::string_view text, std::vector<Piece> pieces)
        : text_(text), pieces_(std::move(pieces)) {}

    Result<std::vector<TemplateNode>> run() {
        TRY(std::vector<TemplateNode> nodes, take_nodes());
        if (next_ < pieces_.size()) {
            return unexpected();
        }
        return nodes;
    }

  private:
    [[nodiscard]] Error unexpected() const {
        if (next_ == pieces_.size()) {
            return parse_error("Template error: invalid handlebars syntax: a block does not end");
        }
        return parse_error(
            "Template error: invalid handlebars syntax: a tag without its block at " +
            place_in_template(text_, pieces_[next_].offset)
        );
    }

    // Up to an else, a closing tag or the end.
    Result<std::vector<TemplateNode>> take_nodes() {
        if (++depth_ > depth_max) {
            return parse_error("Template error: blocks are nested too deep");
        }
        std::vector<TemplateNode> nodes;
        while (next_ < pieces_.size()) {
            const Piece::Kind kind = pieces_[next_].kind;
            if (kind == Piece::Kind::inverse || kind == Piece::Kind::close) {
                break;
            }
            Piece piece = std::move(pieces_[next_++]);
            if (piece.kind == Piece::Kind::comment) {
                continue;
            }
            TRY(TemplateNode node, node_of(std::move(piece)));
            nodes.push_back(std::move(node));
        }
        --depth_;
        return nodes;
    }

    Result<TemplateNode> node_of(Piece piece) {
        TemplateNode node;
        node.offset = piece.offset;
        node.text = std::move(piece.text);
        node.call = std::move(piece.call);
        switch (piece.kind) {
            case Piece::Kind::output:
                node.kind = TemplateNode::Kind::output;
                break;
            case Piece::Kind::partial:
                node.kind = TemplateNode::Kind::partial;
                break;
            case Piece::Kind::open:
                node.kind = TemplateNode::Kind::block;
                CHECK_OK(take_block(node));
                break;
            case Piece::Kind::inline_open:
                node.kind = TemplateNode::Kind::inline_partial;
                CHECK_OK(take_block(node));
                break;
            case Piece::Kind::text:
            case Piece::Kind::comment:
            case Piece::Kind::inverse:
            case Piece::Kind::close:
                break;
        }
        return node;
    }

    // The bodies and the closing tag of a block.
    Result<> take_block(TemplateNode& node) {
        CHECK_OK(take_bodies(node));
        if (next_ == pieces_.size() || pieces_[next_].kind != Piece::Kind::close) {
            return unexpected();
        }
        const std::string& closed = pieces_[next_].call.name.text;
        if (closed != node.call.name.text) {
            return parse_error(
                "Template error: helper \"" + node.call.name.text + "\" was opened, but \"" +
                closed + "\" is closing"
            );
        }
        ++next_;
        return {};
    }

    Result<> take_bodies(TemplateNode& node) {
        TRY(node.body, take_nodes());
        if (next_ == pieces_.size() || pieces_[next_].kind != Piece::Kind::inverse) {
            return {};
        }
        node.has_otherwise = true;
        Piece piece = std::move(pieces_[next_++]);
        if (!piece.has_call) {
            TRY(node.otherwise, take_nodes());
            return {};
        }
        // An else-if is a block of its own that ends with the outer one.
        TemplateNode chained;
        chained.kind = TemplateNode::Kind::block;
        chained.offset = node.offset;
        chained.call = std::move(piece.call);
        if (++depth_ > depth_max) {
            return parse_error("Template error: blocks are nested too deep");
        }
        CHECK_OK(take_bodies(chained));
        --depth_;
        node.otherwise.push_back(std::move(chained));
        return {};
    }

    std::string_view text_;
    std::vector<Piece> pieces_;
    std::size_t next_ = 0;
    int depth_ = 0;
};

}  // namespace

std::string place_in_template(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::string_view last = before.substr(before.rfind('\n') + 1);
    const auto characters = std::count_if(last.begin(), last.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    return "line " + std::to_string(lines + 1) + ", col " + std::to_string(characters + 1);
}

Result<std::vector<TemplateNode>> parse_template(std::string_view text) {
    TRY(std::vector<Piece> pieces, Scanner(text).run());
    Trimmer(pieces).run();
    return Builder(text, std::move(pieces)).run();
}

}  // namespace pueue::runner
