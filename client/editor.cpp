#include "client/editor.hpp"

#include "client/commands/commands.hpp"
#include "client/text/utf8.hpp"
#include "client/toml_tasks.hpp"
#include "protocol/base/fd.hpp"
#include "protocol/base/upstream_text.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace pueue::client {

namespace {

constexpr std::size_t edited_bytes_max = std::size_t{64} << 20;

// A fresh directory, gone at the end whatever happened. 0700: commands may hold secrets.
class ScratchDirectory {
  public:
    static Reported<ScratchDirectory> create() {
        constexpr const char* context = "Failed to create temporary directory for edtiting.";
        const char* base = std::getenv("TMPDIR");
        const std::string parent = base == nullptr || *base == '\0' ? "/tmp" : base;
        for (;;) {
            const std::string path = parent + "/.tmp" + random_suffix();
            if (::mkdir(path.c_str(), 0700) == 0) {
                return ScratchDirectory(path);
            }
            if (const int number = errno; number != EEXIST) {
                return report(os_text(number) + " at path " + pueue::quoted(path)).in(context);
            }
        }
    }

    ScratchDirectory(ScratchDirectory&& other) noexcept
        : path_(std::exchange(other.path_, std::string())) {}
    ScratchDirectory& operator=(ScratchDirectory&&) = delete;
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    ~ScratchDirectory() {
        if (!path_.empty()) {
            std::error_code ignored;  // somebody else may have removed it already
            std::filesystem::remove_all(path_, ignored);
        }
    }

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}

    static std::string random_suffix() {
        constexpr std::string_view alphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        std::array<unsigned char, 6> random{};
        std::ignore = ::getrandom(random.data(), random.size(), 0);  // only to avoid collisions
        std::string suffix;
        for (const unsigned char byte : random) {
            suffix += alphabet[byte % alphabet.size()];
        }
        return suffix;
    }

    std::string path_;
};

// The environment of the editor: ours, the configured variables, and where the text lies.
std::vector<std::string> editor_environment(
    const config::DaemonSettings& settings, const std::string& path
) {
    std::map<std::string, std::string> added = settings.env_vars;
    added["PUEUE_EDIT_PATH"] = path;
    std::vector<std::string> variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string variable = *entry;
        if (!added.contains(variable.substr(0, variable.find('=')))) {
            variables.push_back(variable);
        }
    }
    for (const auto& [name, value] : added) {
        std::string variable = name;
        variable += '=';
        variable += value;
        variables.push_back(std::move(variable));
    }
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

std::vector<std::string> shell_words(
    const config::DaemonSettings& settings, const std::string& command
) {
    constexpr std::string_view place = "{{ pueue_command_string }}";
    std::vector<std::string> words =
        settings.shell_command.value_or(std::vector<std::string>{"sh", "-c", std::string(place)});
    for (std::string& word : words) {
        for (const std::string_view spelling :
             {place, std::string_view("{{pueue_command_string}}")}) {
            if (const std::size_t at = word.find(spelling); at != std::string::npos) {
                word.replace(at, spelling.size(), command);
            }
        }
    }
    return words;
}

Reported<> run_editor(const std::string& path, const config::DaemonSettings& settings) {
    const char* editor = std::getenv("EDITOR");
    if (editor == nullptr) {
        return report("The '$EDITOR' environment variable couldn't be read. Aborting.");
    }
    constexpr const char* context = "Editor command did somehow fail. Aborting.";
    auto words = shell_words(settings, std::string(editor) + " " + shell_escape(path));
    if (words.empty()) {
        return report("The setting daemon.shell_command is empty.").in(context);
    }
    auto variables = editor_environment(settings, path);
    const auto arguments = pointers(words);
    const auto environment = pointers(variables);
    pid_t child = -1;
    const int failed = ::posix_spawnp(
        &child, arguments.front(), nullptr, nullptr, arguments.data(), environment.data()
    );
    if (failed != 0) {
        return report(os_text(failed)).in(context);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (const int number = errno; number != EINTR) {
            return report(os_text(number)).in(context);
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return report("The editor exited with a non-zero code. Aborting.");
    }
    return {};
}

Reported<> write_text(const std::string& path, std::string_view text, std::string_view what) {
    auto file = open_file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (file.has_error()) {
        return report(file_error_text(path, "creating " + std::string(what), file.error().os_error)
        );
    }
    if (const auto done = write_all(file->get(), text); done.has_error()) {
        return report(file_error_text(path, "writing " + std::string(what), done.error().os_error));
    }
    return {};
}

Reported<std::string> read_text(const std::string& path, std::string_view what) {
    const std::string doing = "reading " + std::string(what);
    auto text = read_file(path, edited_bytes_max);
    if (text.has_error()) {
        return report(file_error_text(path, doing, text.error().os_error));
    }
    if (!is_utf8(*text)) {
        return report(
            "I/O error at path " + pueue::quoted(path) + " while " + doing +
            ":\nstream did not contain valid UTF-8"
        );
    }
    return std::move(*text);
}

Reported<std::vector<wire::EditableTask>> edit_as_toml(
    const std::vector<wire::EditableTask>& tasks,
    const std::string& directory,
    const config::DaemonSettings& settings
) {
    const std::string path = directory + "/tasks.toml";
    CHECK_OK(write_text(path, tasks_to_toml(tasks), "temporary file"));
    CHECK_OK(run_editor(path, settings));
    TRY(const std::string text, read_text(path, "temporary file"));
    return tasks_from_toml(text);
}

std::string trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return "";
    }
    return std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

class TaskFiles {
  public:
    TaskFiles(const wire::EditableTask& task, const std::string& directory)
        : task_(task), path_(directory + "/" + std::to_string(task.id.value)) {}

    [[nodiscard]] Reported<> write() const {
        if (::mkdir(path_.c_str(), 0700) != 0) {
            return report(file_error_text(path_, "creating task directory", errno));
        }
        CHECK_OK(write_text(path_ + "/command", task_.original_command, "command file"));
        CHECK_OK(write_text(path_ + "/path", task_.path, "path file"));
        CHECK_OK(write_text(path_ + "/label", task_.label.value_or(""), "label file"));
        return write_text(path_ + "/priority", std::to_string(task_.priority), "priority file");
    }

    [[nodiscard]] Reported<wire::EditableTask> read() const {
        const std::string suffix = " after edit for task " + std::to_string(task_.id.value);
        wire::EditableTask edited = task_;
        TRY(const std::string command, read_text(path_ + "/command", "command file"));
        edited.original_command = trim(command);
        if (edited.original_command.empty()) {
            return report("Found empty command" + suffix);
        }
        TRY(const std::string path, read_text(path_ + "/path", "path file"));
        edited.path = trim(path);
        if (edited.path.empty()) {
            return report("Found empty path" + suffix);
        }
        // Compat: it is the old path whose existence is asked for [edit-files].
        if (::access(task_.path.c_str(), F_OK) != 0) {
            return report("Found non-existing path '" + pueue::quoted(task_.path) + "'" + suffix);
        }
        TRY(const std::string label, read_text(path_ + "/label", "label file"));
        const std::string name = trim(label);
        edited.label = name.empty() ? std::nullopt : std::optional(name);
        TRY(const std::string priority, read_text(path_ + "/priority", "priority file"));
        return with_priority(std::move(edited), priority);
    }

  private:
    [[nodiscard]] Reported<wire::EditableTask> with_priority(
        wire::EditableTask edited, const std::string& text
    ) const {
        const auto wide = cli::parse_signed(trim(text));
        const bool fits = wide.has_value() && cli::parse_priority(trim(text)).has_value();
        if (!fits) {
            const std::string detail = wide.has_error() ? wide.error().text
                                       : *wide < 0      ? "number too small to fit in target type"
                                                        : "number too large to fit in target type";
            return report(detail).in(
                "Failed to parse priority string '" + text + "' into an integer for task " +
                std::to_string(task_.id.value)
            );
        }
        edited.priority = static_cast<std::int32_t>(*wide);
        return edited;
    }

    const wire::EditableTask& task_;
    std::string path_;
};

Reported<std::vector<wire::EditableTask>> edit_as_files(
    const std::vector<wire::EditableTask>& tasks,
    const std::string& directory,
    const config::DaemonSettings& settings
) {
    for (const wire::EditableTask& task : tasks) {
        CHECK_OK(TaskFiles(task, directory).write());
    }
    CHECK_OK(run_editor(directory, settings));
    std::vector<wire::EditableTask> edited;
    for (const wire::EditableTask& task : tasks) {
        TRY(wire::EditableTask one, TaskFiles(task, directory).read());
        edited.push_back(std::move(one));
    }
    return edited;
}

}  // namespace

Reported<std::vector<wire::EditableTask>> edit_tasks(
    const std::vector<wire::EditableTask>& tasks, const config::Settings& settings
) {
    TRY(const ScratchDirectory directory, ScratchDirectory::create());
    return settings.client.edit_mode == config::EditMode::toml
               ? edit_as_toml(tasks, directory.path(), settings.daemon)
               : edit_as_files(tasks, directory.path(), settings.daemon);
}

}  // namespace pueue::client
