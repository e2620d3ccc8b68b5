"""The original and ours by turns in one directory, and restarts with tasks in every state."""

import copy
import gzip
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harness import sandbox
from harness.check import daemon_of, expect
from harness.daemon import Daemon
from harness.programs import our_directory, reference_directory

TASKS = 1000
DEADLINE_SECONDS = 20.0
LONG_AGO = "2026-03-01T10:00:00.123456789Z"
FAR_AWAY = "2140-07-01T00:00:00Z"
KILLED = "when it was killed"

WAITED = {"enqueued_at": LONG_AGO}
RAN = {"enqueued_at": LONG_AGO, "start": LONG_AGO}
RESULTS = ["Success", {"Failed": 3}, {"FailedToSpawn": 'no "such" file\n'}, "Killed", "Errored",
           "DependencyFailed"]
STATUSES = [
    {"Stashed": {"enqueue_at": None}},
    {"Stashed": {"enqueue_at": FAR_AWAY}},
    {"Queued": WAITED},
    {"Running": RAN},
    {"Paused": RAN},
    {"Locked": {"previous_status": {"Queued": WAITED}}},
    *({"Done": RAN | {"end": LONG_AGO, "result": result}} for result in RESULTS),
]


def seed() -> dict:
    """What an original has on disk that was killed in the middle of its work."""
    groups = {
        "default": {"status": "Running", "parallel_tasks": 1},
        "gpu": {"status": "Paused", "parallel_tasks": 2},
        "idle": {"status": "Running", "parallel_tasks": 0},
    }
    return {"tasks": {str(3 * n): seed_task(n) for n in range(TASKS)}, "groups": groups}


def seed_task(n: int) -> dict:
    return {
        "id": 3 * n,
        "created_at": LONG_AGO,
        "original_command": f"run {n}",
        "command": f"./run --number {n} 'ü\t\"'",
        "path": "/tmp/q",
        "envs": {"PATH": "/usr/bin:/bin", "NUMBER": str(n % 7), "TEXT": "\u0001\n\\ €😀"},
        "group": ["default", "gpu", "gone"][n % 5 % 3],
        "dependencies": [3 * (n - 5), 3 * (n - 1)] if n % 4 == 3 and n > 4 else [],
        "priority": n % 9 - 4,
        "label": f"label {n}" if n % 2 else None,
        "status": STATUSES[n % len(STATUSES)],
    }


def restored(before: dict) -> dict:
    """What the original makes of this at its start, whoever wrote it."""
    after = copy.deepcopy(before)
    for task in after["tasks"].values():
        if task["group"] not in after["groups"]:
            task["group"] = "default"
        (name, fields), = task["status"].items()
        if name in ("Running", "Paused"):
            task["status"] = {"Done": fields | {"end": KILLED, "result": "Killed"}}
        elif name == "Locked":
            task["status"] = {"Stashed": {"enqueue_at": None}}
        elif name == "Queued":
            after["groups"][task["group"]]["status"] = "Paused"
    return after


def live(daemon: Daemon, turn: str) -> dict:
    """Leaves a task in each status there is, in a group of its own. Result: everything then."""
    first = max(daemon.state()["tasks"], default=-1) + 1
    ask_all(daemon, [{"Group": {"Add": {"name": turn, "parallel_tasks": 0}}}, *adds(turn, first)])
    done_and_running = ["Done"] * 4 + ["Running"] * 2
    until(daemon, first, [*done_and_running, "Queued", "Stashed", "Stashed", "Stashed"])
    pause = {"Pause": {"tasks": {"TaskIds": [first + 5]}, "wait": False}}
    ask_all(daemon, [pause, {"EditRequest": [first + 9]}])
    ended = [*done_and_running[:5], "Paused", "Queued", "Stashed", "Stashed", "Locked"]
    return until(daemon, first, ended)


def adds(turn: str, first: int) -> Iterator[dict]:
    yield add(turn, f"echo done in {turn}")
    yield add(turn, "exit 3")
    yield add(turn, "echo never", dependencies=[first + 1])
    yield add(turn, "echo nowhere", path="/tmp/q/nowhere")
    yield add(turn, "sleep 600")
    yield add(turn, "sleep 600")
    yield add(turn, "echo later", dependencies=[first + 4], label=f"waits in {turn}")
    yield add(turn, "echo stashed", stashed=True, priority=-7)
    yield add(turn, "echo delayed", stashed=True, enqueue_at=FAR_AWAY)
    yield add(turn, "echo edited", stashed=True)


def ask_all(daemon: Daemon, requests: Iterable[dict]):
    with daemon.connect() as connection:
        for request in requests:
            reply = connection.ask(request)
            expect(isinstance(reply, dict) and "Failure" not in reply, f"{request}: {reply}")


def until(daemon: Daemon, first: int, wanted: list[str]) -> dict:
    """Waits for these statuses of the tasks from `first` on. Result: everything then."""
    give_up = time.monotonic() + DEADLINE_SECONDS
    while True:
        state = daemon.state()
        statuses = [next(iter(state["tasks"][first + i]["status"])) for i in range(len(wanted))]
        if statuses == wanted:
            return state
        expect(time.monotonic() < give_up, f"{statuses}, not {wanted}")
        time.sleep(0.05)


def add(group: str, command: str, **more) -> dict:
    return {
        "Add": {
            "command": command,
            "path": "/",
            "envs": {"PATH": "/usr/bin:/bin", "TURN": group},
            "start_immediately": False,
            "stashed": False,
            "group": group,
            "enqueue_at": None,
            "dependencies": [],
            "priority": None,
            "label": None,
        }
        | more
    }


def shut_down(daemon: Daemon):
    with daemon.connect() as connection:
        connection.ask({"DaemonShutdown": "Graceful"})
    daemon.process.wait(DEADLINE_SECONDS)


def expect_same(wanted: dict, got: dict, when: str):
    expect(wanted["groups"] == got["groups"], f"{when}: {wanted['groups']} != {got['groups']}")
    expect(wanted["tasks"].keys() == got["tasks"].keys(), f"{when}: other tasks")
    for id, task in wanted["tasks"].items():
        other = copy.deepcopy(got["tasks"][id])
        done = task["status"].get("Done", {})
        if done.get("end") == KILLED and "Done" in other["status"]:
            other["status"]["Done"]["end"] = KILLED
        expect(task == other, f"{when}: task {id}:\n{task}\nbecame\n{other}")


def by_turns(settings: dict[str, dict[str, str]], state_file: str):
    original = daemon_of(reference_directory(), settings)
    ours = daemon_of(our_directory(), settings)
    path = sandbox.ROOT / "data" / state_file
    original.start()
    original.stop()
    write_seed(path)
    before = {"tasks": {int(id): t for id, t in seed()["tasks"].items()}, "groups": seed()["groups"]}
    for turn, daemon, end in [
        ("first", original, Daemon.stop),
        ("second", ours, shut_down),
        ("third", original, shut_down),
        ("fourth", ours, Daemon.stop),
        ("fifth", ours, shut_down),
        ("sixth", original, Daemon.stop),
    ]:
        daemon.start()
        expect_same(restored(before), daemon.state(), f"the {turn} turn finds")
        before = live(daemon, turn)
        end(daemon)
        log = sandbox.ROOT / "data" / "task_logs" / f"{max(before['tasks']) - 9}.log"
        expect(log.read_text() == f"done in {turn}\n", f"{turn}: log {log.read_text()!r}")


def write_seed(path: Path):
    text = json.dumps(seed(), ensure_ascii=False).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def original_and_ours_by_turns():
    by_turns({}, "state.json")


def original_and_ours_by_turns_compressed():
    by_turns({"daemon": {"compress_state_file": "true"}}, "state.json.gz")


def restarted(programs: Path, end: Callable[[Daemon], None]) -> tuple[dict, dict]:
    """What the stock client shows before and after, of tasks in every status."""
    sandbox.kill_descendants()
    sandbox.empty()
    daemon = daemon_of(programs, {})
    daemon.start()
    live(daemon, "work")
    before = status_json()
    end(daemon)
    daemon.start()
    after = status_json()
    daemon.stop()
    return before, after


def status_json() -> dict:
    client = [reference_directory() / "pueue", "--config", sandbox.ROOT / "pueue.yml"]
    done = subprocess.run([*client, "status", "--json"], capture_output=True, check=True)
    return json.loads(done.stdout)


def without_chance(state: dict) -> dict:
    """Without times, and without numbers of workers: which are free depends on the time."""
    text = re.sub(r'"20\d\d-\d\d-\d\dT[^"]*"', '"{TS}"', json.dumps(state))
    return json.loads(re.sub(r'("PUEUE_WORKER_ID": )"\d+"', r'\1"{N}"', text))


def restart_after_shutdown():
    """The same from both."""
    of_original, of_ours = (
        restarted(programs, shut_down) for programs in (reference_directory(), our_directory())
    )
    for before, after in (of_original, of_ours):
        expect_same(restored(before), after, "after the restart")
    for original, ours in zip(of_original, of_ours):
        expect_same(without_chance(original), without_chance(ours), "the original's and ours")


def restart_after_kill():
    """The original loses what ran and pauses what waits; with ours nothing has changed."""
    before, after = restarted(reference_directory(), Daemon.kill)
    expect_same(restored(before), after, "after the original's restart")
    before, after = restarted(our_directory(), Daemon.kill)
    expect_same(before, after, "after our restart")


COMPARISONS = [
    original_and_ours_by_turns,
    original_and_ours_by_turns_compressed,
    restart_after_shutdown,
    restart_after_kill,
]
