"""A disk that is full, or whose files disappear: nothing is lost, and running tasks never notice."""

import os
import shutil
import subprocess
import time
from contextlib import contextmanager

from harness import sandbox
from harness.check import expect, our_daemon
from harness.daemon import Daemon

GO = sandbox.ROOT / "go"
COMMAND_BYTES = 100_000


def is_survived_and_recovered_from():
    """Changes are refused with a reason, what runs goes on, and all is well when there is space."""
    daemon = our_daemon()
    with small_file_system(daemon.directory, "16m"):
        os.mkfifo(GO)
        daemon.start()
        said(daemon, add(f"read word < {GO}; exit 3"), "AddedTask")
        said(daemon, add("true"), "AddedTask")
        filler = fill(daemon.directory)
        while True:
            reply = ask(daemon, add("#" * COMMAND_BYTES, stashed=True))
            if "AddedTask" not in reply:
                break
        expect("No space left on device" in str(reply), f"the reason is missing: {reply}")
        known = len(daemon.state()["tasks"])
        refusal = said(daemon, add("true"), "Failure")
        expect("Nothing was changed" in refusal, f"not a refusal: {refusal}")
        expect(len(daemon.state()["tasks"]) == known, "a refused task was added")

        GO.write_text("go\n")
        wait_for(daemon, 0, "Done")
        expect(daemon.status_of(1) == "Queued", "a task was started that is on no record")

        filler.unlink()
        wait_for(daemon, 1, "Done")
        said(daemon, add("true"), "AddedTask")
        before = daemon.state()
        expect(len(before["tasks"]) == known + 1, "not every task is there")
        wait_for(daemon, known, "Done")
        before = daemon.state()
        daemon.kill()
        daemon.start()
        expect(daemon.state() == before, "the state is another one after a crash")


def kills_what_fills_it():
    daemon = our_daemon()
    with small_file_system(daemon.directory, "16m"):
        daemon.start()
        said(daemon, add("sleep 1000"), "AddedTask")
        fill(daemon.directory)
        while "AddedTask" in ask(daemon, add("#" * COMMAND_BYTES, stashed=True)):
            pass
        kill = {"Kill": {"tasks": {"TaskIds": [0]}, "signal": None}}
        reply = said(daemon, kill, "Failure")
        expect("in effect" in reply, f"the answer does not say what happened: {reply}")
        wait_for(daemon, 0, "Done")


def journal_is_written_again_when_it_was_removed():
    daemon = our_daemon()
    daemon.start()
    said(daemon, add("true"), "AddedTask")
    wait_for(daemon, 0, "Done")
    shutil.rmtree(daemon.directory / "journal")
    # The daemon may notice while some of it is still being removed, and needs a second try then.
    give_up = time.monotonic() + 30
    while "AddedTask" not in ask(daemon, add("true")):
        expect(time.monotonic() < give_up, "the journal is not written again")
        time.sleep(0.1)
    wait_for(daemon, 1, "Done")
    said(daemon, add("true", stashed=True), "AddedTask")
    before = daemon.state()
    daemon.kill()
    daemon.start()
    expect(daemon.state() == before, "the state is another one after a crash")


@contextmanager
def small_file_system(where, size: str):
    expect(os.geteuid() == 0, "only root can mount a small file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", where], check=True)
    try:
        yield
    finally:
        sandbox.kill_descendants()
        subprocess.run(["umount", "--lazy", where], check=True)


def fill(directory):
    filler = directory / "filler"
    with open(filler, "wb") as file:
        try:
            while True:
                file.write(bytes(65536))
                file.flush()
        except OSError:
            pass
    return filler


def ask(daemon: Daemon, request) -> dict:
    with daemon.connect() as connection:
        return connection.ask(request)


def said(daemon: Daemon, request, kind: str) -> str:
    reply = ask(daemon, request)
    expect(isinstance(reply, dict) and kind in reply, f"{kind} was expected: {reply}")
    return str(reply[kind])


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


def wait_for(daemon: Daemon, task_id: int, status: str):
    give_up = time.monotonic() + 30
    while daemon.status_of(task_id) != status:
        expect(time.monotonic() < give_up, f"task {task_id} does not become {status}")
        time.sleep(0.05)


CHECKS = [
    is_survived_and_recovered_from,
    kills_what_fills_it,
    journal_is_written_again_when_it_was_removed,
]
