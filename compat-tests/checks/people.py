"""What our client says to people only: it is there where stderr is a terminal, and nowhere else."""

import os
import subprocess
from pathlib import Path

from harness import sandbox
from harness.check import expect, our_daemon
from harness.command import open_terminal
from harness.player import client_environment
from harness.programs import Programs

# Command lines, and what people are told.
HINTS = {
    "add -g imprt -- true": "tip: a similar group exists: 'import'",
    "status -g imprt": "tip: a similar group exists: 'import'",
    "pause -g imprt": "tip: a similar group exists: 'import'",
    "wait -g imprt": "tip: a similar group exists: 'import'",
    "wait 0 --quiet": "Failed: 0 (exit code 3)",
    "wait 0 --status success": "Failed: 0 (exit code 3)",
}


def prepared():
    daemon = our_daemon()
    daemon.start()
    run = ["pueue", "add", "--", "exit 3"]
    for words in (["pueue", "group", "add", "import"], run, ["pueue", "wait", "--quiet"]):
        code = client("O/O", words, subprocess.DEVNULL)[1]
        expect(code == 0, f"{words}: exit code {code}")


def client(pairing: str, words: list[str], stderr: int) -> tuple[bytes, int]:
    """stdout and the exit code."""
    done = subprocess.run(
        words,
        executable=Programs.of(pairing).client,
        env=client_environment(),
        cwd=sandbox.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        timeout=30,
    )
    return done.stdout, done.returncode


def said_to_people(words: list[str]) -> tuple[bytes, str]:
    master, slave = open_terminal(100)
    stdout, _ = client("O/O", words, slave)
    os.close(slave)
    # All of it is there: the program has ended.
    text = os.read(master, 65536).decode()
    os.close(master)
    return stdout, text


def said_to_scripts(pairing: str, words: list[str]) -> tuple[bytes, bytes, int]:
    path = Path(sandbox.ROOT) / "stderr"
    with open(path, "wb") as file:
        stdout, code = client(pairing, words, file.fileno())
    return stdout, path.read_bytes(), code


def are_told_more():
    prepared()
    for line, hint in HINTS.items():
        words = ["pueue", *line.split()]
        stdout, text = said_to_people(words)
        expect(hint in text, f"{line}: '{hint}' is not in: {text}")
        piped = said_to_scripts("O/O", words)
        expect(hint.encode() not in piped[1], f"{line}: scripts are told {piped[1]!r}")
        expect(stdout == piped[0], f"{line}: stdout differs: {stdout!r}")


def scripts_are_told_what_the_original_says():
    prepared()
    for line in HINTS:
        words = ["pueue", *line.split()]
        theirs, ours = said_to_scripts("R/O", words), said_to_scripts("O/O", words)
        expect(theirs == ours, f"{line}:\n- {theirs}\n+ {ours}")


CHECKS = [are_told_more]
COMPARISONS = [scripts_are_told_what_the_original_says]
