#include "daemon/cli.hpp"

#include "protocol/base/similar.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace pueue {

namespace {

constexpr std::string_view help_text =
    "Start the Pueue daemon\n"
    "\n"
    "Usage: pueued [OPTIONS]\n"
    "\n"
    "Options:\n"
    "  -v, --verbose...         Log more: -v info, -vv debug, -vvv trace\n"
    "  -d, --daemonize          Start in the background and return at once. A service manager "
    "does\n"
    "                           this better\n"
    "  -c, --config <CONFIG>    Read this configuration file and no other. Stronger than the\n"
    "                           environment variable PUEUE_CONFIG_PATH\n"
    "  -p, --profile <PROFILE>  Use this profile of the configuration file\n"
    "      --on-stop <WHAT>     What SIGTERM, SIGINT and SIGHUP do to running tasks: kill "
    "(default) or\n"
    "                           keep. Kept ones are taken over by the next daemon\n"
    "      --journal-check <DIR>  Read the journal in this pueue directory and say whether it is\n"
    "                           whole; changes nothing\n"
    "      --journal-dump <DIR>  Print its records, a JSON object a line, without environments\n"
    "      --salvage <DIR>      Keep what is before the damage in a damaged journal; the damaged\n"
    "                           files are set aside\n"
    "  -h, --help               Print help\n"
    "  -V, --version            Print version\n";

constexpr std::string_view version_text = "pueued 4.0.4\n";

enum class Takes { nothing, value };

struct Option {
    char short_name;  ///< 0, or upper case with a value: has none
    std::string_view long_name;
    Takes takes;
    std::string_view shown;  ///< in errors
    std::optional<std::string> Options::*value = nullptr;
};

constexpr std::array<Option, 10> options = {
    {{'v', "verbose", Takes::nothing, "--verbose..."},
     {'d', "daemonize", Takes::nothing, "--daemonize"},
     {'c', "config", Takes::value, "--config <CONFIG>", &Options::config},
     {'p', "profile", Takes::value, "--profile <PROFILE>", &Options::profile},
     {'S', "on-stop", Takes::value, "--on-stop <WHAT>"},
     {'\0', "journal-check", Takes::value, "--journal-check <DIR>", &Options::journal_check},
     {'\0', "journal-dump", Takes::value, "--journal-dump <DIR>", &Options::journal_dump},
     {'\0', "salvage", Takes::value, "--salvage <DIR>", &Options::salvage},
     {'h', "help", Takes::nothing, "--help"},
     {'V', "version", Takes::nothing, "--version"}}};

PrintAndExit usage_error(const std::string& message, std::string_view usage) {
    std::string text = "error: " + message + "\n\n";
    if (!usage.empty()) {
        text.append("Usage: pueued ").append(usage).append("\n\n");
    }
    return {"", text + "For more information, try '--help'.\n", 2};
}

PrintAndExit unexpected(const std::string& word) {
    return usage_error("unexpected argument '" + word + "' found", "[OPTIONS]");
}

const Option* find_similar(const std::string& name) {
    std::vector<std::string_view> names;
    for (const Option& option : options) {
        names.push_back(option.long_name);
    }
    const std::vector<std::string_view> found = similar_words(name, names);
    const auto is_it = [&](const Option& option) { return option.long_name == found.back(); };
    return found.empty() ? nullptr : std::find_if(options.begin(), options.end(), is_it);
}

PrintAndExit unexpected_option(const std::string& name) {
    const Option* similar = find_similar(name);
    if (similar == nullptr) {
        return unexpected("--" + name);
    }
    const std::string known(similar->long_name);
    return usage_error(
        "unexpected argument '--" + name + "' found\n\n  tip: a similar argument exists: '--" +
            known + "'",
        similar->shown
    );
}

// One pass over the arguments, in the grammar of the original's parser (pueued 8.1).
class Parser {
  public:
    Parser(int argc, char** argv) : words_(argv + 1, argv + argc) {}

    std::variant<Options, PrintAndExit> run() {
        while (!end_ && next_ < words_.size()) {
            take_word(words_[next_++]);
        }
        if (end_) {
            return *end_;
        }
        return std::move(result_);
    }

  private:
    void take_word(const std::string& word) {
        if (word.starts_with("--") && word.size() > 2) {
            take_long(word);
        } else if (word.starts_with("-") && word.size() > 1 && word != "--") {
            take_cluster(word);
        } else if (word == "--" && next_ == words_.size()) {
            return;
        } else {
            end_ = unexpected(word == "--" ? words_[next_] : word);
        }
    }

    void take_long(const std::string& word) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        for (const Option& option : options) {
            if (option.long_name == name) {
                std::optional<std::string> attached;
                if (equals != std::string::npos) {
                    attached = word.substr(equals + 1);
                }
                take(option, attached);
                return;
            }
        }
        end_ = unexpected_option(name);
    }

    void take_cluster(const std::string& word) {
        for (std::size_t i = 1; i < word.size() && !end_; ++i) {
            const Option* option = find(word[i]);
            if (option == nullptr) {
                end_ = unexpected(std::string("-") + word[i]);
                return;
            }
            if (option->takes == Takes::nothing) {
                take(*option, {});
                continue;
            }
            if (i + 1 == word.size()) {
                take(*option, {});
            } else {
                take(*option, word.substr(word[i + 1] == '=' ? i + 2 : i + 1));
            }
            return;
        }
    }

    static const Option* find(char short_name) {
        for (const Option& option : options) {
            if (option.short_name == short_name && short_name != 'S') {
                return &option;
            }
        }
        return nullptr;
    }

    void take(const Option& option, std::optional<std::string> attached) {
        if (option.takes == Takes::nothing) {
            if (attached) {
                end_ = usage_error(
                    "unexpected value '" + *attached + "' for '" + std::string(option.shown) +
                        "' found; no more were expected",
                    option.shown
                );
                return;
            }
            take_flag(option);
            return;
        }
        if (!attached && next_ < words_.size() && !words_[next_].starts_with("-")) {
            attached = words_[next_++];
        }
        if (!attached || (attached->empty() && option.short_name == 'c')) {
            end_ = usage_error(
                "a value is required for '" + std::string(option.shown) + "' but none was supplied",
                ""
            );
            return;
        }
        if (option.short_name == 'S') {
            take_on_stop(*attached);
            return;
        }
        std::optional<std::string>& target = result_.*option.value;
        if (target) {
            repeated(option);
        }
        target = std::move(attached);
    }

    void take_on_stop(const std::string& word) {
        if (word != "kill" && word != "keep") {
            end_ = usage_error(
                "invalid value '" + word +
                    "' for '--on-stop <WHAT>'\n  [possible values: kill, keep]",
                ""
            );
        }
        result_.on_stop = word == "keep" ? OnStop::keep : OnStop::kill;
    }

    void take_flag(const Option& option) {
        switch (option.short_name) {
            case 'v':
                ++result_.verbosity;
                break;
            case 'd':
                if (result_.daemonize) {
                    repeated(option);
                }
                result_.daemonize = true;
                break;
            case 'h':
                end_ = PrintAndExit{std::string(help_text), "", 0};
                break;
            default:
                end_ = PrintAndExit{std::string(version_text), "", 0};
                break;
        }
    }

    void repeated(const Option& option) {
        end_ = usage_error(
            "the argument '" + std::string(option.shown) + "' cannot be used multiple times",
            "[OPTIONS]"
        );
    }

    std::vector<std::string> words_;
    std::size_t next_ = 0;
    Options result_;
    std::optional<PrintAndExit> end_;
};

}  // namespace

std::variant<Options, PrintAndExit> parse_command_line(int argc, char** argv) {
    return Parser(argc, argv).run();
}

}  // namespace pueue
