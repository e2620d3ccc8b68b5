"""What is left after a shutdown: nothing."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from harness import sandbox, tasks
from harness.check import expect, our_daemon
from harness.daemon import Daemon
from harness.programs import our_directory, reference_directory

DEADLINE_SECONDS = 15.0


def busy_daemon(*options: str) -> Daemon:
    """Three tasks run, one of them with a process of its own in the background, one is paused."""
    daemon = our_daemon()
    daemon.options = list(options)
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


def tasks_are_kept(end: Callable[[Daemon], None], *options: str):
    """The daemon ends at once and leaves no socket; the next one finds the task running."""
    daemon = our_daemon()
    daemon.options = list(options)
    daemon.start()
    task = tasks.add(daemon, "read x; exit 7")
    tasks.until_status(daemon, task, "Running")
    process = sandbox.children(tasks.keeper_of(daemon))[0]
    end(daemon)
    tasks.until("the daemon ends", lambda: daemon.process.poll() is not None)
    expect(daemon.process.returncode == 0, f"exit code {daemon.process.returncode}")
    for name in ("pueue.socket", "pueue.pid"):
        expect(not (daemon.directory / name).exists(), f"{name} is still there")
    expect(tasks.state_of(process) == "S", "the task does not run on")
    daemon.start()
    expect(tasks.status(daemon, task) == "Running", "not Running for the next daemon")
    tasks.ask(daemon, {"Send": {"task_id": task, "input": "\n"}})
    expect(tasks.until_result(daemon, task) == {"Failed": 7}, "not Failed(7)")


def sigterm_keeps_tasks_if_told_to():
    tasks_are_kept(lambda daemon: daemon.process.terminate(), "--on-stop=keep")


def keep_keeps_tasks():
    def shutdown(daemon: Daemon):
        said = client(daemon, "shutdown", "--keep")
        expect(said.stdout == "Daemon is shutting down\n", f"shutdown --keep: {said}")

    tasks_are_kept(shutdown)


def client(daemon: Daemon, *words: str) -> subprocess.CompletedProcess:
    command = [our_directory() / "pueue", "--config", daemon.config, *words]
    return subprocess.run(command, capture_output=True, text=True, env=daemon.environment)


def shutdown_without_keep_kills_whatever_the_daemon_was_told():
    daemon = busy_daemon("--on-stop=keep")
    with daemon.connect() as connection:
        connection.ask({"DaemonShutdown": "Graceful"})
    expect_nothing_left(daemon, 0)


def daemon_ends_though_a_task_does_not_die():
    """Its keeper stands still, so no signal arrives. The next daemon finds the task."""
    daemon = our_daemon()
    daemon.start()
    task = tasks.add(daemon, "sleep 600")
    tasks.until_status(daemon, task, "Running")
    keeper = tasks.keeper_of(daemon)
    os.kill(keeper, signal.SIGSTOP)
    daemon.process.terminate()
    tasks.until("the daemon ends", lambda: daemon.process.poll() is not None)
    os.kill(keeper, signal.SIGCONT)
    daemon.start()
    expect(tasks.until_result(daemon, task) == "Killed", "the signal is lost")


def daemon_of_the_original_refuses_to_keep():
    """It knows no such word, and so does not kill what was to be kept."""
    reference = reference_directory() / "pueued"
    if not reference.exists():
        return
    daemon = our_daemon()
    daemon.program = reference
    daemon.start()
    task = tasks.add(daemon, "sleep 600")
    tasks.until_status(daemon, task, "Running")
    said = client(daemon, "shutdown", "--keep")
    expect(said.returncode != 0 and said.stderr, f"shutdown --keep: {said}")
    expect(tasks.status(daemon, task) == "Running", "the task does not run any more")


CHECKS = [
    request_leaves_nothing,
    sigterm_leaves_nothing,
    sigterm_keeps_tasks_if_told_to,
    keep_keeps_tasks,
    shutdown_without_keep_kills_whatever_the_daemon_was_told,
    daemon_ends_though_a_task_does_not_die,
    daemon_of_the_original_refuses_to_keep,
]
