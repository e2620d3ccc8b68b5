"""The completion scripts, loaded into real shells and asked at every place of the command line."""

import shutil
import subprocess
from pathlib import Path

from harness import help_text, sandbox, shells
from harness.check import CheckFailed, expect
from harness.programs import our_directory


def prepared(shell: shells.Shell) -> Path:
    """A directory with our program and its script, written as a user would have it written."""
    if shutil.which(shell.name) is None:
        raise CheckFailed(f"{shell.name} is not installed (tools/install-deps test)")
    directory = sandbox.ROOT / shell.name
    directory.mkdir()
    (directory / "pueue").symlink_to(our_directory() / "pueue")
    (directory / "log.txt").touch()
    subprocess.run([directory / "pueue", "completions", shell.name, directory], check=True)
    return directory


def questions() -> dict[str, set[str]]:
    """Beginnings of command lines, and the words that have to be offered, all of them."""
    wanted: dict[str, set[str]] = {}
    for words, found in help_text.read_all(our_directory() / "pueue").items():
        line = " ".join(["pueue", *words, ""])
        if found.commands:
            wanted[line] = set(found.commands)
        wanted[line + "--"] = {flag for flag in found.flags() if flag.startswith("--")}
    return wanted | {
        "pueue --color ": {"auto", "never", "always"},
        "pueue --color never st": {"stash", "start", "status"},
        "pueue completions z": {"zsh"},
        "pueue completions ": {"bash", "elvish", "fish", "power-shell", "zsh", "nushell"},
        "pueue rm --": {"--help"},
        "pueue kill --signal ": {"sigint", "sigkill", "sigterm", "sigcont", "sigstop"},
        "pueue wait -s ": {"done", "success", "queued", "running"},
        "pueue --config log": {"log.txt"},
    }


def ask(name: str):
    shell = next(each for each in shells.SHELLS if each.name == name)
    wanted = questions()
    offered = shell.complete(prepared(shell), list(wanted))
    for line, words in wanted.items():
        # Some shells write an option that takes a value with its `=`, and some offer options where
        # nothing has been typed.
        found = {word.rstrip("=") for word in offered[line]}
        if line.endswith(" "):
            found = {word for word in found if not word.startswith("-")}
        expect(found == words, f"{name}, '{line}': offers {sorted(found)}, not {sorted(words)}")


def in_bash():
    ask("bash")


def in_zsh():
    ask("zsh")


def in_fish():
    ask("fish")


CHECKS = [in_bash, in_zsh, in_fish]
