"""An idle daemon sleeps: no timer, no polling, in none of its threads, and none in the keeper."""

import time
from pathlib import Path

from harness import sandbox
from harness.check import expect, our_daemon
from harness.daemon import Daemon

SETTLE_SECONDS = 2.0
WATCH_SECONDS = 10.0


def switches() -> dict[str, int]:
    """How often each thread below this process has gone to sleep of its own accord."""
    counts = {}
    for pid in sandbox.descendants():
        for status in Path(f"/proc/{pid}/task").glob("*/status"):
            fields = dict(
                line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
            )
            label = f"{fields['Name']} {pid}/{status.parent.name}"
            counts[label] = int(fields["voluntary_ctxt_switches"])
    return counts


def never_wakes_up():
    """After work, with a finished, a stashed, a delayed and a blocked task."""
    daemon = our_daemon()
    daemon.start()
    with daemon.connect() as connection:
        connection.ask(add("true"))
        connection.ask(add("false"))
        connection.ask(add("true", stashed=True))
        connection.ask(add("true", enqueue_at="2040-01-01T00:00:00Z"))
        connection.ask(add("true", dependencies=[2]))
    wait_until_done(daemon, 0, 1)
    time.sleep(SETTLE_SECONDS)
    before = switches()
    time.sleep(WATCH_SECONDS)
    after = switches()
    expect(bool(before), "no process to watch")
    woken = {name: count - before.get(name, 0) for name, count in after.items()}
    woken = {name: count for name, count in woken.items() if count}
    expect(not woken, f"woken in {WATCH_SECONDS} s: {woken}")


def add(command: str, **fields) -> dict:
    request = {
        "command": command,
        "path": "/tmp/q",
        "envs": {"PATH": "/usr/bin:/bin"},
        "start_immediately": False,
        "stashed": False,
        "group": "default",
        "dependencies": [],
    }
    return {"Add": request | fields}


def wait_until_done(daemon: Daemon, *task_ids: int):
    give_up = time.monotonic() + 20
    while not all(daemon.status_of(task_id) == "Done" for task_id in task_ids):
        expect(time.monotonic() < give_up, "tasks do not end")
        time.sleep(0.05)


CHECKS = [never_wakes_up]
