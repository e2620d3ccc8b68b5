#include "daemon/state_exchange.hpp"

#include "daemon/core/apply.hpp"
#include "daemon/journal/store.hpp"
#include "daemon/state_file/restore.hpp"
#include "daemon/state_file/state_json.hpp"
#include "protocol/base/clock.hpp"

#include <array>
#include <utility>
#include <vector>

namespace pueue {

using state_file::Content;
using state_file::Form;

namespace {

constexpr const char* log_target = "pueue::state";

std::string hex(const std::array<std::uint8_t, 16>& id) {
    std::string text;
    for (const std::uint8_t byte : id) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 0xf];
    }
    return text;
}

Form other_than(Form form) {
    return form == Form::plain ? Form::compressed : Form::plain;
}

bool is_absent(const Result<bool>& file) {
    return file.has_error() && file.error().kind == ErrorKind::not_found;
}

}  // namespace

StateExchange::StateExchange(Context context)
    : context_(std::move(context)), store_(hex(context_.journal.store())) {}

Result<> StateExchange::take_over(State& state, bool journal_is_new) {
    Form form = context_.form;
    Result<bool> is_ours = has_our_ending(form);
    if (is_absent(is_ours)) {
        form = other_than(form);
        is_ours = has_our_ending(form);
    }
    if (is_absent(is_ours)) {
        return write_out(state);
    }
    if (is_ours.has_value() && *is_ours) {
        return form == context_.form ? Result<>() : write_out(state);
    }
    CHECK_OK(take(state, form, journal_is_new));
    return write_out(state);
}

Result<bool> StateExchange::has_our_ending(Form form) const {
    return state_file::ends_with(context_.directory, form, state_file::ending(store_));
}

Result<> StateExchange::take(State& state, Form form, bool journal_is_new) {
    Result<Bytes> text = state_file::read_text(context_.directory, form);
    const Result<Content> content =
        text.has_error() ? Result<Content>(text.error())
                         : state_file::decode(std::move(text).value(), context_.environments);
    if (content.has_error()) {
        context_.logger.warn(
            log_target, "Failed to restore previous state:\n" + content.error().text
        );
        return set_aside(
            form, journal_is_new ? "Using clean state instead." : "Using the journal instead."
        );
    }
    if (content->store && !journal_is_new) {
        return set_aside(
            form,
            *content->store == store_
                ? "It was changed after this daemon wrote it. Using the journal instead."
                : "It belongs to another journal. Using the one in this directory."
        );
    }
    CHECK_OK(import(state, *content));
    if (form != context_.form) {
        return set_aside(form, "Its tasks were taken over: the other form is not there.");
    }
    context_.logger.info(log_target, "took over " + state_file::file_name(form));
    return {};
}

Result<> StateExchange::import(State& state, const Content& content) {
    const std::vector<core::Record> records = state_file::import_records(content, read_clock());
    for (const core::Record& record : records) {
        core::apply(state, record);
    }
    context_.journal.append(records);
    return context_.journal.write_through();
}

Result<> StateExchange::set_aside(Form form, std::string_view why) {
    const std::string name = state_file::file_name(form);
    TRY(const std::string aside, journal::set_aside(context_.files, name));
    CHECK_OK(context_.files.sync_directory("."));
    context_.logger.warn(log_target, name + " was moved to " + aside + ". " + std::string(why));
    return {};
}

Result<> StateExchange::write_out(const State& state) const {
    return state_file::write_file(context_.directory, context_.form, state, store_);
}

}  // namespace pueue
