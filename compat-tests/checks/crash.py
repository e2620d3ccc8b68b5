"""A daemon that dies between two commands of a script: the script must not notice."""

import os
import threading
from pathlib import Path

from harness import scenario
from harness.check import CheckFailed, expect
from harness.player import Player, Transcript, play
from harness.programs import Programs
from harness.verdict import judge

MAIN_JOB = Path(__file__).resolve().parent.parent / "scenarios" / "pipeline" / "main-job.txt"
# Numbers of commands of the script: among the adds, after the last one, between the waits.
CRASH_BEFORE = {8, 14, 20, 25, 29, 31}

# Stands in for `pueue`: says that a command is about to run, and waits for leave.
GATE = """\
#!/bin/sh
echo next > '{ask}'
read -r leave < '{answer}'
exec '{client}' "$@"
"""


class CrashingPlayer(Player):
    """Kills the daemon with SIGKILL and starts it again before some of the commands."""

    def __init__(self, one: scenario.Scenario, programs: Programs):
        super().__init__(one, programs)
        self.crashes = 0
        self.running_at_crash = 0
        self.problem: Exception | None = None

    def _make_path(self) -> str:
        directory = self.scratch / "bin"
        directory.mkdir()
        ask, answer = self.scratch / "ask", self.scratch / "answer"
        os.mkfifo(ask)
        os.mkfifo(answer)
        gate = directory / "pueue"
        gate.write_text(GATE.format(ask=ask, answer=answer, client=self.programs.client))
        gate.chmod(0o755)
        threading.Thread(target=self._guard, args=(ask, answer), daemon=True).start()
        return f"{directory}:/usr/bin:/bin"

    def _guard(self, ask: Path, answer: Path):
        command = 0
        while ask.read_text() == "next\n":
            command += 1
            if command in CRASH_BEFORE:
                try:
                    self._crash()
                except Exception as error:
                    self.problem = error
            answer.write_text("go\n")

    def _crash(self):
        tasks = self.daemon.state()["tasks"].values()
        self.running_at_crash += sum("Running" in task["status"] for task in tasks)
        self.daemon.kill()
        self.daemon.start()
        self.crashes += 1

    def clean_up(self):
        # Opened for reading too, so that this cannot block if the guard has gone.
        ask = os.open(self.scratch / "ask", os.O_RDWR | os.O_NONBLOCK)
        os.write(ask, b"end\n")
        os.close(ask)
        super().clean_up()


def main_job() -> scenario.Scenario:
    return scenario.load(MAIN_JOB)[0]


def script_does_not_notice_kill_9():
    """Same output, same states, same logs, and each task leaves exactly one mark."""
    undisturbed = play(main_job(), "O/O")
    expect(undisturbed.error is None, f"without a crash: {undisturbed.error}")
    player = CrashingPlayer(main_job(), Programs.of("O/O"))
    try:
        transcript = player.play()
    finally:
        player.clean_up()
    if player.problem is not None:
        raise CheckFailed(f"at crash {player.crashes + 1}: {player.problem}")
    expect_equal(undisturbed, transcript)
    expect(player.crashes == len(CRASH_BEFORE), f"only {player.crashes} crashes")
    expect(player.running_at_crash > 0, "no task ran at any of the crashes")


def expect_equal(wanted: Transcript, got: Transcript):
    verdict = judge(main_job(), "O/O", got, wanted)
    expect(verdict.passed, f"{verdict.why}\ndaemon's log:\n{got.log[-3000:]}")


CHECKS = [script_does_not_notice_kill_9]
