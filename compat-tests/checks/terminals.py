"""What people see: both clients in terminals of several widths, byte for byte, on one daemon."""

import time
from collections.abc import Iterator
from pathlib import Path

from harness import sandbox
from harness.check import expect, our_daemon
from harness.command import Command, Surroundings
from harness.daemon import Daemon, neutral_config, write_config
from harness.player import client_environment
from harness.programs import Programs

WIDTHS = (60, 80, 120, 200)
TASKS = 200
# Wide, combining, joined, without width, right to left, too long for a word; of every kind some.
WORDS = (
    "日本語のテキスト",
    "한국어 텍스트",
    "e\u0301te\u0301 a\u0308pfel n\u0303u",
    "👩‍👩‍👧‍👦 family",
    "🇩🇪🇯🇵",
    "👍🏽 ok",
    "☀️ 1️⃣",
    "zero\u200bwidth\u200djoined",
    "שלום עולם",
    "tab\there",
    "two\nlines",
    "x" * 130,
    "路径" * 45,
    "plain words that are long enough to be broken somewhere in the middle of a narrow column",
    "a",
)


def word(number: int) -> str:
    return WORDS[number % len(WORDS)]


def add(number: int) -> dict:
    """One of many tasks: most wait, every tenth one prints something and ends somehow."""
    runs = number % 10 == 0
    ending = f"exit {number % 3}"
    command = f"printf '%s\\n' '{word(number)}' '{word(number + 1)}'; {ending}"
    return {
        "command": command if runs else f"echo {word(number + 3)}",
        "path": f"/tmp/q/{word(number + 7)}" if number % 4 == 1 else "/tmp/q",
        "envs": {"PATH": "/usr/bin:/bin"},
        "start_immediately": runs,
        "stashed": not runs,
        "group": ("default", "späße", "空")[number % 3],
        "enqueue_at": f"{2030 + number % 9}-03-04T05:06:07Z" if number % 6 == 1 else None,
        "dependencies": [number - 1, number - 3] if number % 15 == 14 else [],
        "priority": number % 7 - 3 if number % 3 == 1 else 0,
        "label": word(number + 5) if number % 2 else None,
    }


def daemon_with_many_tasks() -> Daemon:
    daemon = our_daemon()
    daemon.start()
    with daemon.connect() as connection:
        for group in ("späße", "空"):
            connection.ask({"Group": {"Add": {"name": group, "parallel_tasks": 2}}})
        connection.ask({"Pause": {"tasks": {"Group": "空"}, "wait": False}})
        for number in range(TASKS):
            reply = connection.ask({"Add": add(number)})
            expect("AddedTask" in reply, f"task {number}: {reply}")
    give_up = time.monotonic() + 30
    while any("Running" in task["status"] for task in daemon.state()["tasks"].values()):
        expect(time.monotonic() < give_up, "tasks do not end")
        time.sleep(0.05)
    return daemon


COMMANDS = (
    ["status"],
    ["--color", "always", "status", "-g", "späße"],
    ["--color", "never", "status"],
    ["status", "columns=id,label,command,enqueue_at", "order_by", "label", "first", "40"],
    ["status", "status=failed"],
    ["status", "-g", "späße", "label%=本"],
    ["log", "--all"],
    ["log", "--all", "--lines", "1"],
    ["log", "0", "10", "20", "30", "--full"],
    ["--color", "never", "log", "-g", "späße"],
    ["log", "0", "1"],
    ["--color", "always", "group"],
)
SETTINGS: dict[str, dict[str, str]] = {
    "as they are": {},
    "dark, short, remote": {
        "dark_mode": "true",
        "max_status_lines": "2",
        "read_local_logs": "false",
        "status_time_format": '"%H.%M"',
    },
}


def both_see_the_same():
    daemon_with_many_tasks()
    compared = 0
    for settings, client in SETTINGS.items():
        config = sandbox.ROOT / "pueue.yml"
        write_config(config, neutral_config(sandbox.ROOT) | ({"client": client} if client else {}))
        for columns in (*WIDTHS, None):
            for command in COMMANDS:
                outputs = list(seen(command, columns))
                place = f"{settings}, {columns} columns, {' '.join(command)}"
                expect(outputs[0] == outputs[1], f"{place}:\n{difference(*outputs)}")
                expect(len(outputs[0][0] + outputs[0][1]) > 50, f"{place}: {outputs[0]}")
                compared += 1
    expect(compared == len(SETTINGS) * len(COMMANDS) * (len(WIDTHS) + 1), "some were left out")


def seen(words: list[str], columns: int | None) -> Iterator[tuple[bytes, bytes, int]]:
    """stdout, stderr and the exit code of the reference, then ours."""
    around = Surroundings(client_environment(), Path("/tmp/q"), columns)
    for pairing in ("R/O", "O/O"):
        command = Command.start(["pueue", *words], Programs.of(pairing).client, around)
        code = command.finish()
        yield bytes(command.stdout), bytes(command.stderr), code


def difference(wanted: tuple[bytes, bytes, int], found: tuple[bytes, bytes, int]) -> str:
    for ours, theirs in zip(found[:2], wanted[:2]):
        pairs = zip(theirs.split(b"\n"), ours.split(b"\n"))
        for number, (line, other) in enumerate(pairs):
            if line != other:
                return f"line {number}\n- {line.decode()!r}\n+ {other.decode()!r}"
    return f"- {wanted[2]}, {len(wanted[0])} bytes\n+ {found[2]}, {len(found[0])} bytes"


COMPARISONS = [both_see_the_same]
