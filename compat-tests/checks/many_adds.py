"""Many clients add at the same time: each gets an id of its own, and nothing gets lost."""

import subprocess

from harness.check import expect, our_daemon
from harness.player import client_environment
from harness.programs import our_directory

ADDS = 2000
PROCESSES = 16


def through_xargs_have_ids_of_their_own():
    daemon = our_daemon()
    daemon.start()
    with daemon.connect() as connection:
        connection.ask({"Pause": {"tasks": {"Group": "default"}, "wait": False}})
    words = [our_directory() / "pueue", "add", "--print-task-id", "--", "echo"]
    done = subprocess.run(
        ["xargs", "-P", str(PROCESSES), "-n", "1", *words],
        input="\n".join(map(str, range(ADDS))),
        env=client_environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    expect(done.returncode == 0, f"exit code {done.returncode}")
    expect(done.stderr == "", f"stderr: {done.stderr[:500]}")
    ids = [int(line) for line in done.stdout.split()]
    expect(sorted(ids) == list(range(ADDS)), f"{len(ids)} ids, {len(set(ids))} different ones")
    commands = {task["command"] for task in daemon.state()["tasks"].values()}
    expect(commands == {f"echo {number}" for number in range(ADDS)}, f"{len(commands)} commands")


CHECKS = [through_xargs_have_ids_of_their_own]
