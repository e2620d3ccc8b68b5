"""A restart is the same task, with the unmodified client of 4.0.4 too: five clients that restart
whatever failed do not multiply it, and earlier attempts stay readable."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import sandbox
from harness.check import expect, our_daemon
from harness.programs import Programs

JOBS = 60
CLIENTS = 5
ROUNDS = 8
PATIENCE = 60.0


def run(client: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(sandbox.ROOT),
        "PUEUE_CONFIG_PATH": str(sandbox.ROOT / "pueue.yml"),
    }
    return subprocess.run(
        [client, *words], env=environment, cwd=sandbox.ROOT, capture_output=True, text=True
    )


def tasks(daemon) -> dict:
    return daemon.state()["tasks"]


def wait_until_all_failed(daemon):
    ends = time.monotonic() + PATIENCE
    while any("Done" not in task["status"] for task in tasks(daemon).values()):
        expect(time.monotonic() < ends, "the tasks do not end")
        time.sleep(0.02)


def restarts_do_not_multiply():
    for pairing in ("R/O", "O/O"):
        client = Programs.of(pairing).client
        if not os.access(client, os.X_OK):
            continue
        sandbox.kill_descendants()
        sandbox.empty()
        daemon = our_daemon()
        daemon.start()
        run(client, "parallel", "8")
        for job in range(JOBS):
            added = run(client, "add", "-p", "-l", f"JOB@{job}", "--", "echo $PUEUE_WORKER_ID; exit 1")
            expect(added.stdout == f"{job}\n", f"added {added.stdout!r} {added.stderr!r}")
        for _ in range(ROUNDS):
            wait_until_all_failed(daemon)
            with ThreadPoolExecutor(CLIENTS) as pool:
                said = list(pool.map(lambda _: run(client, "restart", "--all-failed"), range(CLIENTS)))
            for each in said:
                expect(each.returncode == 0, f"{pairing}: exit code {each.returncode}, {each.stdout}{each.stderr}")
        wait_until_all_failed(daemon)
        expect(len(tasks(daemon)) == JOBS, f"{pairing}: {len(tasks(daemon))} tasks of {JOBS}")
        daemon.stop()


def an_earlier_attempt_is_not_shown_as_the_new_one():
    for pairing in ("R/O", "O/O"):
        client = Programs.of(pairing).client
        if not os.access(client, os.X_OK):
            continue
        sandbox.kill_descendants()
        sandbox.empty()
        daemon = our_daemon()
        daemon.start()
        logs = sandbox.ROOT / "data" / "task_logs"
        run(client, "add", "--", "echo the old error; exit 1")
        wait_until_all_failed(daemon)
        run(client, "pause")
        said = run(client, "restart", "0")
        expect(said.stdout == "Restarted tasks: [0]\n", f"{pairing}: {said.stdout}{said.stderr}")
        shown = run(client, "log", "0")
        expect("the old error" not in shown.stdout.partition("output:")[2], f"{pairing}: {shown.stdout}")
        expect((logs / "0.log").read_text() == "", f"{pairing}: 0.log is not empty")
        expect((logs / "0.1.log").read_text() == "the old error\n", f"{pairing}: 0.1.log")
        run(client, "remove", "0")
        expect(list(logs.iterdir()) == [], f"{pairing}: {list(logs.iterdir())}")
        daemon.stop()


def a_submit_loop_can_run_twice():
    """15 tasks, same ids, by either client; then 16 clients add one identity at once."""
    for pairing in ("R/O", "O/O"):
        client = Programs.of(pairing).client
        if not os.access(client, os.X_OK):
            continue
        sandbox.kill_descendants()
        sandbox.empty()
        daemon = our_daemon()
        daemon.start()
        for _ in range(2):
            said = [run(client, "add", "-p", "-l", f"BTC@{i}", "--", "sleep 60") for i in range(15)]
            expect(
                [each.stdout for each in said] == [f"{i}\n" for i in range(15)],
                f"{pairing}: {[each.stdout + each.stderr for each in said]}",
            )
        for round_number in range(20):
            words = ["add", "-p", "-s", "-l", f"ROUND@{round_number}", "--", "true"]
            with ThreadPoolExecutor(16) as pool:
                said = list(pool.map(lambda _: run(client, *words), range(16)))
            expect(
                {each.stdout for each in said} == {f"{15 + round_number}\n"},
                f"{pairing}: {[each.stdout + each.stderr for each in said]}",
            )
        expect(len(tasks(daemon)) == 35, f"{pairing}: {len(tasks(daemon))} tasks")
        daemon.kill()


def a_task_that_always_fails_is_stopped_with_a_reason():
    for pairing in ("R/O", "O/O"):
        client = Programs.of(pairing).client
        if not os.access(client, os.X_OK):
            continue
        sandbox.kill_descendants()
        sandbox.empty()
        (sandbox.ROOT / "pueue.toml").write_text("[limits]\nstart_limit_burst = 3\n")
        daemon = our_daemon()
        daemon.start()
        run(client, "add", "--", "exit 1")
        for _ in range(2):
            wait_until_all_failed(daemon)
            expect(run(client, "restart", "0").returncode == 0, f"{pairing}: refused too early")
        wait_until_all_failed(daemon)
        daemon.kill()
        daemon.start()
        said = run(client, "restart", "--all-failed")
        expect(said.returncode == 1, f"{pairing}: exit code {said.returncode}")
        expect(
            "Task 0 has failed 3 times within 60 minutes (start_limit_burst)" in said.stderr,
            f"{pairing}: {said.stdout}{said.stderr}",
        )
        daemon.stop()


CHECKS = [
    a_submit_loop_can_run_twice,
    a_task_that_always_fails_is_stopped_with_a_reason,
    restarts_do_not_multiply,
    an_earlier_attempt_is_not_shown_as_the_new_one,
]
