"""Asks real shells what they would complete after a beginning of a command line.

Each `complete` takes the directory with `pueue` and its completion script, and a line; it returns
the words offered for the line's last word. Interactive shells run in a terminal, as for people.
"""

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DEADLINE_SECONDS = 20.0


class ShellError(Exception):
    """A shell that did not do what it was told."""


@dataclass(frozen=True)
class Shell:
    name: str  # as `pueue completions` calls it
    complete: Callable[[Path, list[str]], dict[str, set[str]]]


def environment(directory: Path) -> dict[str, str]:
    return {
        "PATH": f"{directory}:/usr/bin:/bin",
        "HOME": f"{directory}",
        "XDG_CONFIG_HOME": f"{directory}/config",
        "XDG_DATA_HOME": f"{directory}/data",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
    }


def run(command: list[str], directory: Path) -> str:
    done = subprocess.run(
        command,
        env=environment(directory),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    if done.returncode != 0 or done.stderr:
        raise ShellError(f"{command[0]}: exit code {done.returncode}: {done.stderr}")
    return done.stdout


# bash: the registered function is called with the variables the shell would give it.
BASH = """\
source ./pueue.bash
spec=$(complete -p pueue); name=${spec#*-F }; name=${name%% *}
while IFS= read -r line; do
    read -ra COMP_WORDS <<< "$line"
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
    "$name" pueue "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\t' "$line" "${COMPREPLY[@]}"
    echo
done < lines
"""


def complete_bash(directory: Path, lines: list[str]) -> dict[str, set[str]]:
    (directory / "lines").write_text("".join(line + "\n" for line in lines))
    said = run(["bash", "--norc", "-c", BASH], directory)
    answers = (row.split("\t") for row in said.splitlines())
    return {line: {word for word in words if word} for line, *words in answers}


def complete_fish(directory: Path, lines: list[str]) -> dict[str, set[str]]:
    """fish answers such questions itself."""
    (directory / "lines").write_text("".join(line + "\n" for line in lines))
    script = (
        "source ./pueue.fish; while read --local line; "
        "for offer in (complete -C $line); printf '%s\\t%s\\n' $line $offer; end; end < lines"
    )
    offers: dict[str, set[str]] = {line: set() for line in lines}
    for row in run(["fish", "--no-config", "-c", script], directory).splitlines():
        line, word, *_ = row.split("\t")
        offers[line].add(word)
    return offers


# zsh: a real one in a terminal. Instead of inserting something, the key writes what compadd was
# given, one word a line, to a file.
ZSH = """\
PS1='ready> '; unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste
fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
    local -a offered; local array
    if [[ ${@[(I)-[a-zA-Z]#O*]} -eq 0 && ${@[(I)-[a-zA-Z]#A*]} -eq 0 && \
          ${@[(I)-[a-zA-Z]#D*]} -eq 0 ]]; then
        builtin compadd -O offered "$@"
        print -rl -- $offered >> offers
    fi
    builtin compadd "$@"
}
show() { : > offers; zle complete-word; print -r -- done > told; zle -I; BUFFER='' }
zle -N show; bindkey '^I' show
zstyle ':completion:*' menu no
setopt no_beep no_list_beep extended_glob
"""


def complete_zsh(directory: Path, lines: list[str]) -> dict[str, set[str]]:
    (directory / ".zshrc").write_text(ZSH)
    os.mkfifo(directory / "told")
    terminal = Terminal(["zsh", "-d", "-i"], directory)
    try:
        terminal.read_until("ready> ")
        answers = {}
        for line in lines:
            terminal.send(line + "\t")
            terminal.read_from(directory / "told")
            answers[line] = set((directory / "offers").read_text().split("\n")) - {""}
        return answers
    finally:
        terminal.close()


def _read_if_any(descriptor: int) -> bytes:
    """A fifo is readable also when its last writer has gone, and may then get another one."""
    try:
        return os.read(descriptor, 100)
    except BlockingIOError:
        return b""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command: list[str], directory: Path):
        pid, self.master = pty.fork()
        if pid == 0:
            os.chdir(directory)
            os.execvpe(command[0], command, environment(directory))
        self.pid = pid
        self.said = b""

    def send(self, text: str):
        os.write(self.master, text.encode())

    def read_until(self, text: str):
        give_up = time.monotonic() + DEADLINE_SECONDS
        while text.encode() not in self.said:
            self._read(give_up)

    def read_from(self, fifo: Path):
        """Waits until the program has written to it; reads the terminal meanwhile."""
        give_up = time.monotonic() + DEADLINE_SECONDS
        descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        try:
            while True:
                ready, _, _ = select.select([descriptor, self.master], [], [], 0.1)
                if self.master in ready:
                    self._read(give_up)
                if descriptor in ready and _read_if_any(descriptor):
                    return
                self._check(give_up)
        finally:
            os.close(descriptor)

    def _read(self, give_up: float):
        self._check(give_up)
        if select.select([self.master], [], [], 0.1)[0]:
            try:
                self.said += os.read(self.master, 65536)
            except OSError:
                raise ShellError(f"the shell ended: {self.said[-500:]!r}") from None

    def _check(self, give_up: float):
        if time.monotonic() > give_up:
            raise ShellError(f"no answer, last words: {self.said[-500:]!r}")

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)


SHELLS = [
    Shell("bash", complete_bash),
    Shell("zsh", complete_zsh),
    Shell("fish", complete_fish),
]
