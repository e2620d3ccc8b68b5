"""Help texts as data: which commands, arguments and options a program says it has."""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HEADING = re.compile(r"^(Commands|Arguments|Options):$")
COMMAND = re.compile(r"^  ([a-z][a-z-]*)(?:  |$)")
ARGUMENT = re.compile(r"^  ([<\[]\S+)")
OPTION = re.compile(r"^  (?=-|    --)(?:-(\w)(?:, )?|    )(?:--([\w-]+))?(\.\.\.)?(?: ([<\[]\S+))?")
VALUES = re.compile(r"\[possible values: ([^\]]+)\]")


@dataclass
class Help:
    """`options` are written as `-c, --config <CONFIG>`, in their order."""

    usage: str = ""
    commands: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    values: list[list[str]] = field(default_factory=list)

    def flags(self) -> list[str]:
        """Every spelling of an option, without values."""
        return [flag for option in self.options for flag in re.findall(r"--?[\w-]+", option)]


def parse(text: str) -> Help:
    found = Help()
    heading = ""
    for line in text.splitlines():
        if line.startswith("Usage: "):
            found.usage = line
        elif matched := HEADING.match(line):
            heading = matched[1]
        elif line and not line.startswith(" "):
            heading = ""
        elif heading == "Commands" and (matched := COMMAND.match(line)):
            found.commands.append(matched[1])
        elif heading == "Arguments" and (matched := ARGUMENT.match(line)):
            found.arguments.append(matched[1])
        elif heading == "Options" and (matched := OPTION.match(line)):
            short, name, many, value = matched.groups()
            words = [f"-{short}"] if short else []
            words += [f"--{name}{many or ''}"] if name else []
            found.options.append(", ".join(words) + (f" {value}" if value else ""))
    found.values = [matched.split(", ") for matched in VALUES.findall(text)]
    return found


def read_all(program: Path) -> dict[tuple[str, ...], Help]:
    """The long help of the program and of every command in it, by the words that lead to it."""
    helps: dict[tuple[str, ...], Help] = {}
    todo: list[tuple[str, ...]] = [()]
    while todo:
        words = todo.pop(0)
        done = subprocess.run(
            ["pueue", *words, "--help"],
            executable=program,
            env={"PATH": "/usr/bin:/bin", "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        helps[words] = parse(done.stdout)
        todo += [(*words, command) for command in helps[words].commands if command != "help"]
    return helps
