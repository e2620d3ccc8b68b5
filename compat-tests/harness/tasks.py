"""Tasks of a daemon, asked for over the wire: add, wait for a status, read a result."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from harness import sandbox
from harness.check import CheckFailed
from harness.daemon import Daemon

DEADLINE_SECONDS = 30.0


def request_add(command: str, group: str = "default", **fields) -> dict:
    return {
        "Add": {
            "command": command,
            "path": "/tmp/q",
            "envs": {"PATH": "/usr/bin:/bin"},
            "start_immediately": False,
            "stashed": False,
            "group": group,
            "dependencies": [],
            **fields,
        }
    }


def add(daemon: Daemon, command: str, group: str = "default", **fields) -> int:
    reply = ask(daemon, request_add(command, group, **fields))
    return reply["AddedTask"]["task_id"]


def ask(daemon: Daemon, request) -> dict:
    with daemon.connect() as connection:
        return connection.ask(request)


def allow_parallel(daemon: Daemon, count: int = 0):
    ask(daemon, {"Parallel": {"parallel_tasks": count, "group": "default"}})


def status(daemon: Daemon, task: int) -> str:
    return daemon.status_of(task)


def result(daemon: Daemon, task: int):
    """As the wire says it: "Success", {"Failed": 7}, …; None while it is not done."""
    done = daemon.state()["tasks"][task]["status"].get("Done")
    return done and done["result"]


def until(what: str, holds: Callable[[], object], seconds: float = DEADLINE_SECONDS):
    """The first true value. Orphans that come to this process are reaped meanwhile."""
    give_up = time.monotonic() + seconds
    while not (value := holds()):
        sandbox.reap()
        if time.monotonic() > give_up:
            raise CheckFailed(f"not within {seconds} s: {what}")
        time.sleep(0.01)
    return value


def until_status(daemon: Daemon, task: int, wanted: str):
    until(f"task {task} is {wanted}", lambda: status(daemon, task) == wanted)


def until_result(daemon: Daemon, task: int):
    return until(f"task {task} is done", lambda: result(daemon, task))


def keeper_of(daemon: Daemon) -> int:
    """The living keeper of the daemon's directory."""

    def named() -> int | None:
        try:
            lines = (daemon.directory / "keeper" / "info").read_text().splitlines()
        except OSError:
            return None
        pid = int(dict(line.split() for line in lines)["pid"])
        return pid if state_of(pid) not in ("Z", "") else None

    return until("there is a keeper", named)


def state_of(pid: int) -> str:
    """R, S, T, Z …; nothing if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def kill_keeper(daemon: Daemon) -> int:
    """Returns when it is dead, though perhaps not reaped."""
    keeper = keeper_of(daemon)
    os.kill(keeper, signal.SIGKILL)
    until("the keeper is dead", lambda: state_of(keeper) in ("Z", "X", ""))
    return keeper
