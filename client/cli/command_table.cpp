#include "client/cli/command_table.hpp"

#include <algorithm>

namespace pueue::client::cli {

namespace {

constexpr Argument flag(
    std::string_view id, char short_name, std::string_view long_name, std::string_view help
) {
    Argument argument;
    argument.id = id;
    argument.short_name = short_name;
    argument.long_name = long_name;
    argument.help = help;
    return argument;
}

constexpr Argument option(
    std::string_view id,
    char short_name,
    std::string_view long_name,
    std::string_view value_name,
    ValueKind kind,
    std::string_view help
) {
    Argument argument = flag(id, short_name, long_name, help);
    argument.value_name = value_name;
    argument.kind = kind;
    return argument;
}

constexpr Argument position(
    std::string_view id, std::string_view value_name, ValueKind kind, std::string_view help
) {
    return option(id, 0, "", value_name, kind, help);
}

constexpr Argument required(Argument argument) {
    argument.required = true;
    return argument;
}

constexpr Argument list(Argument argument) {
    argument.many_values = argument.repeatable = true;
    return argument;
}

constexpr Argument repeatable(Argument argument) {
    argument.repeatable = true;
    return argument;
}

constexpr Argument excludes(
    Argument argument, std::string_view first, std::string_view second = ""
) {
    argument.conflicts = {first, second};
    return argument;
}

constexpr Argument needs(Argument argument, std::string_view other) {
    argument.needs = other;
    return argument;
}

constexpr Argument more(Argument argument, std::string_view text) {
    argument.more_help = text;
    return argument;
}

constexpr Argument ours(Argument argument) {
    argument.is_ours = true;
    return argument;
}

constexpr Argument trailing(Argument argument) {
    argument = required(list(argument));
    argument.trailing = true;
    return argument;
}

constexpr Argument group_option(std::string_view help) {
    return option("group", 'g', "group", "GROUP", ValueKind::text, help);
}

constexpr Argument group_or_all(std::string_view help) {
    return excludes(group_option(help), "all");
}

constexpr Argument all_or_group(std::string_view help) {
    return excludes(flag("all", 'a', "all", help), "group");
}

constexpr Argument task_ids(std::string_view help) {
    return list(position("task_ids", "TASK_IDS", ValueKind::task_id, help));
}

constexpr Argument task_id(std::string_view help) {
    return required(position("task_id", "TASK_ID", ValueKind::task_id, help));
}

constexpr Argument delay_option(std::string_view help) {
    return option("delay", 'd', "delay", "delay", ValueKind::delay, help);
}

constexpr Argument json_flag(std::string_view help) {
    return flag("json", 'j', "json", help);
}

constexpr std::string_view see_delay_format =
    "What can be written here is explained in the help of `enqueue`.";

constexpr Argument add_arguments[] = {
    trailing(position("command", "COMMAND", ValueKind::text, "The command to run")),
    option(
        "working_directory",
        'w',
        "working-directory",
        "working-directory",
        ValueKind::path,
        "Run the command in this directory instead of the current one"
    ),
    more(
        flag("escape", 'e', "escape", "Quote every word so that the shell takes it literally"),
        "Blanks, quotes, `&`, `$`, `*` and the like lose their meaning, so nothing of the shell's "
        "syntax (`&&`, pipes, redirections) can be used."
    ),
    excludes(
        flag("immediate", 'i', "immediate", "Start the task at once, whatever else is running"),
        "stashed",
        "delay"
    ),
    needs(
        excludes(
            flag("follow", 0, "follow", "Print the task's output until it ends"), "print_task_id"
        ),
        "immediate"
    ),
    more(
        excludes(
            flag("stashed", 's', "stashed", "Put the task aside until it is enqueued"), "immediate"
        ),
        "Keeps it from starting at once when there is a free slot."
    ),
    more(
        excludes(delay_option("Enqueue the task only after this time"), "immediate"),
        see_delay_format
    ),
    more(
        group_option("Put the task into this group"),
        "Groups are queues beside each other, each with its own number of parallel tasks. Without "
        "this option it is the group `default`. See `pueue group`."
    ),
    more(
        list(option(
            "after", 'a', "after", "after", ValueKind::task_id, "Wait for these tasks to succeed"
        )),
        "If one of them fails, this task fails too and never runs. Takes all ids that follow: end "
        "the list with `--` or another option."
    ),
    more(
        option(
            "priority",
            'o',
            "priority",
            "PRIORITY",
            ValueKind::priority,
            "Start before tasks with a lower number"
        ),
        "Tasks have priority 0 unless told otherwise. Write negative numbers as `--priority=-5`."
    ),
    more(
        option("label", 'l', "label", "LABEL", ValueKind::text, "Give the task a name"),
        "It is shown by `status`."
    ),
    more(
        excludes(
            flag("print_task_id", 'p', "print-task-id", "Print the new task's id and nothing else"),
            "follow"
        ),
        "For scripts, for example to use the id with `--after`."
    ),
    more(
        excludes(
            flag("idempotent", 0, "idempotent", "Do not add what is under way already"), "unique"
        ),
        "If the label has a task in this group that is not finished, with the same command and "
        "directory, that one is it. Short for `--id-conflict-policy use_existing`."
    ),
    more(
        flag("unique", 0, "unique", "Fail if the label is under way already"),
        "Short for `--id-conflict-policy fail`."
    ),
    more(
        option(
            "id_conflict_policy",
            0,
            "id-conflict-policy",
            "POLICY",
            ValueKind::text,
            "What to do if the label has a task that is not finished"
        ),
        "use_existing, allow or fail. The default for labels with an `@` is use_existing."
    ),
    more(
        option(
            "id_reuse_policy",
            0,
            "id-reuse-policy",
            "POLICY",
            ValueKind::text,
            "What to do if the label has only finished tasks"
        ),
        "allow_duplicate (the default), allow_duplicate_failed_only or reject_duplicate."
    ),
    option(
        "on_reject",
        0,
        "on-reject",
        "ACTION",
        ValueKind::text,
        "Whether a rejected reuse is an error (fail) or gives the old id (use_existing)"
    ),
};

constexpr Argument remove_arguments[] = {required(task_ids("The tasks to remove"))};

constexpr Argument switch_arguments[] = {
    required(position("task_id_1", "TASK_ID_1", ValueKind::task_id, "The first task")),
    required(position("task_id_2", "TASK_ID_2", ValueKind::task_id, "The second task")),
};

constexpr Argument stash_arguments[] = {
    task_ids("Stash these tasks"),
    group_or_all("Stash all queued tasks of this group"),
    all_or_group("Stash all queued tasks of all groups"),
    more(delay_option("Enqueue the tasks again after this time"), see_delay_format),
};

constexpr Argument enqueue_arguments[] = {
    task_ids("Enqueue these tasks"),
    group_or_all("Enqueue all stashed tasks of this group"),
    all_or_group("Enqueue all stashed tasks of all groups"),
    delay_option("Enqueue them only after this time (see below)"),
};

constexpr std::string_view delay_format = R"(TIMES:

    A plain number is a number of seconds from now. Anything else is read as a date, a time, or
    both; what is not said is taken from now. Some examples:

    3h                    // in three hours
    3600s                 // in 3600 seconds
    1d                    // tomorrow, at this time of the day
    1d 03:00              // tomorrow at three in the morning
    1 week                // in seven days, at this time of the day
    4 months              // in four months, at midnight
    wednesday             // the next Wednesday, at midnight
    wednesday 10:30pm     // the next Wednesday, in the evening
    18:30                 // today at half past six
    4/1                   // the first of April
    1 Apr 2030 20:30      // with the year and a time
    2030-4-1 5:30pm       // the same the other way round
    2030-04-01T18:30:00   // as computers write it
)";

constexpr Argument start_arguments[] = {
    more(
        task_ids("Start these tasks, paused ones continue"),
        "Queued and stashed tasks named here start at once, even if there is no free slot."
    ),
    group_or_all("Resume this group and its paused tasks"),
    all_or_group("Resume all groups and all paused tasks"),
    more(
        flag("force_attempt", 0, "force-attempt", "Give finished tasks another attempt"),
        "Also when a limit has stopped their restarts; their failures so far do not count any more."
    ),
};

constexpr Argument restart_arguments[] = {
    task_ids("Restart these finished tasks"),
    excludes(flag("all_failed", 'a', "all-failed", "Restart every failed task"), "failed_in_group"),
    excludes(
        option(
            "failed_in_group",
            'g',
            "failed-in-group",
            "FAILED_IN_GROUP",
            ValueKind::text,
            "Restart every failed task of this group"
        ),
        "all_failed"
    ),
    excludes(
        flag("immediate", 'k', "immediate", "Start the tasks at once, whatever else is running"),
        "stashed"
    ),
    more(
        excludes(
            flag("stashed", 's', "stashed", "Put the tasks aside instead of enqueueing them"),
            "immediate"
        ),
        "Gives time to change them before they run."
    ),
    more(
        flag("in_place", 'i', "in-place", "Run the same tasks again instead of copies of them"),
        "The id stays, and the output of the earlier attempt is kept beside the log. This is the "
        "default, unless `compat` in pueue.toml is \"strict\": then the setting `restart_in_place` "
        "decides."
    ),
    flag("not_in_place", 0, "not-in-place", "Add copies instead of running the same tasks again"),
    flag("edit", 'e', "edit", "Change the tasks in an editor before they are restarted"),
};

constexpr Argument pause_arguments[] = {
    more(task_ids("Pause these running tasks"), "The group they are in goes on."),
    group_or_all("Pause this group and its running tasks"),
    all_or_group("Pause all groups and all running tasks"),
    more(
        flag("wait", 'w', "wait", "Let running tasks finish, but start no more"),
        "Without it running processes are stopped until they are started again."
    ),
};

constexpr Argument kill_arguments[] = {
    task_ids("Kill these running tasks"),
    group_or_all("Kill all running tasks of this group and pause it"),
    all_or_group("Kill all running tasks and pause all groups"),
    more(
        option(
            "signal",
            's',
            "signal",
            "SIGNAL",
            ValueKind::signal,
            "Send this signal instead of killing the tasks"
        ),
        "One of sigint, sigkill, sigterm, sigcont, sigstop; also without `sig`, or as a number. "
        "Nothing is paused then, and what becomes of the task is up to it."
    ),
};

constexpr Argument send_arguments[] = {
    task_id("The running task"),
    required(position(
        "input", "INPUT", ValueKind::text, "What to write, exactly: no newline is added to it"
    )),
};

constexpr Argument edit_arguments[] = {
    more(
        task_ids("The tasks to change; they must be queued or stashed"),
        "They are locked until the editor closes."
    ),
};

constexpr Argument env_set_arguments[] = {
    task_id("The task; it must be queued or stashed"),
    required(position("key", "KEY", ValueKind::text, "The name of the variable")),
    required(position("value", "VALUE", ValueKind::text, "What it becomes")),
};

constexpr Argument env_unset_arguments[] = {
    task_id("The task; it must be queued or stashed"),
    required(position("key", "KEY", ValueKind::text, "The name of the variable")),
};

constexpr Argument group_arguments[] = {json_flag("Print the groups as JSON")};

constexpr Argument group_add_arguments[] = {
    required(position("name", "NAME", ValueKind::text, "The name of the new group")),
    more(
        option(
            "parallel",
            'p',
            "parallel",
            "PARALLEL",
            ValueKind::count,
            "How many of its tasks may run at once"
        ),
        "0 means as many as there are. Without this option it is one."
    ),
};

constexpr Argument group_remove_arguments[] = {
    required(position("name", "NAME", ValueKind::text, "The group; it must have no tasks")),
};

constexpr Argument status_arguments[] = {
    more(
        list(position("query", "QUERY", ValueKind::text, "What to show, and in which order")),
        "In this order, all optional:\n\n"
        "columns=COLUMN,COLUMN,… shows these columns only: id, status, command, label, path, "
        "enqueue_at, dependencies, start, end.\n\n"
        "Filters keep the tasks for which all of them hold: `status=running` (queued, stashed, "
        "running, paused, success, failed; also `!=`), `start>2024-01-31`, `end<10:30:00`, "
        "`enqueue_at=2024-01-31 10:30:00` (also `!=`), `label=TEXT`, `command%=TEXT` (`=` equal, "
        "`!=` different, `%=` contains). The text of a label or command reaches to the end of the "
        "query.\n\n"
        "order_by COLUMN [asc|desc] sorts, `first N` and `last N` limit how many are shown.\n\n"
        "Quote what the shell would take for itself: `pueue status 'start>10:30:00 order_by end'`."
    ),
    json_flag("Print everything as JSON, without the output of tasks"),
    group_option("Show this group only"),
};

constexpr Argument log_arguments[] = {
    task_ids("Show these tasks"),
    group_option("Show all tasks of this group"),
    flag("all", 'a', "all", "Show all tasks"),
    json_flag("Print tasks and output as JSON"),
    excludes(
        option(
            "lines",
            'l',
            "lines",
            "LINES",
            ValueKind::count,
            "Print only the last lines of each output, by default 15"
        ),
        "full"
    ),
    excludes(flag("full", 'f', "full", "Print the whole output"), "lines"),
};

constexpr Argument follow_arguments[] = {
    position(
        "task_id", "TASK_ID", ValueKind::task_id, "The task; needed only when several are running"
    ),
    option(
        "lines", 'l', "lines", "LINES", ValueKind::count, "Begin with the last lines of its output"
    ),
};

constexpr Argument wait_arguments[] = {
    task_ids("Wait for these tasks"),
    group_or_all("Wait for all tasks of this group"),
    all_or_group("Wait for all tasks"),
    flag("quiet", 'q', "quiet", "Do not report what happens meanwhile"),
    more(
        option(
            "status",
            's',
            "status",
            "STATUS",
            ValueKind::wait_status,
            "Wait until the tasks have this status, by default done"
        ),
        "One of done, success, queued, running. With `success` the command fails as soon as one of "
        "the tasks does."
    ),
};

constexpr Argument clean_arguments[] = {
    flag("successful_only", 's', "successful-only", "Keep the failed ones"),
    group_option("Clean this group only"),
};

constexpr Argument reset_arguments[] = {
    repeatable(option(
        "groups", 'g', "groups", "GROUPS", ValueKind::text, "Reset this group only, can be repeated"
    )),
    flag("force", 'f', "force", "Do not ask, even if tasks are running"),
};

constexpr Argument shutdown_arguments[] = {
    more(
        ours(flag("keep", 0, "keep", "Let running tasks run on")),
        "The next daemon takes them over. A daemon that cannot do this refuses, and goes on."
    ),
};

constexpr Argument parallel_arguments[] = {
    more(
        position(
            "parallel_tasks", "PARALLEL_TASKS", ValueKind::count, "How many tasks may run at once"
        ),
        "0 means as many as there are."
    ),
    option("group", 'g', "group", "group", ValueKind::text, "The group, by default `default`"),
};

constexpr Argument completions_arguments[] = {
    required(position("shell", "SHELL", ValueKind::shell, "The shell")),
    position(
        "output_directory",
        "OUTPUT_DIRECTORY",
        ValueKind::path,
        "Write the script into this directory instead of printing it"
    ),
};

constexpr Command simple(
    std::string_view name, std::string_view about, std::span<const Argument> arguments = {}
) {
    Command command;
    command.name = name;
    command.about = about;
    command.arguments = arguments;
    return command;
}

constexpr Command alias(Command command, std::string_view first, std::string_view second = "") {
    command.aliases = {first, second};
    return command;
}

constexpr Command more(Command command, std::string_view text) {
    command.more_about = text;
    return command;
}

constexpr Command shown_by(Command command, std::span<const std::string_view> examples) {
    command.examples = examples;
    return command;
}

constexpr Command followed_by(Command command, std::string_view text) {
    command.after_help = text;
    return command;
}

constexpr Command parent(Command command, std::span<const Command> subcommands, bool needed) {
    command.subcommands = subcommands;
    command.needs_subcommand = needed;
    return command;
}

constexpr Command env_commands[] = {
    simple("set", "Set a variable of a task", env_set_arguments),
    simple("unset", "Remove a variable of a task", env_unset_arguments),
};

constexpr Command group_commands[] = {
    simple("add", "Create a group", group_add_arguments),
    simple("remove", "Remove an empty group", group_remove_arguments),
};

constexpr std::string_view default_group_otherwise =
    "Without any argument it is about the group `default`.";

// What people copy: every line is a command line that is accepted.
constexpr std::string_view add_examples[] = {
    "pueue add make -j4",
    "pueue add --group import --label Lima -- './import Lima > lima.csv'",
    "pueue add --after 0 1 -- ./report",
    "pueue add --delay 'tomorrow 03:00' -- ./backup"};
constexpr std::string_view remove_examples[] = {"pueue remove 3 4"};
constexpr std::string_view switch_examples[] = {"pueue switch 3 7"};
constexpr std::string_view stash_examples[] = {
    "pueue stash 3", "pueue stash --group import --delay 2h"};
constexpr std::string_view enqueue_examples[] = {
    "pueue enqueue 3", "pueue enqueue --all --delay 18:30"};
constexpr std::string_view start_examples[] = {"pueue start 3", "pueue start --group import"};
constexpr std::string_view restart_examples[] = {
    "pueue restart --in-place 3", "pueue restart --all-failed --stashed"};
constexpr std::string_view pause_examples[] = {"pueue pause 3", "pueue pause --all --wait"};
constexpr std::string_view kill_examples[] = {
    "pueue kill 3", "pueue kill --group import", "pueue kill --signal sigint 3"};
constexpr std::string_view send_examples[] = {"pueue send 3 yes"};
constexpr std::string_view edit_examples[] = {"pueue edit 3 4"};
constexpr std::string_view env_examples[] = {"pueue env set 3 LANG C", "pueue env unset 3 LANG"};
constexpr std::string_view group_examples[] = {
    "pueue group", "pueue group add --parallel 4 import", "pueue group remove import"};
constexpr std::string_view status_examples[] = {
    "pueue status --group import",
    "pueue status status=failed order_by end desc",
    "pueue status columns=id,label,end 'start>10:30:00' last 5",
    "pueue status --json"};
constexpr std::string_view log_examples[] = {
    "pueue log 3", "pueue log --lines 50 3 4", "pueue log --group import --full"};
constexpr std::string_view follow_examples[] = {"pueue follow 3", "pueue follow --lines 20 3"};
constexpr std::string_view wait_examples[] = {
    "pueue wait 3 4", "pueue wait --all --status success --quiet"};
constexpr std::string_view clean_examples[] = {
    "pueue clean --successful-only", "pueue clean --group import"};
constexpr std::string_view reset_examples[] = {
    "pueue reset --groups import", "pueue reset --force"};
constexpr std::string_view shutdown_examples[] = {"pueue shutdown"};
constexpr std::string_view parallel_examples[] = {
    "pueue parallel 4", "pueue parallel --group import 0"};
constexpr std::string_view completions_examples[] = {
    "pueue completions bash ~/.local/share/bash-completion/completions", "pueue completions zsh"};

constexpr Command commands[] = {
    more(
        shown_by(simple("add", "Add a command to the queue", add_arguments), add_examples),
        "The words of the command are joined with blanks and given to the system's shell when its "
        "turn comes. What the shell must not see before that needs quotes:\n\n"
        "pueue add 'ls $HOME && echo \"Some string\"'"
    ),
    alias(
        shown_by(
            simple("remove", "Remove tasks that are not running", remove_arguments), remove_examples
        ),
        "rm"
    ),
    more(
        shown_by(
            simple("switch", "Swap the places of two tasks in the queue", switch_arguments),
            switch_examples
        ),
        "Only queued and stashed tasks have a place."
    ),
    more(
        shown_by(
            simple("stash", "Put tasks aside, so that they do not start", stash_arguments),
            stash_examples
        ),
        "`enqueue` brings them back. Without any argument all queued tasks of the group `default` "
        "are stashed."
    ),
    followed_by(
        more(
            shown_by(
                simple("enqueue", "Bring stashed tasks back into the queue", enqueue_arguments),
                enqueue_examples
            ),
            "Without any argument all stashed tasks of the group `default` are enqueued."
        ),
        delay_format
    ),
    more(
        shown_by(
            simple("start", "Start tasks, resume paused tasks and groups", start_arguments),
            start_examples
        ),
        default_group_otherwise
    ),
    alias(
        more(
            shown_by(
                simple("restart", "Run finished tasks again", restart_arguments), restart_examples
            ),
            "A copy of each task is added, unless they are restarted in place."
        ),
        "re"
    ),
    more(
        shown_by(simple("pause", "Pause tasks and groups", pause_arguments), pause_examples),
        "A paused group starts no tasks. Without any argument it is about the group `default`."
    ),
    more(
        shown_by(simple("kill", "Kill running tasks", kill_arguments), kill_examples),
        default_group_otherwise
    ),
    more(
        shown_by(
            simple("send", "Write something to the standard input of a task", send_arguments),
            send_examples
        ),
        "For instance the answer to a question it asks."
    ),
    more(
        shown_by(
            simple("edit", "Change queued or stashed tasks in an editor", edit_arguments),
            edit_examples
        ),
        "Command, path, label and priority can be changed. The editor is $EDITOR."
    ),
    parent(
        shown_by(simple("env", "Change the environment of a task"), env_examples),
        env_commands,
        true
    ),
    more(
        parent(
            shown_by(
                simple("group", "List, add and remove groups", group_arguments), group_examples
            ),
            group_commands,
            false
        ),
        "Without a subcommand the groups are listed."
    ),
    shown_by(
        simple("status", "Show the tasks and what they are doing", status_arguments),
        status_examples
    ),
    more(
        shown_by(simple("log", "Show the output of tasks", log_arguments), log_examples),
        "The last 15 lines of each, unless told otherwise. Without any argument it is about the "
        "group `default`."
    ),
    alias(
        more(
            shown_by(
                simple(
                    "follow", "Print the output of a running task as it comes", follow_arguments
                ),
                follow_examples
            ),
            "Ends with the task. Waits if it has not started yet."
        ),
        "fo"
    ),
    more(
        shown_by(simple("wait", "Wait until tasks are finished", wait_arguments), wait_examples),
        default_group_otherwise
    ),
    alias(
        shown_by(
            simple("clean", "Remove finished tasks from the list", clean_arguments), clean_examples
        ),
        "cleanup",
        "clear"
    ),
    shown_by(simple("reset", "Kill and remove all tasks", reset_arguments), reset_examples),
    more(
        shown_by(
            simple(
                "shutdown", "Stop the daemon, and with it all running tasks", shutdown_arguments
            ),
            shutdown_examples
        ),
        "A daemon that a service manager has started should be stopped by that."
    ),
    more(
        shown_by(
            simple("parallel", "Set how many tasks of a group run at once", parallel_arguments),
            parallel_examples
        ),
        "Without a number nothing is changed."
    ),
    more(
        shown_by(
            simple("completions", "Print a completion script for a shell", completions_arguments),
            completions_examples
        ),
        "Where such scripts belong is up to the shell."
    ),
};

constexpr Argument program_arguments[] = {
    repeatable(flag("verbose", 'v', "verbose", "Say more on stderr, up to -vvv")),
    [] {
        Argument color =
            option("color", 0, "color", "COLOR", ValueKind::color, "Whether to use colours");
        color.more_help = "`auto` means on a terminal only.";
        color.default_value = "auto";
        return color;
    }(),
    more(
        option("config", 'c', "config", "CONFIG", ValueKind::path, "Read this configuration file"),
        "Takes precedence over the environment variable PUEUE_CONFIG_PATH, which does the same."
    ),
    option(
        "profile",
        'p',
        "profile",
        "PROFILE",
        ValueKind::text,
        "Use this profile of the configuration file"
    ),
};

constexpr Command the_program = [] {
    Command command = parent(
        more(
            simple("pueue", "Talk to the Pueue daemon", program_arguments),
            "`pueue help COMMAND` explains each command in detail."
        ),
        commands,
        false
    );
    command.has_version = true;
    return command;
}();

constexpr Argument brief_help = flag("help", 'h', "help", "Print help");
constexpr Argument two_helps = more(
    flag("help", 'h', "help", "Print help (more of it with '--help')"), "(less of it with '-h')"
);
constexpr Argument version = flag("version", 'V', "version", "Print version");

constexpr Argument help_words[] = {
    list(position("command", "COMMAND", ValueKind::text, "Print help for the subcommand(s)")),
};
constexpr Command the_help =
    simple("help", "Print this message or the help of the given subcommand(s)", help_words);

constexpr std::string_view colors[] = {"auto", "never", "always"};
constexpr std::string_view shells[] = {"bash", "elvish", "fish", "power-shell", "zsh", "nushell"};
constexpr std::string_view signals[] = {"sigint", "sigkill", "sigterm", "sigcont", "sigstop"};
constexpr std::string_view wait_statuses[] = {"done", "success", "queued", "running"};

}  // namespace

const Command& program() {
    return the_program;
}

const Argument& help_argument(const Command& command) {
    return has_more_help(command) ? two_helps : brief_help;
}

const Argument& version_argument() {
    return version;
}

const Command& help_command() {
    return the_help;
}

std::span<const std::string_view> possible_values(ValueKind kind) {
    if (kind == ValueKind::color) {
        return colors;
    }
    if (kind == ValueKind::shell) {
        return shells;
    }
    return {};
}

std::span<const std::string_view> offered_values(ValueKind kind) {
    if (kind == ValueKind::signal) {
        return signals;
    }
    return kind == ValueKind::wait_status ? wait_statuses : possible_values(kind);
}

const Command* find_subcommand(const Command& command, std::string_view name) {
    if (name.empty() || command.subcommands.empty()) {
        return nullptr;
    }
    const auto found = std::find_if(
        command.subcommands.begin(),
        command.subcommands.end(),
        [&](const Command& sub) {
            return sub.name == name || sub.aliases[0] == name || sub.aliases[1] == name;
        }
    );
    if (found != command.subcommands.end()) {
        return &*found;
    }
    return name == the_help.name ? &the_help : nullptr;
}

const Argument* find_long(const Command& command, std::string_view name) {
    if (name.empty()) {
        return nullptr;
    }
    for (const Argument& argument : command.arguments) {
        if (argument.long_name == name) {
            return &argument;
        }
    }
    if (name == brief_help.long_name) {
        return &help_argument(command);
    }
    return command.has_version && name == version.long_name ? &version : nullptr;
}

const Argument* find_short(const Command& command, char name) {
    for (const Argument& argument : command.arguments) {
        if (argument.short_name == name && name != 0) {
            return &argument;
        }
    }
    if (name == brief_help.short_name) {
        return &help_argument(command);
    }
    return command.has_version && name == version.short_name ? &version : nullptr;
}

const Argument* find_argument(const Command& command, std::string_view id) {
    const auto found =
        std::find_if(command.arguments.begin(), command.arguments.end(), [&](const Argument& a) {
            return a.id == id;
        });
    return found == command.arguments.end() ? nullptr : &*found;
}

const Argument* positional(const Command& command, std::size_t index) {
    for (const Argument& argument : command.arguments) {
        if (argument.is_positional() && index-- == 0) {
            return &argument;
        }
    }
    return nullptr;
}

bool has_more_help(const Command& command) {
    return !command.more_about.empty() || !command.after_help.empty() ||
           !command.examples.empty() ||
           std::any_of(command.arguments.begin(), command.arguments.end(), [](const Argument& a) {
               return !a.more_help.empty() || !possible_values(a.kind).empty();
           });
}

}  // namespace pueue::client::cli
