"""Every command of our client succeeds in some scenario and fails in some."""

import shlex
from pathlib import Path

from harness import help_text, scenario
from harness.check import expect
from harness.programs import our_directory

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def recorded_ends() -> dict[str, set[int]]:
    """Exit codes by the words of the command; global options do not count."""
    ends: dict[str, set[int]] = {}
    for path in sorted(SCENARIOS.glob("*/*.txt")):
        for step in (step for one in scenario.load(path) for step in one.steps):
            if step.kind == "$" and step.expected is not None:
                words = shlex.split(step.argument)[1:3]
                for length in range(1, len(words) + 1):
                    ends.setdefault(" ".join(words[:length]), set()).add(step.expected.code)
    return ends


def has_every_command_succeed_and_fail():
    ends = recorded_ends()
    for words in help_text.read_all(our_directory() / "pueue"):
        if not words or words == ("env",):  # Not commands by themselves.
            continue
        codes = ends.get(" ".join(words), set())
        expect(0 in codes, f"{' '.join(words)} never succeeds: {sorted(codes)}")
        expect(bool(codes & {1, 2}), f"{' '.join(words)} never fails: {sorted(codes)}")


CHECKS = [has_every_command_succeed_and_fail]
