#include "client/commands/commands.hpp"
#include "client/local_log.hpp"
#include "client/text/utf8.hpp"
#include "client/view/log_view.hpp"
#include "protocol/base/upstream_text.hpp"
#include "protocol/model/json.hpp"
#include "protocol/wire/snappy_frame.hpp"

#include <utility>
#include <variant>
#include <vector>

namespace pueue::client {

namespace {

constexpr std::uint64_t lines_usual = 15;

// Prints the logs of one reply, from files beside us or from what the daemon sent.
class LogPrinter {
  public:
    LogPrinter(Client& client, std::optional<std::uint64_t> lines)
        : client_(client), lines_(lines) {}

    void print(const wire::LogResponse& response) {
        for (const auto& [id, log] : response.tasks) {
            if (!has_process(log.task) && !is_done(log.task)) {
                continue;
            }
            // Compat: also behind tasks that are not printed [log-behind-queued].
            client_.console.out(id == response.tasks.begin()->first ? "" : "\n");
            print_one(log);
        }
    }

    std::string to_json(const wire::LogResponse& response) {
        std::string out = "{";
        JsonWriter json(out);
        for (const auto& [id, log] : response.tasks) {
            out += (out.size() == 1 ? "\"" : ",\"") + std::to_string(id.value) + "\":{\"task\":";
            json.task(log.task, ShowEnvironment::no);
            out += ",\"output\":";
            json.string(json_output(log));
            out += '}';
        }
        return out + "}\n";
    }

  private:
    [[nodiscard]] bool is_local() const { return client_.settings.client.read_local_logs; }

    void print_one(const wire::TaskLog& log) {
        const LogLook look{
            client_.style, client_.console.table_width(), client_.console.out_is_terminal()};
        client_.console.err(draw_log_header(log.task, look));
        if (is_local()) {
            print_local(log.task.id);
        } else {
            print_remote(log);
        }
    }

    [[nodiscard]] std::string output_headline(bool complete) const {
        std::string text = "\n" + client_.style.bold("output:", Color::green);
        if (!complete) {
            text += " (last " + std::to_string(*lines_) + " lines)";
        }
        return text + "\n";
    }

    void print_local(TaskId id) {
        const auto file = open_local_log(client_.paths, id);
        if (file.has_error()) {
            client_.console.err("Failed to get log file handle: " + file.error().text + "\n");
            return;
        }
        LastLines last;
        if (lines_) {
            const auto found = find_last_lines(file->get(), *lines_);
            if (found.has_error()) {
                report_read_failure(found.error());
                return;
            }
            last = *found;
        }
        bool headed = false;
        const auto head = [&] {
            if (!std::exchange(headed, true)) {
                client_.console.err(output_headline(last.complete));
            }
        };
        // Whether there is any output at all is asked of the whole file.
        if (last.offset > 0) {
            head();
        }
        const auto end = read_in_pieces(file->get(), last.offset, [&](std::string_view piece) {
            head();
            client_.console.out(piece);
        });
        if (end.has_error()) {
            report_read_failure(end.error());
        }
    }

    void report_read_failure(const Error& error) {
        client_.console.err(
            "Failed reading local log file: I/O error while reading next log chunk:\n" +
            os_text(error.os_error) + "\n"
        );
    }

    void print_remote(const wire::TaskLog& log) {
        if (!log.output) {
            client_.console.out(
                "Logs requested from pueue daemon, but none received. Please report this bug.\n"
            );
            return;
        }
        if (log.output->empty()) {
            return;
        }
        client_.console.out(output_headline(log.output_complete));
        Bytes text;
        const auto done = wire::uncompress_snappy_frames(*log.output, text);
        client_.console.out(text);
        if (done.has_error()) {
            client_.console.err("Error while parsing stdout: " + done.error().text + "\n");
        }
    }

    [[nodiscard]] std::string json_output(const wire::TaskLog& log) const {
        return is_local() ? local_json_output(log.task.id) : remote_json_output(log);
    }

    [[nodiscard]] std::string local_json_output(TaskId id) const {
        const auto file = open_local_log(client_.paths, id);
        if (file.has_error()) {
            return "(Pueue error) Failed to get log file handle: " + file.error().text;
        }
        auto text =
            lines_ ? read_last_lines_joined(file->get(), *lines_) : read_from(file->get(), 0);
        if (text.has_value() && is_utf8(*text)) {
            return std::move(*text);
        }
        return "(Pueue error) Failed to read local log output file: " +
               (text.has_error()
                    ? debug_os_error(text.error().os_error)
                    : "Error { kind: InvalidData, message: \"stream did not contain valid UTF-8\" }"
               );
    }

    [[nodiscard]] static std::string remote_json_output(const wire::TaskLog& log) {
        Bytes text;
        if (!log.output) {
            return text;
        }
        const auto done = wire::uncompress_snappy_frames(*log.output, text);
        if (done.has_value() && is_utf8(text)) {
            return text;
        }
        const std::string detail =
            done.has_error() ? "Error { kind: " + error_kind(done.error().text) +
                                   ", message: " + quoted(done.error().text) + " }"
                             : "Error { kind: InvalidData, message: \"stream did not contain valid "
                               "UTF-8\" }";
        return "(Pueue error) Failed to decompress remote log output: " + detail;
    }

    // The original's word for what went wrong, as far as the text tells.
    static std::string error_kind(std::string_view text) {
        return text == "failed to fill whole buffer" ? "UnexpectedEof" : "Other";
    }

    Client& client_;
    std::optional<std::uint64_t> lines_;
};

std::string nothing_found(const TaskSelection& selection) {
    if (std::holds_alternative<std::vector<TaskId>>(selection)) {
        return "There are no finished tasks for your specified ids\n";
    }
    if (const auto* group = std::get_if<std::string>(&selection)) {
        return "There are no finished tasks for group '" + *group + "'\n";
    }
    return "There are no finished tasks\n";
}

}  // namespace

Outcome run(const cli::LogOptions& options, Client& client) {
    const TaskSelection selection = options.selection.resolve();
    const auto lines =
        options.full ? std::nullopt : std::optional(options.lines.value_or(lines_usual));
    wire::LogRequest request;
    request.tasks = selection;
    request.send_logs = !client.settings.client.read_local_logs;
    request.lines = lines;
    TRY(const wire::Response response, client.connection.call(request));
    const auto* logs = std::get_if<wire::LogResponse>(&response);
    if (logs == nullptr) {
        return finish_with(client, response);
    }
    LogPrinter printer(client, lines);
    if (options.json) {
        client.console.out(printer.to_json(*logs));
    } else if (logs->tasks.empty()) {
        client.console.err(nothing_found(selection));
    } else {
        printer.print(*logs);
    }
    return 0;
}

}  // namespace pueue::client
