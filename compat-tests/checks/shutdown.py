"""What is left after a shutdown: nothing."""

import signal
import time
from pathlib import Path

from harness import sandbox
from harness.check import expect, our_daemon
from harness.daemon import Daemon

DEADLINE_SECONDS = 15.0


def busy_daemon() -> Daemon:
    """Three tasks run, one of them with a process of its own in the background, one is paused."""
    daemon = our_daemon()
    daemon.start()
    with daemon.connect() as connection:
        connection.ask({"Parallel": {"parallel_tasks": 0, "group": "default"}})
        for command in ("sleep 600", "sleep 600 & sleep 600", "sleep 600"):
            connection.ask(
                {
                    "Add": {
                        "command": command,
                        "path": "/",
                        "envs": {"PATH": "/usr/bin:/bin"},
                        "start_immediately": True,
                        "stashed": False,
                        "group": "default",
                        "dependencies": [],
                    }
                }
            )
        connection.ask({"Pause": {"tasks": {"TaskIds": [2]}, "wait": False}})
    expect(daemon.status_of(2) == "Paused", "the third task is not paused")
    expect(len(sandbox.descendants()) > 4, "tasks do not run")
    return daemon


def expect_nothing_left(daemon: Daemon, code: int):
    give_up = time.monotonic() + DEADLINE_SECONDS
    while names := [name_of(pid) for pid in sandbox.descendants()]:
        daemon.process.poll()
        sandbox.reap()
        expect(time.monotonic() < give_up, f"still there: {names}")
        time.sleep(0.05)
    expect(daemon.process.returncode == code, f"exit code {daemon.process.returncode}, not {code}")
    for name in ("pueue.socket", "pueue.pid"):
        expect(not (daemon.directory / name).exists(), f"{name} is still there")


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "gone"


def request_leaves_nothing():
    daemon = busy_daemon()
    with daemon.connect() as connection:
        reply = connection.ask({"DaemonShutdown": "Graceful"})
    expect(reply == {"Success": "Daemon is shutting down"}, f"reply: {reply}")
    expect_nothing_left(daemon, 0)


def sigterm_leaves_nothing():
    daemon = busy_daemon()
    daemon.process.send_signal(signal.SIGTERM)
    expect_nothing_left(daemon, 0)


CHECKS = [request_leaves_nothing, sigterm_leaves_nothing]
