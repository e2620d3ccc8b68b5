#include "daemon/runner/template.hpp"

#include "daemon/runner/template_tree.hpp"

#include <array>
#include <charconv>
#include <compare>
#include <optional>
#include <utility>

namespace pueue::runner {

namespace {

/// Partials that call themselves.
constexpr int depth_max = 50;

struct Truth {
    bool operator()(const Missing& /*value*/) const { return false; }
    bool operator()(const Null& /*value*/) const { return false; }
    bool operator()(bool value) const { return value; }
    bool operator()(std::int64_t value) const { return value != 0; }
    bool operator()(double value) const { return value != 0; }
    bool operator()(const std::string& value) const { return !value.empty(); }
    bool operator()(const TemplateVariables* value) const { return !value->empty(); }
};

bool is_true(const TemplateValue& value) {
    return std::visit(Truth(), value);
}

bool is_missing(const TemplateValue& value) {
    return std::holds_alternative<Missing>(value);
}

struct Shown {
    std::string operator()(const Missing& /*value*/) const { return {}; }
    std::string operator()(const Null& /*value*/) const { return {}; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const {
        std::array<char, 32> text{};
        const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
        return {text.data(), end};
    }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const TemplateVariables* /*value*/) const { return "[object]"; }
};

std::optional<double> number_of(const TemplateValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return static_cast<double>(*whole);
    }
    if (const auto* fraction = std::get_if<double>(&value)) {
        return *fraction;
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        double number = 0;
        const char* end = text->data() + text->size();
        const auto read = std::from_chars(text->data(), end, number);
        if (read.ec == std::errc() && read.ptr == end) {
            return number;
        }
    }
    return std::nullopt;
}

bool is_number(const TemplateValue& value) {
    return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

/// Strings by bytes; a number and a string that is one by value; nothing else has an order.
std::partial_ordering order(const TemplateValue& a, const TemplateValue& b) {
    if (is_number(a) || is_number(b)) {
        const auto x = number_of(a);
        const auto y = number_of(b);
        return x && y ? *x <=> *y : std::partial_ordering::unordered;
    }
    if (a.index() == b.index()) {
        if (const auto* text = std::get_if<std::string>(&a)) {
            return *text <=> std::get<std::string>(b);
        }
        if (const auto* truth = std::get_if<bool>(&a)) {
            return *truth <=> std::get<bool>(b);
        }
    }
    return std::partial_ordering::unordered;
}

/// What `this` is, and the place in the loop that made it so.
struct Context {
    TemplateValue value;
    std::optional<std::size_t> index;
    std::string key;
    bool is_last = false;
};

TemplateValue member(const TemplateValue& value, const std::string& name) {
    if (const auto* all = std::get_if<const TemplateVariables*>(&value)) {
        if (const auto found = (*all)->find(name); found != (*all)->end()) {
            return found->second;
        }
    }
    return Missing{};
}

class Renderer {
  public:
    Renderer(std::string_view text, const TemplateVariables& variables) : text_(text) {
        contexts_.push_back({&variables, {}, {}, false});
    }

    Result<> render(const std::vector<TemplateNode>& nodes, std::string& to) {
        for (const TemplateNode& node : nodes) {
            if (node.kind == TemplateNode::Kind::text) {
                to.append(node.text);
                continue;
            }
            // The tags around this one report their own place only for their own mistakes.
            const TemplateNode* outer = std::exchange(node_, &node);
            CHECK_OK(render(node, to));
            node_ = outer;
        }
        return {};
    }

  private:
    [[nodiscard]] Error failed(const std::string& reason) const {
        return invalid(
            "Error rendering \"Unnamed template\" " + place_in_template(text_, node_->offset) +
            ": " + reason
        );
    }

    [[nodiscard]] Error no_value(const std::optional<std::string>& name) const {
        return failed(
            "Failed to access variable in strict mode " +
            (name ? "Some(\"" + *name + "\")" : std::string("None"))
        );
    }

    Result<> render(const TemplateNode& node, std::string& to) {
        switch (node.kind) {
            case TemplateNode::Kind::output:
                return render_output(node, to);
            case TemplateNode::Kind::block:
                return render_block(node, to);
            case TemplateNode::Kind::partial:
                return render_partial(node, to);
            case TemplateNode::Kind::inline_partial:
                return keep_partial(node);
            case TemplateNode::Kind::text:
                break;
        }
        return {};
    }

    Result<> render_output(const TemplateNode& node, std::string& to) {
        const TemplateCall& call = node.call;
        if (!is_function(call.name.text) && call.arguments.empty() && !call.in_brackets) {
            const TemplateValue value = look_up(call.name);
            if (is_missing(value)) {
                return no_value(call.name.text);
            }
            to.append(std::visit(Shown(), value));
            return {};
        }
        if (is_block(call.name.text)) {
            return need(call, 1, call.name.text);  // a block without a body shows nothing
        }
        TRY(const TemplateValue value, evaluate(call));
        to.append(std::visit(Shown(), value));
        return {};
    }

    static bool is_block(std::string_view name) {
        return name == "if" || name == "unless" || name == "with" || name == "each";
    }

    /// Those that decide as blocks, too.
    static bool is_test(std::string_view name) {
        return name == "eq" || name == "ne" || name == "and" || name == "or" || name == "not" ||
               is_comparison(name);
    }

    static bool is_comparison(std::string_view name) {
        return name == "gt" || name == "gte" || name == "lt" || name == "lte";
    }

    static bool is_function(std::string_view name) {
        return is_block(name) || is_test(name) || name == "len" || name == "lookup" ||
               name == "log" || name == "raw";
    }

    Result<> need(const TemplateCall& call, std::size_t count, const std::string& name) const {
        if (call.arguments.size() < count) {
            return failed(
                "Helper/Decorator " + name + " param at index " +
                std::to_string(call.arguments.size()) + " required but not found"
            );
        }
        return {};
    }

    Result<> render_block(const TemplateNode& node, std::string& to) {
        const TemplateCall& call = node.call;
        const std::string& name = call.name.text;
        if (name == "raw") {
            return render(node.body, to);
        }
        if (is_test(name)) {
            TRY(const TemplateValue value, evaluate(call));
            return render(is_true(value) ? node.body : node.otherwise, to);
        }
        if (!is_block(name)) {
            TRY(const TemplateValue value, evaluate(call));
            to.append(std::visit(Shown(), value));
            return {};
        }
        CHECK_OK(need(call, 1, name == "unless" ? "if" : name));
        TRY(const TemplateValue value, value_of(call.arguments.front()));
        if (name == "if" || name == "unless") {
            return render(is_true(value) == (name == "if") ? node.body : node.otherwise, to);
        }
        const auto* all = std::get_if<const TemplateVariables*>(&value);
        if (name == "with" ? is_true(value) : all != nullptr) {
            return name == "with" ? render_with({value, {}, {}, false}, node.body, to)
                                  : render_each(**all, node.body, to);
        }
        if (!node.has_otherwise) {
            const auto* path = std::get_if<TemplatePath>(&call.arguments.front().what);
            return no_value(path ? std::optional(path->text) : std::nullopt);
        }
        return render(node.otherwise, to);
    }

    Result<> render_with(Context context, const std::vector<TemplateNode>& body, std::string& to) {
        contexts_.push_back(std::move(context));
        CHECK_OK(render(body, to));
        contexts_.pop_back();
        return {};
    }

    Result<> render_each(
        const TemplateVariables& all, const std::vector<TemplateNode>& body, std::string& to
    ) {
        std::size_t index = 0;
        for (const auto& [name, value] : all) {
            CHECK_OK(render_with({value, index, name, index + 1 == all.size()}, body, to));
            ++index;
        }
        return {};
    }

    Result<> keep_partial(const TemplateNode& node) {
        if (node.call.name.text != "inline") {
            return failed("Decorator not found " + node.call.name.text);
        }
        CHECK_OK(need(node.call, 1, "inline"));
        TRY(const TemplateValue name, value_of(node.call.arguments.front()));
        const auto* text = std::get_if<std::string>(&name);
        if (text == nullptr) {
            return failed("Invalid param type, String expected");
        }
        partials_.insert_or_assign(*text, &node.body);
        return {};
    }

    Result<> render_partial(const TemplateNode& node, std::string& to) {
        const auto found = partials_.find(node.call.name.text);
        if (found == partials_.end()) {
            return failed("Partial not found " + node.call.name.text);
        }
        if (++depth_ > depth_max) {
            return failed("Partials are nested too deep");
        }
        std::string text;
        if (node.call.arguments.empty()) {
            CHECK_OK(render(*found->second, text));
        } else {
            TRY(TemplateValue value, value_of(node.call.arguments.front()));
            CHECK_OK(render_with({std::move(value), {}, {}, false}, *found->second, text));
        }
        --depth_;
        append_indented(text, node.text, to);
        return {};
    }

    static void append_indented(
        std::string_view text, std::string_view indentation, std::string& to
    ) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
            to.append(indentation).append(text.substr(0, end));
            text.remove_prefix(end);
        }
    }

    Result<TemplateValue> value_of(const TemplateArgument& argument) {
        if (const auto* value = std::get_if<TemplateValue>(&argument.what)) {
            return *value;
        }
        if (const auto* path = std::get_if<TemplatePath>(&argument.what)) {
            return look_up(*path);
        }
        return evaluate(std::get<TemplateCall>(argument.what));
    }

    [[nodiscard]] TemplateValue look_up(const TemplatePath& path) const {
        if (path.base == TemplatePath::Base::loop) {
            return look_up_in_loop(path);
        }
        const std::size_t innermost = contexts_.size() - 1;
        const auto up = static_cast<std::size_t>(path.up);
        const bool is_root = path.base == TemplatePath::Base::root || up > innermost;
        TemplateValue value = contexts_[is_root ? 0 : innermost - up].value;
        for (const std::string& name : path.names) {
            value = member(value, name);
        }
        return value;
    }

    [[nodiscard]] TemplateValue look_up_in_loop(const TemplatePath& path) const {
        const Context& context = contexts_.back();
        if (!context.index || path.names.size() != 1) {
            return Missing{};
        }
        const std::string& name = path.names.front();
        if (name == "index") {
            return static_cast<std::int64_t>(*context.index);
        }
        if (name == "key") {
            return context.key;
        }
        if (name == "first") {
            return *context.index == 0;
        }
        return name == "last" ? TemplateValue(context.is_last) : TemplateValue(Missing{});
    }

    Result<TemplateValue> evaluate(const TemplateCall& call) {
        const std::string& name = call.name.text;
        if (!is_function(name)) {
            return failed("Helper not found " + name);
        }
        std::vector<TemplateValue> values;
        for (const TemplateArgument& argument : call.arguments) {
            TRY(TemplateValue value, value_of(argument));
            values.push_back(std::move(value));
        }
        if (name == "lookup") {
            return evaluate_lookup(call, values);
        }
        if (name == "len") {
            return length(values);
        }
        return is_test(name) ? test(call, values) : Result<TemplateValue>(std::string());
    }

    Result<TemplateValue> evaluate_lookup(
        const TemplateCall& call, const std::vector<TemplateValue>& values
    ) const {
        CHECK_OK(need(call, 2, "lookup"));
        const auto* key = std::get_if<std::string>(&values[1]);
        TemplateValue value = key ? member(values[0], *key) : TemplateValue(Missing{});
        if (is_missing(value)) {
            return no_value(std::nullopt);
        }
        return value;
    }

    Result<TemplateValue> length(const std::vector<TemplateValue>& values) const {
        if (values.empty() || is_missing(values.front())) {
            return failed("Helper/Decorator len param with name x required but not found");
        }
        if (const auto* text = std::get_if<std::string>(&values.front())) {
            return static_cast<std::int64_t>(text->size());
        }
        const auto* all = std::get_if<const TemplateVariables*>(&values.front());
        return static_cast<std::int64_t>(all ? (*all)->size() : 0);
    }

    Result<TemplateValue> test(const TemplateCall& call, const std::vector<TemplateValue>& values)
        const {
        const std::string& name = call.name.text;
        if (name == "and" || name == "or") {
            const bool looked_for = name == "or";
            for (const TemplateValue& value : values) {
                if (is_true(value) == looked_for) {
                    return TemplateValue(looked_for);
                }
            }
            return TemplateValue(!looked_for);
        }
        const std::size_t count = name == "not" ? 1 : 2;
        for (std::size_t i = 0; i < count; ++i) {
            if (i >= values.size() || is_missing(values[i])) {
                return failed(
                    "Helper/Decorator " + name + " param at index " + std::to_string(i) +
                    " required but not found"
                );
            }
        }
        if (name == "not") {
            return TemplateValue(!is_true(values[0]));
        }
        if (!is_comparison(name)) {
            return TemplateValue((values[0] == values[1]) == (name == "eq"));
        }
        return TemplateValue(holds(name, order(values[0], values[1])));
    }

    static bool holds(std::string_view comparison, std::partial_ordering order) {
        if (comparison == "gt") {
            return order > 0;
        }
        if (comparison == "gte") {
            return order >= 0;
        }
        return comparison == "lt" ? order < 0 : order <= 0;
    }

    std::string_view text_;
    const TemplateNode* node_ = nullptr;
    std::vector<Context> contexts_;
    std::map<std::string, const std::vector<TemplateNode>*, std::less<>> partials_;
    int depth_ = 0;
};

}  // namespace

Result<std::string> render(std::string_view text, const TemplateVariables& variables) {
    TRY(const std::vector<TemplateNode> nodes, parse_template(text));
    std::string rendered;
    CHECK_OK(Renderer(text, variables).render(nodes, rendered));
    return rendered;
}

}  // namespace pueue::runner
