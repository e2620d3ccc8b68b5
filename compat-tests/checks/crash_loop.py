"""The daemon is killed again and again while it starts, kills and finishes tasks."""

import os
import random
import threading
import time

from harness import sandbox, tasks
from harness.check import expect, our_daemon
from harness.daemon import Daemon

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "200"))
# Rounds in one daemon directory, so that its journal is read back often, and not for ever longer.
ROUNDS_TOGETHER = 50
MARKS = sandbox.ROOT / "marks"
ENDS = {
    "exit 0": "Success",
    "exit 7": {"Failed": 7},
    "exit 143": {"Failed": 143},
    "exit 137": {"Failed": 137},
    "kill -9 $$": "Killed",
}


class Adder(threading.Thread):
    """Adds tasks until the daemon is gone. What it was not told about may exist or not."""

    def __init__(self, daemon: Daemon, first: int, chance: random.Random):
        super().__init__()
        self.daemon = daemon
        self.number = first
        self.chance = chance
        self.acknowledged: dict[int, tuple[int, str]] = {}
        self.killed: set[int] = set()

    def run(self):
        try:
            with self.daemon.connect() as connection:
                while True:
                    end = self.chance.choice(list(ENDS))
                    command = f"echo {self.number} >>{MARKS}; {end}"
                    self.number += 1
                    reply = connection.ask(tasks.request_add(command))
                    task = reply["AddedTask"]["task_id"]
                    self.acknowledged[task] = (self.number - 1, end)
                    if self.chance.random() < 0.1:
                        self.killed.add(task)
                        connection.ask({"Kill": {"tasks": {"TaskIds": [task]}, "signal": None}})
        except Exception:
            pass  # The daemon is dead, as it should be.


def runs_everything_once_with_true_exit_codes():
    """Each start leaves one line; a second line is a task that ran twice."""
    chance = random.Random(int(os.environ.get("CRASH_SEED", "1")))
    for begun in range(0, ROUNDS, ROUNDS_TOGETHER):
        some_rounds(chance, min(ROUNDS_TOGETHER, ROUNDS - begun))
        sandbox.kill_descendants()
        sandbox.empty()


def some_rounds(chance: random.Random, rounds: int):
    daemon = our_daemon()
    daemon.start()
    tasks.allow_parallel(daemon, 4)
    added: dict[int, tuple[int, str]] = {}
    killed: set[int] = set()
    number = 0
    for _ in range(rounds):
        adder = Adder(daemon, number, chance)
        adder.start()
        time.sleep(chance.uniform(0.001, 0.5))
        daemon.kill()
        adder.join()
        number = adder.number
        added |= adder.acknowledged
        killed |= adder.killed
        daemon.start()
    compare(daemon, added, killed)


def compare(daemon: Daemon, added: dict[int, tuple[int, str]], killed: set[int]):
    def all_done() -> bool:
        return all("Done" in task["status"] for task in daemon.state()["tasks"].values())

    tasks.until("every task is done", all_done, 120)
    state = daemon.state()
    expect(state["groups"]["default"]["status"] == "Running", "the group is paused")
    marks = MARKS.read_text().split()
    expect(len(marks) == len(set(marks)), f"ran twice: {sorted(twice(marks))}")
    marked = set(marks)
    for task, (number, end) in added.items():
        expect(task in state["tasks"], f"task {task} was acknowledged and is gone")
        result = state["tasks"][task]["status"]["Done"]["result"]
        if task in killed and result == "Killed":
            continue  # perhaps before its first command
        expect(result == ENDS[end], f"task {task}, {end}: {result}")
        expect(str(number) in marked, f"task {task} never ran: {result}")
    expect(len(added) > 2 * len(killed), f"{len(added)} added, {len(killed)} of them killed")


def twice(marks: list[str]) -> set[str]:
    return {mark for mark in marks if marks.count(mark) > 1}


CHECKS = [runs_everything_once_with_true_exit_codes]
